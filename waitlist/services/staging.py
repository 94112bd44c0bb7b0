"""Staging: a launch opens step by step, each step to whom its rule admits: at a moment, after the one before, by hand.

An `open` stage lets in whoever passes, without a seat. A `release` stage invites by waves that the worker makes when
they are due (`advancing`). A `redeem` stage says whom invites that hold no seat yet may let in. What one gave stays.
"""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.gates import dump, parse
from waitlist.models.hold import FREEZE, Hold
from waitlist.models.launch import Launch, locked
from waitlist.models.stage import Approval, Stage, stages
from waitlist.services import contradicting, seating
from waitlist.services.launching import SLUG, BadSlug, NeedsProof
from waitlist.services.recording import record


class StageTaken(ValueError):
    """The launch has a stage of this key already."""


class NoSuchStage(LookupError):
    """The launch has no stage of this key in that state: it may have started, been paused or been taken back."""


class NeedsApproval(Exception):
    """The stage starts once others have said yes to it, not by hand."""


@dataclass(frozen=True)
class Draft:
    """A stage as somebody plans it; without `starts_at` it waits to be started by hand, unless `starts` says how.

    `tree` None: whoever the launch's own rules admit. The other names are those of the columns.
    """

    key: str
    tree: dict[str, Any] | None
    starts_at: datetime | None = None
    mode: str = "open"
    kind: str = ""  # the preset it came from
    name: str = ""
    selects: str = "fifo"
    quota: int | None = None
    share_ppm: int | None = None
    reserved_seats: int = 0
    backfill: bool = False
    starts: str = ""
    after_minutes: int = 0
    approvals: int = 0
    exits: dict[str, Any] = field(default_factory=dict)
    every_minutes: int | None = None
    waves_most: int | None = None
    timing: dict[str, Any] = field(default_factory=dict)
    offer: dict[str, Any] = field(default_factory=dict)

    def columns(self) -> dict[str, Any]:
        """What is stored of it."""
        gate = None if self.tree is None else parse(self.tree)
        values = {name: value for name, value in asdict(self).items() if name not in ("starts_at", "tree", "starts")}
        starts = self.starts or ("at" if self.starts_at is not None else "hand")
        kind = self.kind or ("rules" if gate is None else gate.kind)
        tree = None if gate is None else dump(gate)
        at = self.starts_at if starts == "at" else None
        due = at if self.mode == "release" else None
        return values | {
            "tree": tree, "kind": kind, "starts": starts, "started_at": at, "next_at": due, "dwell_from": at,
            "approvals": max(self.approvals, 1) if starts == "approval" else 0,
        }  # fmt: skip


def add(tx: Tx, launch: Launch, draft: Draft, *, actor: Actor, now: datetime) -> Stage:
    """Put a stage after the last one. Raises BadGate, BadSlug, StageTaken, NeedsProof or Contradiction."""
    tx.execute(locked(launch.id))
    before = some(tx, stages(launch.id))
    values = _checked(tx, launch, draft, before)
    if any(stage.key == draft.key for stage in before):
        raise StageTaken(draft.key)
    row = values | {"launch_id": launch.id, "ordinal": max((stage.ordinal for stage in before), default=0) + 1}
    row |= {"planned_by": str(actor), "started_by": str(actor)}
    made = one(tx, sa.insert(Stage).values(row).returning(Stage))
    assert made is not None, "INSERT ... RETURNING answers with its row"
    seating.reserve(tx, launch.id)
    _record(tx, launch, "added", made, actor, now)
    return made


def change(tx: Tx, launch: Launch, draft: Draft, *, actor: Actor, now: datetime) -> Stage:
    """Plan a stage anew: all of it while it is ahead, and how many it invites once it has started.

    One that made as many waves as it may now is through. Every approval is asked for again.
    Raises NoSuchStage, BadGate, NeedsProof or Contradiction.
    """
    tx.execute(locked(launch.id))
    plan = some(tx, stages(launch.id))
    found = next((stage for stage in plan if stage.key == draft.key and stage.ordinal > 1), None)
    if found is None or found.ended_at is not None:
        raise NoSuchStage(draft.key)
    values = _checked(tx, launch, draft, [stage for stage in plan if stage.ordinal < found.ordinal])
    if found.started_at is not None and found.started_at <= now:
        values = {name: value for name, value in values.items() if name in SIZES}
    is_through = values["waves_most"] is not None and found.waves_made >= values["waves_most"]
    if is_through:  # the wave that was due next would be one too many
        values |= {"ended_at": now, "next_at": None}
    values["planned_by"] = str(actor)
    changed = one(tx, sa.update(Stage).where(Stage.id == found.id).values(values).returning(Stage))
    assert changed is not None, "the launch is locked"
    tx.execute(sa.delete(Approval).where(Approval.stage_id == found.id))
    seating.reserve(tx, launch.id)
    _record(tx, launch, "changed", changed, actor, now)
    if is_through:
        _record(tx, launch, "ended", changed, actor, now)
    return changed


# What may change of a stage that has started.
SIZES = frozenset(
    {"name", "quota", "share_ppm", "reserved_seats", "backfill", "every_minutes", "waves_most", "timing", "offer"}
) | {"exits"}


def start(tx: Tx, launch: Launch, key: str, *, at: datetime | None = None, actor: Actor, now: datetime) -> Stage:
    """Start a stage now, or move its start to `at`, while it has not started. Raises NoSuchStage or NeedsApproval."""
    tx.execute(locked(launch.id))
    if tx.scalar(sa.select(Stage.id).where(_ahead(launch, key, now), Stage.starts == "approval")) is not None:
        raise NeedsApproval(key)
    return _claimed(tx, launch, "started", key, begin(_ahead(launch, key, now), at or now, actor), actor=actor, now=now)


