"""Remembering: the first outcome of a press. Whoever presses twice is shown the same result."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, insert
from waitlist.models.upkeep import Once

KEPT = timedelta(hours=48)


def first(tx: Tx, key: str, *, purpose: str, launch_id: int | None, now: datetime) -> dict[str, Any] | None:
    """None for the first press, which now owns the key; the recorded outcome for every later one.

    Two presses at once: the second waits for the first's transaction on PostgreSQL, for the writer's turn on SQLite.
    """
    statement = insert(tx, Once).values(key=key, purpose=purpose, launch_id=launch_id, created_at=now)
    owned = tx.execute(
        statement.on_conflict_do_nothing(index_elements=["key"]).returning(Once.key)
    ).scalar_one_or_none()
    if owned is not None:
        return None
    outcome: dict[str, Any] | None = tx.execute(
        sa.select(Once.outcome).where(Once.key == key, Once.purpose == purpose)
    ).scalar_one_or_none()
    return outcome or {}


def keep(tx: Tx, key: str, outcome: dict[str, Any]) -> None:
    """Write down what the owner of `key` was shown."""
    tx.execute(sa.update(Once).where(Once.key == key).values(outcome=outcome))


def purge(tx: Tx, now: datetime) -> int:
    return tx.execute(sa.delete(Once).where(Once.created_at < now - KEPT)).rowcount
