"""Returning: whose offer is over stands in line again, at the key they always had or at the end."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, some
from waitlist.models.entry import Entry, State, in_line, locked_in_order
from waitlist.models.launch import Line
from waitlist.services import ranking
from waitlist.services.ranking import Change


def from_inside(tx: Tx, people: Sequence[Entry], *, actor: Actor, now: datetime) -> None:
    """Put members, whose rows are locked, back in line where they stood; the next wave asks them first.

    Who came in without ever having stood in a line that has places gets one at its end.
    """
    people = sorted(people, key=lambda person: (person.rank_key is None, person.rank_key or 0, person.id))
    ranked = set(tx.scalars(sa.select(Line.id).where(Line.ranked, Line.id.in_({one.line_id for one in people}))))
    fresh = [person for person in people if person.rank_key is None and person.line_id in ranked]
    keys = _own_keys(tx, people) | _keys_at_end(tx, fresh)
    _set_state(tx, people, State.WAITING, actor, now, keys)
    owed = sa.update(Entry).where(Entry.id.in_([person.id for person in people]))
    tx.execute(owed.values(owed_at=now))
    _count(tx, people, keys)


def to_line(tx: Tx, ids: Collection[int], *, at_end: bool = False, actor: Actor, now: datetime) -> int:
    """Put invited and lapsed people back in line and return how many; who never confirmed is unconfirmed again.

    `at_end` gives everybody a new number, in the order of their keys; otherwise nobody's place is lost. Held people
    come back with their hold. The last step of a batch: it takes the fold lock of each line.
    """
    people = [person for person in some(tx, locked_in_order(ids)) if person.state in (State.INVITED, State.LAPSED)]
    people.sort(key=lambda person: (person.rank_key is None, person.rank_key or 0, person.id))
    _set_state(tx, [person for person in people if person.confirmed_no is None], State.UNCONFIRMED, actor, now)
    back = [person for person in people if person.confirmed_no is not None]
    standing = [person for person in back if person.rank_key is not None]
    keys = _keys_at_end(tx, standing) if at_end else _own_keys(tx, standing)
    _set_state(tx, back, State.WAITING, actor, now, keys)
    _count(tx, back, keys)
    return len(people)


def _set_state(
    tx: Tx,
    people: Sequence[Entry],
    state: State,
    actor: Actor,
    now: datetime,
    keys: dict[int, tuple[int, int]] | None = None,
) -> None:
    moved = [(person.id, *keys[person.id]) for person in people if keys and _is_new(person, keys)]
    if moved:
        tx.execute(
            sa.update(Entry)
            .where(Entry.id == sa.bindparam("of_entry"))
            .values(rank_key=sa.bindparam("new_key"), sequence=sa.bindparam("new_sequence")),
            [{"of_entry": entry_id, "new_key": key, "new_sequence": number} for entry_id, key, number in moved],
        )
    changed = sa.update(Entry).values(state=state, state_at=now, state_by=str(actor), state_before=None)
    if people:
        tx.execute(changed.where(Entry.id.in_([person.id for person in people])))


def _is_new(person: Entry, keys: dict[int, tuple[int, int]]) -> bool:
    return person.id in keys and keys[person.id][0] != person.rank_key


def _own_keys(tx: Tx, people: Sequence[Entry]) -> dict[int, tuple[int, int]]:
    """The key and sequence of each: their own, or the next free one where somebody was moved to it meanwhile."""
    keys: dict[int, tuple[int, int]] = {}
    by_line: dict[int, list[Entry]] = defaultdict(list)
    for person in people:
        if person.rank_key is not None:
            by_line[person.line_id].append(person)
    for line_id, standing in by_line.items():
        taken = _taken(tx, line_id, [person.rank_key or 0 for person in standing])
        for person in standing:
            key = person.rank_key or 0
            while key in taken:
                key = ranking.free_key(tx, line_id, key + 1)
            taken.add(key)
            keys[person.id] = key, person.sequence or 0
    return keys


def _taken(tx: Tx, line_id: int, keys: list[int]) -> set[int]:
    query = sa.select(Entry.rank_key).where(Entry.line_id == line_id, Entry.rank_key.in_(keys), in_line)
    return {key for key in tx.scalars(query) if key is not None}


def _keys_at_end(tx: Tx, people: Sequence[Entry]) -> dict[int, tuple[int, int]]:
    numbers = [ranking.next_number(tx) for _ in people]
    return {
        person.id: (ranking.key_for(score=person.score, sequence=number, vip=person.vip), number)
        for person, number in zip(people, numbers, strict=True)
    }


def _count(tx: Tx, people: Sequence[Entry], keys: dict[int, tuple[int, int]]) -> None:
    changes: dict[int, list[Change]] = defaultdict(list)
    for person in people:
        if person.id in keys and person.held_by is None:
            changes[person.line_id].append(Change(*keys[person.id], 1))
    for line_id, steps in sorted(changes.items()):
        ranking.came_and_went(tx, line_id, steps)
