"""Sealing: committed events get their place in a hash chain, so that a changed or missing one is found.

Nobody waits for the chain: a job seals what was committed before. Personal values stand in an event as a commitment
only, so erasing them later changes nothing here.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models.event import Event, EventDetail, EventSeal
from waitlist.services.recording import commitment

CHUNK = 1_000
REACH = 100_000  # event numbers that a transaction may commit behind others


@dataclass(frozen=True)
class Verified:
    """How far the chain goes and its last hash; `broken_at` is the first position where it does not hold."""

    position: int
    digest: str
    broken_at: int | None = None
    sealed_at: datetime | None = None  # when the last event was sealed: "Verified up to 14:03"


def unsealed(rx: Tx) -> bool:
    """Whether there are newer events than the newest sealed one."""
    newest = sa.select(EventSeal.event_id).order_by(EventSeal.position.desc()).limit(1).scalar_subquery()
    return rx.scalar(sa.select(sa.exists().where(Event.id > sa.func.coalesce(newest, 0)))) in (True, 1)


def seal(tx: Tx, now: datetime, limit: int) -> int:
    """Seal at most `limit` events that have no place in the chain yet; returns how many.

    One sealer at a time. An event whose transaction commits late is simply sealed later: the chain's order is its own.
    """
    # SQLite has one writer, so its events are numbered in the order of their commits.
    return _seal(tx, now, limit, reach=REACH if tx.dialect.name == "postgresql" else 0)


def seal_late(tx: Tx, now: datetime, limit: int) -> int:
    """Seal whatever committed further behind than `seal` looks; it reads the whole log, so now and then is enough."""
    return _seal(tx, now, limit, reach=None)


def _seal(tx: Tx, now: datetime, limit: int, *, reach: int | None) -> int:
    if not _alone(tx):
        return 0
    last = one(tx, sa.select(EventSeal).order_by(EventSeal.position.desc()).limit(1))
    position, digest, newest = (0, "", 0) if last is None else (last.position, last.digest, last.event_id)
    rows = []
    for event in some(tx, _waiting(0 if reach is None else newest - reach).limit(limit)):
        position += 1
        digest = link(digest, position, event)
        rows.append({"position": position, "event_id": event.id, "digest": digest, "sealed_at": now})
    if rows:
        tx.execute(sa.insert(EventSeal), rows)
    return len(rows)


def verify(tx: Tx) -> Verified:
    """Walk the whole chain; reads only. Erased details keep it valid, changed ones do not."""
    position, digest, sealed_at = 0, "", None
    for row in _sealed(tx):
        position += 1
        expected = None if row.id is None else link(digest, position, row)
        if row.position != position or row.digest != expected or not _detail_holds(row):
            return Verified(position - 1, digest, broken_at=position, sealed_at=sealed_at)
        digest, sealed_at = row.digest, row.sealed_at
    return Verified(position, digest, sealed_at=sealed_at)


def link(before: str, position: int, event: Event) -> str:
    """The hash of one position: over the hash before it and every word of the event but its number."""
    words = [
        before,
        position,
        event.public_id,
        event.launch_id,
        event.at.astimezone(UTC).isoformat(),
        event.actor,
        event.verb,
        event.subject_kind,
        event.subject_id,
        event.request_id,
        event.data,
        event.commitment,
    ]
    canonical = json.dumps(words, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _waiting(after: int) -> sa.Select[Event]:
    """Events without a seal, from a while before the newest sealed one: a transaction may commit late."""
    sealed = sa.exists().where(EventSeal.event_id == Event.id)
    return sa.select(Event).where(Event.id > after, ~sealed).order_by(Event.id)


def _alone(tx: Tx) -> bool:
    # On SQLite the write transaction is the lock.
    if tx.dialect.name != "postgresql":
        return True
    return bool(tx.scalar(sa.text("SELECT pg_try_advisory_xact_lock(7204, 0)")))


def _sealed(tx: Tx) -> Iterator[Any]:
    """Every position with its event (NULL where it is missing) and its detail, in chunks, so memory stays flat."""
    query = (
        sa.select(
            EventSeal.position, EventSeal.digest, EventSeal.sealed_at, Event, EventDetail.salt, EventDetail.detail
        )
        .outerjoin(Event, Event.id == EventSeal.event_id)
        .outerjoin(EventDetail, EventDetail.event_id == Event.id)
        .order_by(EventSeal.position)
        .limit(CHUNK)
    )
    after = 0
    while rows := tx.execute(query.where(EventSeal.position > after)).all():
        yield from rows
        after = rows[-1].position


def _detail_holds(row: Any) -> bool:
    return bool(row.salt is None or row.commitment == commitment(row.salt, row.detail))
