"""Seating: the counter that no race may pass. One guarded UPDATE takes seats, one gives them back."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import SeatCount
from waitlist.models.stage import Stage
from waitlist.models.wave import Wave, WaveMember


class LaunchFull(Exception):
    """No seat is left."""


def take(tx: Tx, launch_id: int, n: int = 1, *, stage_id: int | None = None) -> None:
    """Hold `n` seats, all or none: what is reserved for the stage first, then the open pool; raises LaunchFull."""
    if n == 0:
        return
    if stage_id is not None:
        _unreserve(tx, launch_id, n, stage_id)
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


def reserve(tx: Tx, launch_id: int) -> None:
    """Set aside for each stage what it has reserved and its people do not hold, as far as the open pool goes.

    Seats of its people count as taken from its reservation first, so one that comes back is reserved again. Called
    with every change of a reservation, and with every seat that comes back.
    """
    for stage in some(tx, _reserving(launch_id)):
        row = sa.and_(SeatCount.launch_id == launch_id, SeatCount.stage_id == stage.id)
        aside = tx.scalar(sa.select(SeatCount.seats).where(row))
        if aside is None:
            tx.execute(sa.insert(SeatCount).values(launch_id=launch_id, stage_id=stage.id, seats=0))
            aside = 0
        wanted = max((0 if stage.ended_at else stage.reserved_seats) - _held_by(tx, stage.id), 0)
        moved = min(wanted - aside, max(_free(tx, launch_id), 0))
        _shift(tx, launch_id, stage.id, -moved)


def _reserving(launch_id: int) -> sa.Select[Stage]:
    """Stages that have seats set aside, or should have."""
    aside = sa.select(SeatCount.stage_id).where(SeatCount.launch_id == launch_id, SeatCount.seats > 0)
    wants = sa.or_(Stage.reserved_seats > 0, Stage.id.in_(aside))
    return sa.select(Stage).where(Stage.launch_id == launch_id, wants).order_by(Stage.ordinal)


def _held_by(tx: Tx, stage_id: int) -> int:
    waves = sa.select(Wave.id).where(Wave.stage_id == stage_id)
    counts = (
        sa.select(sa.func.count()).where(WaveMember.wave_id.in_(waves), WaveMember.outcome == "planned"),
        sa.select(sa.func.count()).where(Invite.wave_id.in_(waves), Invite.holds_seat, Invite.ended_at.is_(None)),
        sa.select(sa.func.count()).where(
            Admission.stage_id == stage_id, Admission.seat, Admission.state == AdmissionState.ACTIVE
        ),
    )
    return sum(tx.scalar(count) or 0 for count in counts)


def _free(tx: Tx, launch_id: int) -> int:
    pool = sa.and_(SeatCount.launch_id == launch_id, SeatCount.stage_id == 0)
    return tx.scalar(sa.select(SeatCount.seats - SeatCount.counted).where(pool)) or 0


def _unreserve(tx: Tx, launch_id: int, n: int, stage_id: int) -> None:
    row = sa.and_(SeatCount.launch_id == launch_id, SeatCount.stage_id == stage_id)
    if tx.scalar(sa.select(SeatCount.seats).where(row)):
        lock(tx, launch_id)  # the pool first: everybody locks them in this order
        aside = tx.scalar(sa.select(SeatCount.seats).where(row).with_for_update()) or 0
        _shift(tx, launch_id, stage_id, min(aside, n))


def _shift(tx: Tx, launch_id: int, stage_id: int, n: int) -> None:
    """Move `n` free seats from a reservation to the open pool (below 0: back)."""
    if n:
        lock(tx, launch_id)
        for pool, change in ((0, n), (stage_id, -n)):
            row = sa.and_(SeatCount.launch_id == launch_id, SeatCount.stage_id == pool)
            tx.execute(sa.update(SeatCount).where(row).values(seats=SeatCount.seats + change))


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
        reserve(tx, launch_id)


def claim_for(tx: Tx, invite: Invite, email_key: str, now: datetime, *, stage_id: int | None = None) -> bool:
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
        take(tx, invite.launch_id, stage_id=stage_id)
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