def begin(which: sa.ColumnElement[bool], at: datetime, actor: Actor) -> Any:
    """The statement that starts a stage, whoever and whatever started it."""
    due = sa.case((Stage.mode == "release", sa.literal(at, Stage.next_at.type)))
    values = {"started_at": at, "started_by": str(actor), "dwell_from": at, "next_at": due}
    return sa.update(Stage).where(which).values(values).returning(Stage)


def withdraw(tx: Tx, launch: Launch, key: str, *, actor: Actor, now: datetime) -> Stage:
    """Take a stage back that has not started. Raises NoSuchStage."""
    tx.execute(locked(launch.id))
    ahead = one(tx, sa.select(Stage).where(_ahead(launch, key, now)))
    if ahead is None:
        raise NoSuchStage(key)
    tx.execute(sa.update(Stage).where(Stage.id == ahead.id).values(reserved_seats=0))
    seating.reserve(tx, launch.id)
    tx.execute(sa.delete(Approval).where(Approval.stage_id == ahead.id))
    gone = sa.delete(Stage).where(_ahead(launch, key, now)).returning(Stage)
    return _claimed(tx, launch, "withdrawn", key, gone, actor=actor, now=now)


def skip(tx: Tx, launch: Launch, key: str, *, actor: Actor, now: datetime) -> Stage:
    """Pass a stage over, or make no further wave of one that runs; whom it invited stays. Raises NoSuchStage."""
    here = sa.and_(Stage.launch_id == launch.id, Stage.key == key, Stage.ordinal > 1, Stage.ended_at.is_(None))
    runs = sa.and_(Stage.started_at.is_not(None), Stage.started_at <= now)
    may_end = sa.or_(sa.not_(runs), Stage.started_at.is_(None), Stage.mode == "release")
    started = sa.case((runs, Stage.started_at))
    ended = sa.update(Stage).where(here, may_end).values(ended_at=now, next_at=None, started_at=started)
    skipped = _claimed(tx, launch, "skipped", key, ended.returning(Stage), actor=actor, now=now)
    seating.reserve(tx, launch.id)
    return skipped


def pause(
    tx: Tx, launch: Launch, key: str, *, reason: str, public_reason: str = "", actor: Actor, now: datetime
) -> str:
    """Let nobody new in by this stage; returns the hold's public id. Raises NoSuchStage."""
    tx.execute(locked(launch.id))
    stage = one(tx, sa.select(Stage).where(Stage.launch_id == launch.id, Stage.key == key))
    if stage is None or tx.scalar(sa.select(Hold.id).where(_pauses(launch, stage))) is not None:
        raise NoSuchStage(key)
    public_id = codes.random_id("hld")
    row = {"public_id": public_id, "launch_id": launch.id, "scope": "stage", "target_id": stage.id, "effect": FREEZE}
    row |= {"source": "admin", "reason": reason, "public_reason": public_reason}
    tx.execute(sa.insert(Hold).values(row | {"created_at": now, "created_by": str(actor)}))
    _record(tx, launch, "paused", stage, actor, now)
    return public_id


def resume(tx: Tx, launch: Launch, key: str, *, actor: Actor, now: datetime) -> Stage:
    """End the pause of a stage. Raises NoSuchStage."""
    tx.execute(locked(launch.id))
    stage = one(tx, sa.select(Stage).where(Stage.launch_id == launch.id, Stage.key == key))
    if stage is None:
        raise NoSuchStage(key)
    ended = sa.update(Hold).where(_pauses(launch, stage)).values(released_at=now, released_by=str(actor))
    if tx.execute(ended).rowcount == 0:
        raise NoSuchStage(key)
    _record(tx, launch, "resumed", stage, actor, now)
    return stage


def _checked(tx: Tx, launch: Launch, draft: Draft, before: Any) -> dict[str, Any]:
    values = draft.columns()
    if not SLUG.fullmatch(draft.key):
        raise BadSlug(draft.key)
    if draft.tree is not None and parse(draft.tree).needs_mailbox and not launch.double_opt_in:
        raise NeedsProof
    contradicting.refuse(tx, launch, values, before)
    return values


def _ahead(launch: Launch, key: str, now: datetime) -> sa.ColumnElement[bool]:
    """An added stage that has not started; the first one of a launch starts with its opening."""
    not_yet = sa.and_(Stage.ended_at.is_(None), sa.or_(Stage.started_at.is_(None), Stage.started_at > now))
    return sa.and_(Stage.launch_id == launch.id, Stage.key == key, Stage.ordinal > 1, not_yet)


def _pauses(launch: Launch, stage: Stage) -> sa.ColumnElement[bool]:
    of_it = sa.and_(Hold.scope == "stage", Hold.target_id == stage.id, Hold.source.in_(("admin", "guardrail")))
    return sa.and_(Hold.launch_id == launch.id, of_it, Hold.released_at.is_(None))


def _claimed(tx: Tx, launch: Launch, verb: str, key: str, statement: Any, *, actor: Actor, now: datetime) -> Stage:
    tx.execute(locked(launch.id))
    stage: Stage | None = one(tx, statement)
    if stage is None:
        raise NoSuchStage(key)
    _record(tx, launch, verb, stage, actor, now)
    return stage


def _record(tx: Tx, launch: Launch, verb: str, stage: Stage, actor: Actor, now: datetime) -> None:
    starts = None if stage.started_at is None else stage.started_at.isoformat()
    data = {"stage": stage.key, "ordinal": stage.ordinal, "starts_at": starts}
    record(tx, f"staging.{verb}", launch.id, ("launch", launch.id), actor, now, data)
