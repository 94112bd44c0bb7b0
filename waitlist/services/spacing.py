"""Spacing: a free key right behind somebody, and new room where the gap between two people is used up.

Whoever confirms has a key whose gap bits are 0, so a key with other gap bits is nobody's own: people moved by hand
stand there. Keys of one gap share every cell of the rank, so making room changes no count.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.entry import FIRST_NUMBER, Entry, in_line
from waitlist.models.rank import BAND_SHIFT, GAP_BITS, Band, pack
from waitlist.services import ranking

GAP = 1 << GAP_BITS


class NoRoom(Exception):
    """Thousands of people were moved behind the same person; somewhere else there is room."""


def between(tx: Tx, line_id: int, lower: int | None, upper: int | None) -> int:
    """A free key behind `lower` (None: in front of everybody) and before `upper` (None: nobody stands there).

    Whoever is to have it is out of the line for now. Others may get new keys, in their order. Raises NoRoom.
    """
    ranking.take_fold_lock(tx, line_id)  # nobody else looks for a free key meanwhile
    if lower is None:
        return _in_front(upper)
    key = _middle(lower, upper)
    return key if key is not None else _behind(_respace(tx, line_id, lower), lower)


def _in_front(first: int | None) -> int:
    if first is not None and first >> BAND_SHIFT == Band.FRONT:
        return first - GAP
    return pack(band=Band.FRONT, score=0, sequence=FIRST_NUMBER) + GAP // 2


def _middle(lower: int, upper: int | None) -> int | None:
    """Halfway to `upper` or to the end of the gap behind `lower`, whichever comes first; None without room."""
    end = (lower // GAP + 1) * GAP
    middle = (lower + min(end, upper or end)) // 2
    return middle if middle > lower else None


def _respace(tx: Tx, line_id: int, key: int) -> dict[int, int]:
    """Spread the people of one gap over it evenly, in their order; returns their new keys by the old ones."""
    start = key // GAP * GAP
    people = some(
        tx,
        sa.select(Entry)
        .where(Entry.line_id == line_id, in_line, Entry.rank_key >= start, Entry.rank_key < start + GAP)
        .order_by(Entry.rank_key)
        .with_for_update(key_share=True),
    )
    step = GAP // (len(people) + 1)
    if step < 2:
        raise NoRoom
    # Whoever has the gap's own key, 0, keeps it.
    first = 0 if people[0].rank_key == start else 1
    keys = {person.rank_key or 0: start + step * (first + n) for n, person in enumerate(people)}
    _write(tx, people, keys)
    return keys


def _write(tx: Tx, people: Sequence[Entry], keys: dict[int, int]) -> None:
    # By way of no key at all, so that nobody meets the key that a neighbour is about to leave.
    of_person = sa.update(Entry).where(Entry.id == sa.bindparam("of_entry"))
    tx.execute(of_person.values(rank_key=None), [{"of_entry": person.id} for person in people])
    rows = [{"of_entry": person.id, "key": keys[person.rank_key or 0]} for person in people]
    tx.execute(of_person.values(rank_key=sa.bindparam("key")), rows)


def _behind(keys: dict[int, int], lower: int) -> int:
    after = sorted(key for key in keys.values() if key > keys[lower])
    key = _middle(keys[lower], after[0] if after else None)
    assert key is not None, "people stand two keys apart at least"
    return key
