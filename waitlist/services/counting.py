"""Counting: tries and sends in a window of time, claimed row by row, for unknown addresses and codes as well."""

import hashlib
from datetime import datetime, timedelta
from functools import cache

import sqlalchemy as sa

from waitlist.db import Tx, UTCDateTime, inserting
from waitlist.models.upkeep import Tally


def window_end(tx: Tx, kind: str, what: str) -> datetime | None:
    """When whatever was counted too often may be tried again; None where nothing is counted."""
    return tx.scalar(sa.select(Tally.window_end).where(Tally.key == _key(kind, what)))


def claim(tx: Tx, kind: str, what: str, *, limit: int, window: timedelta, now: datetime) -> bool:
    """Count one more of `what` and say whether it was within `limit` for this window (fixed windows from the first).

    `what` is hashed: the table holds no address.
    """
    row = {"key": _key(kind, what), "n": 1, "window_end": now + window}
    return tx.scalar(_claim(tx.dialect.name), row | {"moment": now, "most": limit}) is not None


@cache  # counted in every join: built once for each engine
def _claim(dialect: str) -> sa.Executable:
    statement = inserting(dialect, Tally)
    over = Tally.window_end <= sa.bindparam("moment", type_=UTCDateTime())
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "n": sa.case((over, 1), else_=Tally.n + 1),
            "window_end": sa.case((over, statement.excluded.window_end), else_=Tally.window_end),
        },
        where=sa.or_(over, Tally.n < sa.bindparam("most", type_=sa.BigInteger())),
    ).returning(Tally.n)


def forgive(tx: Tx, kind: str, what: str) -> None:
    """Take back the count of what turned out well, in the transaction that claimed it."""
    tx.execute(sa.update(Tally).where(Tally.key == _key(kind, what), Tally.n > 0).values(n=Tally.n - 1))


def purge(tx: Tx, now: datetime) -> int:
    """Drop windows that are over; returns how many."""
    return tx.execute(sa.delete(Tally).where(Tally.window_end <= now)).rowcount


def _key(kind: str, what: str) -> str:
    return f"{kind}:{hashlib.sha256(what.encode()).hexdigest()[:32]}"
