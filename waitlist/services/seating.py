"""Seating: the counter that no race may pass. One guarded UPDATE takes seats, one gives them back."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import SeatCount
from waitlist.models.wave import Wave, WaveMember


class LaunchFull(Exception):
    """No seat is left."""


def take(tx: Tx, launch_id: int, n: int = 1) -> None:
    """Hold `n` seats of the launch's open pool, all or none; raises LaunchFull."""
    if n == 0:
        return
    held = tx.scalar(
        sa.update(SeatCount)
        .where(
            SeatCount.launch_id == launch_id,
            SeatCount.stage_id == 0,
            sa.or_(SeatCount.seats.is_(None), SeatCount.counted + n <= SeatCount.seats),
        )
        .values(counted=SeatCount.counted + n)
        .returning(SeatCount.id)
    )
    if held is None:
        raise LaunchFull


def lock(tx: Tx, launch_id: int) -> None:
    """Wait for the counter before any invite or entry is locked: everybody locks them in this order."""
    tx.execute(
        sa.select(SeatCount.id).where(SeatCount.launch_id == launch_id, SeatCount.stage_id == 0).with_for_update()
    )


def give_back(tx: Tx, launch_id: int, n: int = 1) -> None:
    """Free `n` seats; whoever calls has just ended what held them, in this transaction."""
    if n:
        tx.execute(
            sa.update(SeatCount)
            .where(SeatCount.launch_id == launch_id, SeatCount.stage_id == 0)
            .values(counted=SeatCount.counted - n)
        )


def claim_for(tx: Tx, invite: Invite, email_key: str, now: datetime) -> bool:
    """A seat for whoever redeems: the invite's own, or one of another open offer to them, or a free one; else False.

    The other offers end with this one, so that nobody holds two seats.
    """
    others = list(tx.scalars(_other_offers(invite, email_key)))
    held = int(invite.holds_seat)
    if others:
        lock(tx, invite.launch_id)
        unused = sa.update(Invite).where(Invite.id.in_(others), Invite.ended_at.is_(None))
        held += tx.execute(unused.values(ended_at=now)).rowcount
    if held:
        give_back(tx, invite.launch_id, held - 1)
        return True
    try:
        take(tx, invite.launch_id)
    except LaunchFull:
        return False
    return True


def _other_offers(invite: Invite, email_key: str) -> sa.Select[int]:
    return sa.select(Invite.id).where(
        Invite.launch_id == invite.launch_id,
        Invite.email_key == email_key,
        Invite.id != invite.id,
        Invite.holds_seat,
        Invite.ended_at.is_(None),
    )


def difference(tx: Tx, launch_id: int) -> int:
    """The counter less what its rows say is held; must be 0. Held by: planned people, open offers, members."""
    planned = (
        sa.select(sa.func.count())
        .select_from(WaveMember)
        .join(Wave, Wave.id == WaveMember.wave_id)
        .where(Wave.launch_id == launch_id, WaveMember.outcome == "planned")
    )
    offers = sa.select(sa.func.count()).where(
        Invite.launch_id == launch_id, Invite.holds_seat, Invite.ended_at.is_(None)
    )
    members = sa.select(sa.func.count()).where(
        Admission.launch_id == launch_id, Admission.state == AdmissionState.ACTIVE, Admission.seat
    )
    held = sum(tx.scalar(query) or 0 for query in (planned, offers, members))
    counted = sa.select(SeatCount.counted).where(SeatCount.launch_id == launch_id, SeatCount.stage_id == 0)
    return (tx.scalar(counted) or 0) - held
