"""Branching: whoever brings somebody under a referrer, and whoever holds a whole branch, wait for each other.

A hold marks everybody below a person in one statement. Without this, it would not see a friend whose confirmation had
read the referrer before the hold and commits after it. Taken before any entry is locked. SQLite has one writer anyway.
"""

import sqlalchemy as sa

from waitlist.db import Tx


def grow(tx: Tx, launch_id: int) -> None:
    """From here to the commit no branch is held; any number of people may grow the tree at once."""
    _lock(tx, "pg_advisory_xact_lock_shared", launch_id)


def keep_still(tx: Tx, launch_id: int) -> None:
    """Wait for everybody who is being brought right now; the others wait until the commit."""
    _lock(tx, "pg_advisory_xact_lock", launch_id)


def _lock(tx: Tx, function: str, launch_id: int) -> None:
    if tx.dialect.name == "postgresql":
        tx.execute(sa.select(getattr(sa.func, function)(7205, sa.cast(launch_id, sa.Integer))))
