"""Withdrawing: every offer that is bound to one person ends."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource, meant_for
from waitlist.models.launch import Launch
from waitlist.services import ending, seating


def decline(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> int:
    """The person turns down what the team offered, and has left; a friend's invite is the friend's and stays.

    Returns how many ended.
    """
    theirs = _open(tx, launch, entry_id, Invite.source != InviteSource.MEMBER)
    return sum(
        ending.end(tx, launch, invite, ending.TURNED_DOWN, actor=actor, now=now, declined_at=now) is not None
        for invite in theirs
    )


def revoke(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> int:
    """The team takes back every invite that is bound to the person, a friend's as well. Returns how many ended."""
    taken = {"revoked_at": now, "revoked_by": str(actor)}
    return sum(
        ending.end(tx, launch, invite, ending.WITHDRAWN, actor=actor, now=now, **taken) is not None
        for invite in _open(tx, launch, entry_id, sa.true())
    )


def _open(tx: Tx, launch: Launch, entry_id: int, which: sa.ColumnElement[bool]) -> list[Invite]:
    # The seat first, as in a wave's chunk: no offer can slip in between this and the lock on the entry.
    seating.lock(tx, launch.id)
    entry = one(tx, sa.select(Entry).where(Entry.id == entry_id, Entry.launch_id == launch.id))
    if entry is None:
        return []
    bound = meant_for(launch.id, entry.id, [entry.email_key])
    query = sa.select(Invite).where(bound, which, Invite.ended_at.is_(None))
    return list(some(tx, query.where(Invite.uses < Invite.max_uses).order_by(Invite.id)))
