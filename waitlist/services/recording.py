"""Recording: every change appends its event in the same transaction; a job seals the chain afterwards."""

import hashlib
import json
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes, logs
from waitlist.actors import Actor
from waitlist.db import Tx
from waitlist.models.event import Event, EventDetail


def record(
    tx: Tx,
    verb: str,
    launch_id: int | None,
    subject: tuple[str, int | None],
    actor: Actor,
    now: datetime,
    data: dict[str, Any] | None = None,
    personal: dict[str, Any] | None = None,
) -> int:
    """Append one event and return its id.

    `subject` is (kind, id). `data` holds nothing personal; `personal` is kept apart and may be erased later,
    while its salted commitment stays in the chain.
    """
    salt = secrets.token_hex(16) if personal is not None else None
    event_id: int = tx.execute(
        _INSERT,
        {
            "public_id": codes.random_id("evt"),
            "launch_id": launch_id,
            "at": now,
            "actor": str(actor),
            "verb": verb,
            "subject_kind": subject[0],
            "subject_id": subject[1],
            "request_id": logs.request_id.get(),
            "data": data or {},
            "commitment": None if salt is None else commitment(salt, personal or {}),
        },
    ).scalar_one()
    if salt is not None:
        tx.execute(sa.insert(EventDetail).values(event_id=event_id, salt=salt, detail=personal))
    return event_id


def record_each(
    tx: Tx, verb: str, launch_id: int, ids: Sequence[int], actor: Actor, now: datetime, data: dict[str, Any]
) -> None:
    """Append the same event for each of these entries."""
    shared = {"launch_id": launch_id, "at": now, "actor": str(actor), "verb": verb, "subject_kind": "entry"}
    shared |= {"request_id": logs.request_id.get(), "data": data}
    rows = [shared | {"public_id": codes.random_id("evt"), "subject_id": entry_id} for entry_id in ids]
    if rows:
        tx.execute(sa.insert(Event), rows)


def commitment(salt: str, detail: dict[str, Any]) -> str:
    """SHA-256 over the salt and the canonical JSON of the detail, in hex."""
    canonical = json.dumps(detail, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(f"{salt}\x1f{canonical}".encode()).hexdigest()


_INSERT = sa.insert(Event).returning(Event.id)
