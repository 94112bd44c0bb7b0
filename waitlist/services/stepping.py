"""Stepping: one person goes out of the line, or comes back to the key they had."""

import sqlalchemy as sa

from waitlist.db import Tx, one
from waitlist.models.entry import Entry, State, stands
from waitlist.services import ranking


def out(tx: Tx, entry: Entry, **values: object) -> Entry:
    """Write `values`, which take the person out of the line; who does not stand in it just gets them.

    The key stays on the row. The caller holds the row's lock.
    """
    if stands(entry):
        ranking.went(tx, entry.line_id, rank_key=entry.rank_key or 0, sequence=entry.sequence or 0)
    return _write(tx, entry, values)


def back(tx: Tx, entry: Entry, **values: object) -> Entry:
    """Write `values`; who waits by them and is not held stands at the old key again, or at the next free one.

    Somebody moved by hand may have taken that very key meanwhile. The caller holds the row's lock.
    """
    held_by = values.get("held_by", entry.held_by)
    if values.get("state", entry.state) != State.WAITING or held_by is not None or entry.rank_key is None:
        return _write(tx, entry, values)
    key = ranking.free_key(tx, entry.line_id, entry.rank_key)
    standing = _write(tx, entry, values | {"rank_key": key})
    ranking.came(tx, entry.line_id, rank_key=key, sequence=entry.sequence or 0)
    return standing


def _write(tx: Tx, entry: Entry, values: dict[str, object]) -> Entry:
    changed = one(tx, sa.update(Entry).where(Entry.id == entry.id).values(**values).returning(Entry))
    assert changed is not None, "the row is locked"
    return changed
