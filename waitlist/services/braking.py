"""Braking: three levels of stop on a whole launch, each a hold on record, each with an exact inverse.

`freeze` stops admissions; `suspend` also redemptions, and the clock of every invite; `kill` also answers every product
that nobody may in. None of them touches the ledger, so what is lifted is as it was.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models import hold as holds
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch, locked
from waitlist.services import extending
from waitlist.services.recording import record


class Level(StrEnum):
    FREEZE = "freeze"
    SUSPEND = "suspend"
    KILL = "kill"


EFFECTS = {Level.FREEZE: holds.FREEZE, Level.SUSPEND: holds.SUSPEND, Level.KILL: holds.KILL}
BRAKED = {Level.FREEZE: "launching.frozen", Level.SUSPEND: "launching.paused", Level.KILL: "launching.killed"}
LIFTED = {Level.FREEZE: "launching.resumed", Level.SUSPEND: "launching.resumed", Level.KILL: "launching.unkilled"}


class NotBraked(Exception):
    """There is no such stop to end."""


def brake(
    tx: Tx, launch: Launch, level: Level, *, reason: str, public_reason: str = "", actor: Actor, now: datetime
) -> str | None:
    """Stop the launch at this level; returns the hold's public id, or None when it is stopped so already."""
    tx.execute(locked(launch.id))
    if _open(tx, launch, [level]):
        return None
    public_id = codes.random_id("hld")
    row = {"scope": "launch", "source": "admin", "effect": EFFECTS[level], "created_at": now, "created_by": str(actor)}
    said = {"public_id": public_id, "launch_id": launch.id, "reason": reason, "public_reason": public_reason}
    tx.execute(sa.insert(Hold).values(row | said))
    record(tx, BRAKED[level], launch.id, ("launch", launch.id), actor, now, {"hold": public_id, "reason": reason})
    return public_id


def lift(tx: Tx, launch: Launch, levels: Sequence[Level], *, actor: Actor, now: datetime) -> int:
    """End the stops of these levels; invites get back the time they lost. Returns how many moved; raises NotBraked."""
    tx.execute(locked(launch.id))
    braked = _open(tx, launch, levels)
    if not braked:
        raise NotBraked
    moved = 0
    for level, hold in braked:
        ended = sa.update(Hold).where(Hold.id == hold.id, Hold.released_at.is_(None))
        released = one(tx, ended.values(released_at=now, released_by=str(actor)).returning(Hold))
        assert released is not None, "the launch is locked"
        extended = extending.make_up_for(tx, launch.id, released, now)
        data = {"hold": released.public_id, "moved": extended}
        record(tx, LIFTED[level], launch.id, ("launch", launch.id), actor, now, data)
        moved += extended
    return moved


def _open(tx: Tx, launch: Launch, levels: Sequence[Level]) -> list[tuple[Level, Hold]]:
    query = sa.select(Hold).where(
        Hold.launch_id == launch.id, Hold.scope == "launch", Hold.source == "admin", Hold.released_at.is_(None)
    )
    return [(level, hold) for hold in some(tx, query) for level in levels if hold.effect == EFFECTS[level]]
