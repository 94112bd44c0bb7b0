"""The rollout plan as the team sees it: every stage with how far it is, what it waits for, and who said yes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.hold import Hold, open_holds
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Launch, gate_in_force
from waitlist.models.message import Message
from waitlist.models.stage import Approval, Blackout, Stage, blackouts, stages
from waitlist.models.turn import before, missing_of
from waitlist.models.wave import Wave, WaveState

OPEN_END = timedelta(days=7)  # how far the picture shows a stage that has no end


@dataclass(frozen=True)
class Shown:
    """A stage: its state in a word (planned, scheduled, running, paused, done, skipped), and what became of it.

    `offered` people were invited or let in by it, `inside` of them are in. `starts_at` is known or reckoned: None where
    it waits for somebody. `missing` says what the stage before still lacks.
    """

    stage: Stage
    state: str
    hold: Hold | None
    missing: tuple[str, ...]
    approvals: tuple[str, ...]  # actors
    offered: int
    inside: int
    bounced: int
    waves: tuple[Wave, ...]
    starts_at: datetime | None
    ends_at: datetime | None

    @property
    def id(self) -> str:
        return self.stage.key

    @property
    def is_ahead(self) -> bool:
        return self.state in ("planned", "scheduled")


@dataclass(frozen=True)
class Plan:
    """All stages in order, the revision of the rules in force, and the blackouts that are not over."""

    stages: tuple[Shown, ...]
    revision: int
    blackouts: tuple[Blackout, ...]


def plan(rx: Tx, launch: Launch, now: datetime) -> Plan:
    """The plan of a launch as it stands."""
    rows, holds = some(rx, stages(launch.id)), some(rx, open_holds(launch.id))
    found: list[Shown] = []
    for stage in rows:
        found.append(_shown(rx, stage, rows, holds, found, now))
    ahead = some(rx, blackouts(launch.id).where(Blackout.ends_at > now))
    revision = rx.execute(gate_in_force(launch.id)).one().revision
    return Plan(tuple(found), revision, tuple(ahead))


def _shown(
    rx: Tx, stage: Stage, rows: Sequence[Stage], holds: Sequence[Hold], earlier: Sequence[Shown], now: datetime
) -> Shown:
    hold = next((one for one in holds if one.scope == "stage" and one.target_id == stage.id), None)
    state = _state(stage, hold, now)
    ahead = state in ("planned", "scheduled")
    waits = ahead and stage.starts in ("after", "approval")
    starts_at = stage.started_at or _reckoned(stage, earlier)
    waves = some(rx, sa.select(Wave).where(Wave.stage_id == stage.id, Wave.state != WaveState.DRAFT).order_by(Wave.seq))
    offered, inside = _people(rx, stage)
    failed = sa.select(sa.func.count()).where(Message.wave_id.in_([wave.id for wave in waves]))
    return Shown(
        stage=stage,
        state=state,
        hold=hold,
        missing=tuple(missing_of(rx, before(rows, stage), holds, now)) if waits else (),
        approvals=tuple(rx.scalars(sa.select(Approval.by).where(Approval.stage_id == stage.id).order_by(Approval.id))),
        offered=offered,
        inside=inside,
        bounced=rx.scalar(failed.where(Message.kind == "invite", Message.state == "failed")) or 0,
        waves=tuple(waves),
        starts_at=starts_at,
        ends_at=_end(stage, starts_at),
    )


def _state(stage: Stage, hold: Hold | None, now: datetime) -> str:
    if stage.ended_at is not None:
        return "skipped" if stage.started_at is None else "done"
    if stage.started_at is None:
        return "planned"
    if stage.started_at > now:
        return "scheduled"
    return "paused" if hold is not None else "running"


def _people(rx: Tx, stage: Stage) -> tuple[int, int]:
    mine = sa.select(sa.func.count(), sa.func.count().filter(Admission.state == AdmissionState.ACTIVE))
    offered, inside = rx.execute(mine.where(Admission.stage_id == stage.id)).one()
    return offered, inside


def _reckoned(stage: Stage, earlier: Sequence[Shown]) -> datetime | None:
    """When a stage that follows another one starts at the earliest, if all goes as planned."""
    last = next((shown for shown in reversed(earlier) if shown.state != "skipped"), None)
    if stage.ended_at is not None or stage.starts != "after" or last is None or last.starts_at is None:
        return None
    begun = last.stage.dwell_from or last.starts_at
    return begun + timedelta(minutes=max(stage.after_minutes, last.stage.exits.get("minutes", 0)))


def _end(stage: Stage, starts_at: datetime | None) -> datetime | None:
    if stage.ended_at is not None or starts_at is None:
        return stage.ended_at
    by_hand = stage.ordinal == 1 and not stage.quota and not stage.share_ppm
    if by_hand or stage.mode != "release" or (stage.every_minutes is not None and stage.waves_most is None):
        return None
    return starts_at + timedelta(minutes=(stage.every_minutes or 0) * ((stage.waves_most or 1) - 1))
