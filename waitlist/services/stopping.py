"""Stopping: a hold on one stage, or on everybody whom a rule means, at one of three levels; each with its inverse."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.gates import dump, parse
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch, locked
from waitlist.models.stage import Stage
from waitlist.services.braking import EFFECTS, Level
from waitlist.services.recording import record


class NoSuchTarget(LookupError):
    """The launch has no such stage."""


class NotStopped(LookupError):
    """There is no such hold, or it is over."""


def stop(
    tx: Tx,
    launch: Launch,
    level: Level,
    *,
    stage_key: str | None = None,
    predicate: dict[str, Any] | None = None,
    reason: str,
    public_reason: str = "",
    actor: Actor,
    now: datetime,
) -> str:
    """Hold a stage (by its key), or everybody a rule means; returns the hold's public id.

    Whoever may be meant, as long as it is not known, is not let in anew either; what is taken away is taken only from
    those who surely are. Raises NoSuchTarget or BadGate.
    """
    tx.execute(locked(launch.id))
    public_id = codes.random_id("hld")
    row = {"public_id": public_id, "launch_id": launch.id, "source": "admin", "effect": EFFECTS[level]}
    row |= {"reason": reason, "public_reason": public_reason, "created_at": now, "created_by": str(actor)}
    if predicate is not None:
        row |= {"scope": "predicate", "predicate": dump(parse(predicate))}
    else:
        row |= {"scope": "stage", "target_id": _stage(tx, launch, stage_key)}
    tx.execute(sa.insert(Hold).values(row))
    data = {"hold": public_id, "level": level.value, "stage": stage_key, "predicate": row.get("predicate")}
    record(tx, "stopping.stopped", launch.id, ("launch", launch.id), actor, now, data | {"reason": reason})
    return public_id


def go_on(tx: Tx, launch: Launch, public_id: str, *, actor: Actor, now: datetime) -> Hold:
    """End a hold on a stage or on those whom a rule means. Raises NotStopped."""
    tx.execute(locked(launch.id))
    here = sa.and_(Hold.launch_id == launch.id, Hold.public_id == public_id, Hold.released_at.is_(None))
    ended = sa.update(Hold).where(here, Hold.scope.in_(("stage", "predicate")))
    released = one(tx, ended.values(released_at=now, released_by=str(actor)).returning(Hold))
    if released is None:
        raise NotStopped(public_id)
    record(tx, "stopping.ended", launch.id, ("launch", launch.id), actor, now, {"hold": public_id})
    return released


def _stage(tx: Tx, launch: Launch, key: str | None) -> int:
    found = tx.scalar(sa.select(Stage.id).where(Stage.launch_id == launch.id, Stage.key == key))
    if found is None:
        raise NoSuchTarget(key)
    return found
