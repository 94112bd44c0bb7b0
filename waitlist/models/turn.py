"""Whose turn it is: which stage another one follows, and what must still be so before it may start."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.stage import Stage
from waitlist.models.wave import Wave, WaveState

OPEN_WAVES = (WaveState.SCHEDULED, WaveState.HOLDING, WaveState.RELEASING, WaveState.PAUSED)


def before(plan: Sequence[Stage], stage: Stage) -> Stage | None:
    """The stage that this one follows: the last one ahead of it that was not passed over."""
    ahead = [other for other in plan if other.ordinal < stage.ordinal]
    return next((other for other in reversed(ahead) if other.ended_at is None or other.started_at is not None), None)


def missing_of(tx: Tx, stage: Stage | None, holds: Sequence[Hold], now: datetime) -> list[str]:
    """What must still be so of a stage before the next one may start: codes, in a fixed order."""
    if stage is None:
        return []
    if stage.started_at is None or stage.started_at > now:
        return ["start"]
    wants, missing = stage.exits, list[str]()
    if stage.dwell_from is not None and now < stage.dwell_from + timedelta(minutes=wants.get("minutes", 0)):
        missing.append("minutes")
    inside = sa.select(sa.func.count()).where(Admission.stage_id == stage.id)
    states = {"admitted": (AdmissionState.OFFERED, AdmissionState.ACTIVE), "redeemed": (AdmissionState.ACTIVE,)}
    for name, among in states.items():
        if wants.get(name) and (tx.scalar(inside.where(Admission.state.in_(among))) or 0) < wants[name]:
            missing.append(name)
    moving = sa.select(Wave.state).where(Wave.stage_id == stage.id, Wave.state.in_(OPEN_WAVES))
    states_now = list(tx.scalars(moving))
    if wants.get("ended") and (stage.ended_at is None or states_now):
        missing.append("ended")
    halted = WaveState.PAUSED in states_now or any(hold.target_id in (None, stage.id) for hold in holds)
    return [*missing, "clear"] if wants.get("clear") and halted else missing
