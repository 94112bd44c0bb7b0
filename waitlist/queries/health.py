"""Is it well: what health checks and the admin's notices read."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.message import Message, MessageState
from waitlist.models.upkeep import WorkerBeat

ALIVE = timedelta(seconds=60)  # a worker that was not seen for longer is taken for dead


@dataclass(frozen=True)
class Worker:
    """When a worker was last seen, if ever, and whether that is recent."""

    seen_at: datetime | None
    alive: bool


def worker(tx: Tx, now: datetime) -> Worker:
    """The worker that was seen last."""
    seen_at = tx.scalar(sa.select(sa.func.max(WorkerBeat.seen_at)))
    return Worker(seen_at, alive=seen_at is not None and now - seen_at < ALIVE)


def queued(tx: Tx) -> tuple[int, datetime | None]:
    """How many mails wait, and since when the oldest of them could have left."""
    row = tx.execute(
        sa.select(sa.func.count(), sa.func.min(Message.available_at)).where(
            Message.state.in_((MessageState.QUEUED, MessageState.LEASED, MessageState.TRANSMITTING))
        )
    ).one()
    return row[0], row[1]


def people_by_state() -> sa.Select[str, str, int]:
    """Rows (launch slug, state, people)."""
    return (
        sa.select(Launch.slug, Entry.state, sa.func.count())
        .join(Entry, Entry.launch_id == Launch.id)
        .group_by(Launch.slug, Entry.state)
    )
