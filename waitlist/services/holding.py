"""Holding: somebody, or somebody with everyone who came through them, stands outside the line until it is released.

One statement marks them, however many they are, and the rows say which hold did it: releasing it frees exactly those,
but for whoever another hold still covers.
"""

from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models import launch as launches
from waitlist.models.entry import Entry, State
from waitlist.models.hold import SUSPEND, Hold
from waitlist.models.launch import Launch
from waitlist.models.rank import GAP_BITS
from waitlist.models.referral import whole_tree
from waitlist.services import branching, ranking, stepping
from waitlist.services.recording import record

CHUNK = 500


class NobodyToHold(Exception):
    """Nobody there, or everybody whom it would cover is on hold already."""


class NotHeld(LookupError):
    """No such hold on a person, or it was released before."""


def hold(
    tx: Tx, launch: Launch, entry_id: int, *, reason: str, subtree: bool = False, actor: Actor, now: datetime
) -> str:
    """Take somebody, with `subtree` and everybody below, out of 1..N; they keep their keys and cannot redeem.

    Returns the hold's public id. Raises NobodyToHold. Whoever comes through them later, or in this very moment, is held
    as well.
    """
    tx.execute(launches.locked(launch.id))
    if subtree:
        branching.keep_still(tx, launch.id)
    held = _insert(tx, launch, entry_id, "subtree" if subtree else "entry", reason, actor=actor, now=now)
    covered = Entry.id.in_(whole_tree(entry_id)) if subtree else Entry.id == entry_id
    people = tx.execute(
        sa.update(Entry)
        .where(Entry.launch_id == launch.id, covered, Entry.held_by.is_(None), Entry.state != State.REMOVED)
        .values(held_by=held.id)
    ).rowcount
    if people == 0:
        raise NobodyToHold
    ranking.came_or_went(tx, launch.id, Entry.held_by == held.id, -1)
    data = {"hold": held.public_id, "scope": held.scope, "people": people}
    record(tx, "holding.held", launch.id, ("entry", entry_id), actor, now, data, personal={"reason": reason})
    return held.public_id


def release(tx: Tx, launch: Launch, hold_public_id: str, *, actor: Actor, now: datetime) -> int:
    """Give everybody whom this hold took out their place back; returns how many are free. Raises NotHeld."""
    tx.execute(launches.locked(launch.id))
    held = one(
        tx,
        sa.update(Hold)
        .where(
            Hold.launch_id == launch.id,
            Hold.public_id == hold_public_id,
            Hold.scope.in_(("entry", "subtree")),
            Hold.released_at.is_(None),
        )
        .values(released_at=now, released_by=str(actor))
        .returning(Hold),
    )
    if held is None:
        raise NotHeld(hold_public_id)
    _hand_over(tx, launch, held)
    people = _free_moved(tx, held) + _free_others(tx, launch, held)
    data = {"hold": held.public_id, "people": people}
    record(tx, "holding.released", launch.id, ("entry", held.target_id), actor, now, data)
    return people


def _insert(tx: Tx, launch: Launch, entry_id: int, scope: str, reason: str, *, actor: Actor, now: datetime) -> Hold:
    row = {
        "public_id": codes.random_id("hld"),
        "launch_id": launch.id,
        "scope": scope,
        "target_id": entry_id,
        "effect": SUSPEND,
        "source": "admin",
        "reason": reason,
        "created_at": now,
        "created_by": str(actor),
    }
    held = one(tx, sa.insert(Hold).values(row).returning(Hold))
    assert held is not None, "INSERT ... RETURNING answers with its row"
    return held


def _hand_over(tx: Tx, launch: Launch, held: Hold) -> None:
    """Whom another open hold covers as well stays out, by that one from now on."""
    still = (Hold.launch_id == launch.id, Hold.released_at.is_(None))
    entry_hold = sa.select(sa.func.min(Hold.id)).where(*still, Hold.scope == "entry", Hold.target_id == Entry.id)
    own = entry_hold.correlate(Entry).scalar_subquery()
    mine = sa.update(Entry).where(Entry.held_by == held.id)
    tx.execute(mine.where(own.is_not(None)).values(held_by=own))
    for other in some(tx, sa.select(Hold).where(*still, Hold.scope == "subtree").order_by(Hold.id)):
        tx.execute(mine.where(Entry.id.in_(whole_tree(other.target_id or 0))).values(held_by=other.id))


def _free_moved(tx: Tx, held: Hold) -> int:
    """One by one: somebody else may have been moved to the very key that these people had."""
    by_hand = Entry.rank_key.op("&")((1 << GAP_BITS) - 1) != 0
    query = sa.select(Entry).where(Entry.held_by == held.id, by_hand).order_by(Entry.id).limit(CHUNK)
    freed = 0
    while people := some(tx, query.with_for_update(key_share=True)):
        for person in people:
            stepping.back(tx, person, held_by=None)
        freed += len(people)
    return freed


def _free_others(tx: Tx, launch: Launch, held: Hold) -> int:
    ranking.came_or_went(tx, launch.id, Entry.held_by == held.id, 1)
    return tx.execute(sa.update(Entry).where(Entry.held_by == held.id).values(held_by=None)).rowcount
