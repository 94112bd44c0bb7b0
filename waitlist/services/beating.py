"""Beating: workers give a sign of life, and agree on whose turn a job is."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx, insert
from waitlist.models.upkeep import JobBeat, WorkerBeat

FORGOTTEN = timedelta(days=1)  # a worker that was not seen for so long


def beat(tx: Tx, worker: str, started_at: datetime, *, now: datetime) -> None:
    """Note that this worker is alive, and forget those that were not seen for a day."""
    alive = insert(tx, WorkerBeat).values(worker=worker, started_at=started_at, seen_at=now)
    seen = {"started_at": started_at, "seen_at": now}
    tx.execute(alive.on_conflict_do_update(index_elements=["worker"], set_=seen))
    tx.execute(sa.delete(WorkerBeat).where(WorkerBeat.seen_at < now - FORGOTTEN))


def claim_turn(tx: Tx, job: str, every: float, *, now: datetime) -> bool:
    """Whether this worker runs the job now; nobody else does for `every` seconds."""
    next_at = now + timedelta(seconds=every)
    turn = insert(tx, JobBeat).values(name=job, next_at=next_at)
    claimed = tx.execute(
        turn.on_conflict_do_update(
            index_elements=["name"], set_={"next_at": next_at}, where=JobBeat.next_at <= now
        ).returning(JobBeat.name)
    ).scalar_one_or_none()
    return claimed is not None
