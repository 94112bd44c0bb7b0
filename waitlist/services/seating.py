"""Seating: the counter that no race may pass. One guarded UPDATE takes seats, one gives them back."""

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.launch import SeatCount


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
