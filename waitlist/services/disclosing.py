"""Disclosing: somebody asks for their own data; a job builds the file, a mail brings the link, a press opens it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.upkeep import DataExport
from waitlist.services import counting, posting
from waitlist.services.recording import record

KEPT = timedelta(days=7)
OPEN_FOR = timedelta(minutes=10)  # after each press
A_DAY = 3


@dataclass(frozen=True)
class TooOften:
    """Enough files for one day."""


def ask(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> DataExport | TooOften:
    """Have the file built; who asks again while it is being built gets the same one."""
    under_way = one(
        tx,
        sa.select(DataExport)
        .where(DataExport.entry_id == entry_id, DataExport.built_at.is_(None), DataExport.expires_at > now)
        .limit(1),
    )
    if under_way is not None:
        return under_way
    what = f"{launch.id}:{entry_id}"
    if not counting.claim(tx, "data-export", what, limit=A_DAY, window=timedelta(days=1), now=now):
        return TooOften()
    row = {"public_id": codes.random_id("exp"), "launch_id": launch.id, "entry_id": entry_id, "asked_at": now}
    asked = one(tx, sa.insert(DataExport).values(expires_at=now + KEPT, **row).returning(DataExport))
    assert asked is not None, "INSERT ... RETURNING answers with its row"
    record(tx, "forgetting.asked", launch.id, ("entry", entry_id), actor, now)
    return asked


def unbuilt(rx: Tx, now: datetime) -> Sequence[DataExport]:
    """Files that somebody waits for, oldest first."""
    waiting = sa.and_(DataExport.built_at.is_(None), DataExport.expires_at > now)
    return some(rx, sa.select(DataExport).where(waiting).order_by(DataExport.id).limit(20))


def keep(tx: Tx, export: DataExport, sealed: bytes, *, now: datetime) -> bool:
    """Keep the encrypted file and mail the link; False where another worker has, or the person was erased."""
    built = one(
        tx,
        sa.update(DataExport)
        .where(DataExport.id == export.id, DataExport.built_at.is_(None))
        .values(sealed=sealed, built_at=now, expires_at=now + KEPT)
        .returning(DataExport),
    )
    if built is None:
        return False
    entry = one(tx, sa.select(Entry).where(Entry.id == built.entry_id))
    assert entry is not None, "the foreign key says so"
    about = {"launch_id": built.launch_id, "entry_id": entry.id}
    said = {"export": built.public_id, "until": built.expires_at.isoformat()}
    posting.enqueue(tx, "data_ready", built.public_id, posting.to(entry), now, about=about, params=said)
    return True


def open_file(tx: Tx, launch: Launch, public_id: str, *, actor: Actor, now: datetime) -> bool:
    """Open the file for a few minutes, which the log keeps; False where it is over or never was."""
    entry_id = tx.scalar(
        sa.update(DataExport)
        .where(
            DataExport.launch_id == launch.id,
            DataExport.public_id == public_id,
            DataExport.sealed.is_not(None),
            DataExport.expires_at > now,
        )
        .values(open_until=now + OPEN_FOR)
        .returning(DataExport.entry_id)
    )
    if entry_id is None:
        return False
    record(tx, "forgetting.fetched", launch.id, ("entry", entry_id), actor, now)
    return True


def purge(tx: Tx, now: datetime, limit: int) -> int:
    """Delete files whose week is over; returns how many."""
    due = sa.select(DataExport.id).where(DataExport.expires_at <= now).limit(limit)
    return tx.execute(sa.delete(DataExport).where(DataExport.id.in_(list(tx.scalars(due))))).rowcount
