"""Guarding: a wave that surely goes worse than is tolerated is stopped by itself, once, in the way the team chose.

The test is true at every look (`statistics.e_value`), so it runs whenever something may have changed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.guard import ACTIONS, METRICS, Guardrail, Trip
from waitlist.models.hold import FREEZE, Hold, stage_hold
from waitlist.models.launch import Launch, locked
from waitlist.models.wave import Wave
from waitlist.services import alerting, braking, revoking, steering
from waitlist.services.braking import Level
from waitlist.services.recording import record
from waitlist.services.steering import WrongState


class BadGuardrail(ValueError):
    """A limit is a share above 0 and below the whole; metric and action are known words."""


@dataclass(frozen=True)
class Seen:
    """What was measured of a wave: `k` of `n` people have the trouble, and how strongly that speaks."""

    metric: str
    k: int
    n: int
    e: int


def guard(tx: Tx, launch: Launch, metric: str, limit_ppm: int, action: str, *, actor: Actor, now: datetime) -> None:
    """Act from now on when more than `limit_ppm` of a wave's people have this trouble. Raises BadGuardrail."""
    if metric not in METRICS or action not in ACTIONS or not 0 < limit_ppm < 1_000_000:
        raise BadGuardrail(metric)
    row = {"limit_ppm": limit_ppm, "action": action, "changed_at": now, "changed_by": str(actor)}
    statement = insert(tx, Guardrail).values(row | {"launch_id": launch.id, "metric": metric})
    tx.execute(statement.on_conflict_do_update(index_elements=["launch_id", "metric"], set_=row))
    data = {"metric": metric, "limit": limit_ppm, "action": action}
    record(tx, "guarding.changed", launch.id, ("launch", launch.id), actor, now, data)


def drop(tx: Tx, launch: Launch, metric: str, *, actor: Actor, now: datetime) -> bool:
    """Act on this trouble no more; says whether there was such a guardrail."""
    gone = sa.delete(Guardrail).where(Guardrail.launch_id == launch.id, Guardrail.metric == metric)
    if tx.execute(gone).rowcount == 0:
        return False
    record(tx, "guarding.dropped", launch.id, ("launch", launch.id), actor, now, {"metric": metric})
    return True


def trip(
    tx: Tx, launch: Launch, wave_id: int, guardrail: Guardrail, seen: Seen, *, actor: Actor, now: datetime
) -> bool:
    """Do what the guardrail says, once for this wave and trouble; says whether this call did it."""
    tx.execute(locked(launch.id))
    row = {"launch_id": launch.id, "wave_id": wave_id, "action": guardrail.action, "limit_ppm": guardrail.limit_ppm}
    claimed = insert(tx, Trip).values(row | vars(seen) | {"tripped_at": now})
    claimed = claimed.on_conflict_do_nothing(index_elements=["wave_id", "metric"])
    if tx.execute(claimed.returning(Trip.id)).scalar_one_or_none() is None:
        return False
    wave = one(tx, sa.select(Wave).where(Wave.id == wave_id))
    assert wave is not None, "the foreign key says so"
    reason = f"{seen.metric}: {seen.k} of {seen.n}, e = {seen.e}"
    data = {"metric": seen.metric, "k": seen.k, "n": seen.n, "e": seen.e, "action": guardrail.action}
    record(tx, "guarding.tripped", launch.id, ("wave", wave_id), actor, now, data)
    _ACTS[guardrail.action](tx, launch, wave, reason, actor, now)
    return True


def _warn(tx: Tx, _launch: Launch, wave: Wave, reason: str, actor: Actor, now: datetime) -> None:
    alerting.wave_warned(tx, wave, reason=reason, actor=actor, now=now)


def _pause(tx: Tx, launch: Launch, wave: Wave, reason: str, actor: Actor, now: datetime) -> None:
    try:
        steering.pause(tx, launch, wave.id, reason=reason, actor=actor, now=now)
    except WrongState:
        _warn(tx, launch, wave, reason, actor, now)  # everybody of it was written to: there is nothing left to pause


def _hold(tx: Tx, launch: Launch, wave: Wave, reason: str, actor: Actor, now: datetime) -> None:
    """Nobody new comes in by the stage: neither the rest of this wave nor the next one leaves."""
    if one(tx, stage_hold(wave.stage_id)) is None:
        row = {"public_id": codes.random_id("hld"), "launch_id": launch.id, "scope": "stage", "effect": FREEZE}
        row |= {"target_id": wave.stage_id, "source": "guardrail", "reason": reason}
        tx.execute(sa.insert(Hold).values(row | {"created_at": now, "created_by": str(actor)}))
    _warn(tx, launch, wave, reason, actor, now)


def _recall(tx: Tx, launch: Launch, wave: Wave, reason: str, actor: Actor, now: datetime) -> None:
    steering.recall(tx, launch, wave.id, tell=False, reason=reason, actor=actor, now=now)
    _hold(tx, launch, wave, reason, actor, now)


def _revoke(tx: Tx, launch: Launch, wave: Wave, reason: str, actor: Actor, now: datetime) -> None:
    revoking.revoke(tx, launch, wave.id, tell=False, reason=reason, actor=actor, now=now)
    _warn(tx, launch, wave, reason, actor, now)


def _kill(tx: Tx, launch: Launch, wave: Wave, reason: str, actor: Actor, now: datetime) -> None:
    braking.brake(tx, launch, Level.KILL, reason=reason, actor=actor, now=now)
    _warn(tx, launch, wave, reason, actor, now)


_ACTS: dict[str, Callable[[Tx, Launch, Wave, str, Actor, datetime], None]] = {
    "warn": _warn, "pause": _pause, "hold": _hold, "recall": _recall, "revoke": _revoke, "kill": _kill,
}  # fmt: skip
