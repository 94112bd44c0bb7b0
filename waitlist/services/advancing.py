"""Advancing: stages start when their time has come, and one that releases is turned into waves, each of them once.

There is no second way to invite: a wave of a stage is confirmed, held, cut, paced and delivered like every other.
After downtime one wave is due at most, and the time to the next one begins anew.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from waitlist import failpoints
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one, some
from waitlist.models.condition import Circumstances, Condition, circumstances
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Launch, locked
from waitlist.models.stage import Approval, Stage, stages
from waitlist.models.turn import before, missing_of
from waitlist.models.wave import Wave, WaveMember, WaveState
from waitlist.moments import DAY, local_moment
from waitlist.services import releasing, seating, staging, windowing
from waitlist.services.gathering import Audience
from waitlist.services.recording import record
from waitlist.services.releasing import Offer, Terms
from waitlist.services.staging import Draft, NoSuchStage
from waitlist.services.timing import Timing

LATE = timedelta(minutes=5)  # who comes later than this begins to count anew
STOPS = (Condition.ARCHIVED, Condition.NOT_OPEN, Condition.PAUSED)


class OwnPlan(Exception):
    """Whoever planned a stage cannot approve its start."""


class TooEarly(Exception):
    """The stage before is not through; an approval now would be one of something else. `missing` says what."""

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(*missing)
        self.missing = tuple(missing)


def due(tx: Tx, now: datetime) -> list[tuple[int, int]]:
    """(launch id, stage id) of stages that may have something to do: a wave to make, or a turn that may have come."""
    wave = sa.and_(Stage.mode == "release", Stage.started_at <= now, Stage.next_at <= now)
    turn = sa.and_(Stage.starts == "after", Stage.started_at.is_(None))
    launched = sa.and_(Stage.mode == "open", Stage.kind == "everyone", Stage.started_at <= now)
    launched = sa.and_(launched, Launch.launched_at.is_(None), Stage.ordinal > 1)
    rows = tx.execute(
        sa.select(Stage.launch_id, Stage.id)
        .join(Launch, Launch.id == Stage.launch_id)
        .where(Launch.archived_at.is_(None), Stage.ended_at.is_(None), sa.or_(wave, turn, launched))
        .order_by(Stage.launch_id, Stage.ordinal)
    )
    return [(row.launch_id, row.id) for row in rows]


def advance(tx: Tx, launch_id: int, stage_id: int, *, hold: timedelta, actor: Actor, now: datetime) -> bool:
    """Start this stage if its turn has come, or make the wave that is due; says whether anything was done.

    `hold` is how long a wave can be undone where the stage does not say so itself.
    """
    launch = one(tx, locked(launch_id))
    assert launch is not None, "the foreign key says so"
    around = circumstances(tx, launch, now)
    if around.condition in STOPS or around.holds_effect("admit", stage_id):
        return False
    plan = some(tx, stages(launch_id))
    stage = next(stage for stage in plan if stage.id == stage_id)
    if stage.started_at is None:
        return _take_turn(tx, launch, stage, plan, around, actor=actor, now=now)
    if stage.mode == "open":
        return _launch(tx, launch, stage, actor=actor, now=now)
    return _fire(tx, launch, stage, hold, actor=actor, now=now)


def approve(tx: Tx, launch: Launch, key: str, *, actor: Actor, now: datetime) -> Stage:
    """Say yes to the start of a stage; the last yes it needs starts it.

    Raises NoSuchStage, OwnPlan, or TooEarly: what is approved is the step that is next, and nothing fires later.
    """
    tx.execute(locked(launch.id))
    plan = some(tx, stages(launch.id))
    stage = next((stage for stage in plan if stage.key == key and stage.starts == "approval"), None)
    if stage is None or stage.started_at is not None or stage.ended_at is not None:
        raise NoSuchStage(key)
    if stage.planned_by == str(actor):
        raise OwnPlan(key)
    if missing := missing_of(tx, before(plan, stage), circumstances(tx, launch, now).holds, now):
        raise TooEarly(missing)
    said = insert(tx, Approval).values(stage_id=stage.id, by=str(actor), at=now)
    tx.execute(said.on_conflict_do_nothing(index_elements=["stage_id", "by"]))
    given = tx.scalar(sa.select(sa.func.count()).where(Approval.stage_id == stage.id)) or 0
    data = {"stage": key, "given": given, "needed": stage.approvals}
    record(tx, "staging.approved", launch.id, ("launch", launch.id), actor, now, data)
    if given < stage.approvals:
        return stage
    started: Stage | None = one(tx, staging.begin(Stage.id == stage.id, now, actor))
    assert started is not None, "the launch is locked"
    data = {"stage": key, "ordinal": stage.ordinal, "starts_at": now.isoformat()}
    record(tx, "staging.started", launch.id, ("launch", launch.id), actor, now, data)
    return started


def _take_turn(
    tx: Tx, launch: Launch, stage: Stage, plan: Sequence[Stage], around: Circumstances, *, actor: Actor, now: datetime
) -> bool:
    last = before(plan, stage)
    begun = now if last is None else last.dwell_from or last.started_at
    if begun is None or now < begun + timedelta(minutes=stage.after_minutes):
        return False
    if stage.starts != "after" or missing_of(tx, last, around.holds, now):
        return False
    ahead = sa.and_(Stage.id == stage.id, Stage.started_at.is_(None), Stage.ended_at.is_(None))
    started = one(tx, staging.begin(ahead, now, actor))
    if started is not None:
        data = {"stage": stage.key, "ordinal": stage.ordinal, "starts_at": now.isoformat()}
        record(tx, "staging.started", launch.id, ("launch", launch.id), actor, now, data)
    return started is not None


def _launch(tx: Tx, launch: Launch, stage: Stage, *, actor: Actor, now: datetime) -> bool:
    """A launch is open to everybody since the stage for everybody started: doors said so by the stage at once."""
    values = {"launched_at": stage.started_at, "changed_at": now, "changed_by": str(actor)}
    still = sa.and_(Launch.id == launch.id, Launch.launched_at.is_(None))
    if tx.execute(sa.update(Launch).where(still).values(values)).rowcount == 0:
        return False
    record(tx, "launching.launched", launch.id, ("launch", launch.id), actor, now, {"stage": stage.key})
    return True


def _fire(tx: Tx, launch: Launch, stage: Stage, hold: timedelta, *, actor: Actor, now: datetime) -> bool:
    """Make the wave that is due. What cannot invite anybody now counts as a wave, too, or it would be tried forever."""
    opens = windowing.next_open(tx, launch.id, now)
    if opens > now:
        tx.execute(sa.update(Stage).where(Stage.id == stage.id, Stage.next_at <= now).values(next_at=opens))
        return False
    seating.reserve(tx, launch.id)
    claimed = claim(tx, launch, stage, now)
    if claimed is None:
        return False
    timing = Timing.from_json(claimed.timing)
    undo = hold if timing.hold is None else timedelta(minutes=timing.hold)
    name = claimed.name or claimed.key
    named = name if claimed.every_minutes is None else f"{name} {claimed.waves_made}"
    terms = Terms(digest=None, hold=undo, name=named, timing=timing, stage_no=claimed.waves_made)
    data: dict[str, Any] = {"stage": claimed.key, "number": claimed.waves_made}
    try:
        audience = audience_of(tx, claimed)
        wave = releasing.confirm(tx, launch, audience, offer_of(launch, claimed), terms, actor=actor, now=now)
        data["wave"] = wave.id
    except releasing.NobodyFits:
        data["wave"] = None
    record(tx, "staging.fired", launch.id, ("launch", launch.id), actor, now, data)
    if claimed.ended_at is not None:
        seating.reserve(tx, launch.id)  # what it did not need is free for everybody
        record(tx, "staging.ended", launch.id, ("launch", launch.id), actor, now, {"stage": claimed.key})
    failpoints.reached("stage.before_commit")
    return True


def claim(tx: Tx, launch: Launch, stage: Stage, now: datetime) -> Stage | None:
    """Take the wave that is due, once: whoever comes second finds the next one, which is not due."""
    number = stage.waves_made + 1
    is_last = stage.every_minutes is None or (stage.waves_most is not None and number >= stage.waves_most)
    values = {"waves_made": number, "next_at": None if is_last else next_after(stage, launch.tz, now)}
    if is_last:
        values["ended_at"] = now
    due_now = sa.and_(Stage.next_at <= now, Stage.waves_made == stage.waves_made, Stage.ended_at.is_(None))
    return one(tx, sa.update(Stage).where(Stage.id == stage.id, due_now).values(values).returning(Stage))


def next_after(stage: Stage, tz: str, now: datetime) -> datetime:
    """When the wave after this one is due. Whole days go by the wall clock, whatever daylight saving does."""
    every = timedelta(minutes=stage.every_minutes or 0)
    planned = stage.next_at if stage.next_at is not None and now - stage.next_at <= LATE else now
    if every % DAY == timedelta(0):
        return local_moment(planned.astimezone(ZoneInfo(tz)).replace(tzinfo=None) + every, tz)
    return planned + every


def audience_of(tx: Tx, stage: Stage) -> Audience:
    """Whom the next wave of a stage looks at."""
    return Audience(
        "stage",
        n=stage.quota,
        stage=stage.id,
        tree=stage.tree,
        selects=stage.selects,
        tag=stage.key if stage.selects == "manual" else "",
        share=stage.share_ppm,
        extra=_came_back(tx, stage) if stage.backfill else 0,
    )


def would_invite(rx: Tx, launch: Launch, draft: Draft, now: datetime) -> int:
    """How many people the first wave of a stage would invite, if it were due now: its dry run. Writes nothing."""
    tag = draft.key if draft.selects == "manual" else ""
    asked = {"n": draft.quota, "share": draft.share_ppm, "tree": draft.tree, "selects": draft.selects, "tag": tag}
    offer = Offer(launch.invite_days, launch.allowance, launch.lapse_policy)
    return len(releasing.preview(rx, launch, Audience("stage", **asked), offer, now=now).cut.chosen)  # type: ignore[arg-type]


def offer_of(launch: Launch, stage: Stage) -> Offer:
    """What its people get: the launch's own offer where the stage says nothing else."""
    usual = Offer(launch.invite_days, launch.allowance, launch.lapse_policy)
    return Offer(**usual.to_json() | stage.offer)


def _came_back(tx: Tx, stage: Stage) -> int:
    """People of its earlier waves who let their invite go, less those for whom somebody came in already."""
    waves = some(tx, sa.select(Wave).where(Wave.stage_id == stage.id, Wave.state != WaveState.DRAFT))
    ids = [wave.id for wave in waves]
    given = sa.and_(WaveMember.wave_id.in_(ids), WaveMember.outcome.in_(("planned", "invited", "recalled", "revoked")))
    planned = sa.and_(WaveMember.wave_id.in_(ids), WaveMember.outcome == "planned")
    holding = (AdmissionState.OFFERED, AdmissionState.ACTIVE)
    standing = sa.and_(Admission.wave_id.in_(ids), Admission.state.in_(holding))
    counts = [tx.scalar(sa.select(sa.func.count()).where(where)) or 0 for where in (given, planned, standing)]
    made_up_for: int = sum(wave.params["audience"].get("extra", 0) for wave in waves)
    return max(counts[0] - counts[1] - counts[2] - made_up_for, 0)
