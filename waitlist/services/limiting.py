"""Limiting: where a line has a limit, and only there, those who want a place take turns."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.condition import Condition, circumstances
from waitlist.models.launch import Launch


def has_room(tx: Tx, launch: Launch, now: datetime) -> bool:
    """Whether one more person fits; the answer stays true until this transaction ends. Always so without a limit."""
    if launch.line_limit is None:
        return True
    # Counting is not claiming: the next one counts after this one has committed.
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(7202, CAST(:launch AS integer))"), {"launch": launch.id})
    return circumstances(tx, launch, now).condition is not Condition.FULL
