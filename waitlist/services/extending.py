"""Extending: the end of an invite moves, by hand, or for everybody by the time a pause took from them."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, later, one, some
from waitlist.models.hold import Hold, open_holds
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import Launch
from waitlist.models.stage import Stage
from waitlist.services.inviting import NotOpenAnyMore
from waitlist.services.recording import record


class InThePast(ValueError):
    """An invite cannot end before now; end it instead."""


def change_end(tx: Tx, launch: Launch, invite: Invite, expires_at: datetime, *, actor: Actor, now: datetime) -> Invite:
    """Another end date for an open invite; its links stay. Raises InThePast or NotOpenAnyMore."""
    if expires_at <= now:
        raise InThePast(expires_at)
    changed = one(
        tx,
        sa.update(Invite)
        .where(Invite.id == invite.id, Invite.ended_at.is_(None))
        .values(expires_at=expires_at, reminded_at=None)
        .returning(Invite),
    )
    if changed is None:
        raise NotOpenAnyMore
    _move_offers(tx, Admission.invite_id == invite.id)
    data = {"from": invite.expires_at.isoformat(), "to": expires_at.isoformat()}
    record(tx, "extending.changed", launch.id, ("invite", invite.id), actor, now, data)
    return changed


def make_up_for(tx: Tx, launch_id: int, hold: Hold, now: datetime) -> int:
    """Move the end of every invite whose clock `hold` stopped by the time it stopped it; returns how many.

    Called when the hold is released. Time that another open hold covers is made up for when that one is released.
    """
    others = [
        other.created_at
        for other in tx.execute(open_holds(launch_id))
        if other.id != hold.id and other.scope == "launch" and "redeem" in other.effect
    ]
    until = min([now, *others])
    if "redeem" not in hold.effect or until <= hold.created_at:
        return 0
    moved = _move(tx, launch_id, hold.created_at, until)
    _move_stages(tx, launch_id, hold.created_at, until)
    _move_offers(tx, Admission.launch_id == launch_id)
    return moved


def _move(tx: Tx, launch_id: int, since: datetime, until: datetime) -> int:
    running = sa.and_(Invite.launch_id == launch_id, Invite.ended_at.is_(None), Invite.expires_at > since)
    begun = sa.func.coalesce(Invite.sent_at, Invite.created_at)
    before = sa.update(Invite).where(running, begun <= since)
    moved = tx.execute(before.values(expires_at=later(Invite.expires_at, until - since))).rowcount
    # Whoever was invited during the pause has lost only the rest of it.
    for row in tx.execute(sa.select(Invite.id, begun.label("begun")).where(running, begun > since)).all():
        lost = until - row.begun
        if lost > timedelta(0):
            late = sa.update(Invite).where(Invite.id == row.id)
            moved += tx.execute(late.values(expires_at=later(Invite.expires_at, lost))).rowcount
    return moved


def _move_stages(tx: Tx, launch_id: int, since: datetime, until: datetime) -> None:
    """What counts the dwell of a stage that runs stood still, too; a first wave keeps the moment it was planned for."""
    mine = sa.and_(Stage.launch_id == launch_id, Stage.ended_at.is_(None), Stage.dwell_from <= since)
    for stage in some(tx, sa.select(Stage).where(mine)):
        values = {"dwell_from": stage.dwell_from and stage.dwell_from + (until - since)}
        if stage.waves_made > 0 and stage.next_at is not None and stage.next_at > since:
            values["next_at"] = stage.next_at + (until - since)
        tx.execute(sa.update(Stage).where(Stage.id == stage.id).values(values))


def _move_offers(tx: Tx, of: sa.ColumnElement[bool]) -> None:
    """The offer ends with its invite."""
    end = sa.select(Invite.expires_at).where(Invite.id == Admission.invite_id).scalar_subquery()
    open_offers = sa.update(Admission).where(of, Admission.state == AdmissionState.OFFERED)
    tx.execute(open_offers.values(expires_at=end))
