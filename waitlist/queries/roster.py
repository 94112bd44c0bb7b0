"""The roster: everybody of a launch, streamed, each with their place; what lists and exports are made of."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from waitlist.db import Tx
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry, in_line

AT_ONCE = 1_000


@dataclass(frozen=True)
class Person:
    """One line of the roster. `position` is the place 1..N, or None for who is not in the ranked line."""

    id: str
    email: str
    name: str
    state: str
    position: int | None
    score: int
    friends: int
    referrer: str | None  # id
    referrer_email: str | None
    language: str
    joined_at: datetime
    held: bool


def roster(rx: Tx, launch_id: int, *, states: tuple[str, ...] = (), limit: int | None = None) -> Iterator[Person]:
    """First in line first, then everybody else in the order they came; only those in `states`, if any are named.

    Places are counted while the line is read, by one statement, so they are those of one moment.
    """
    given = 0
    for position, row in enumerate(_stream(rx, _select(launch_id).where(_ranked(rx, launch_id)), Entry.rank_key), 1):
        if given == limit:
            return
        if not states or row.state in states:
            given += 1
            yield _person(row, position)
    for row in _stream(rx, _select(launch_id).where(~_ranked(rx, launch_id)), Entry.id):
        if given == limit:
            return
        if not states or row.state in states:
            given += 1
            yield _person(row, None)


def _ranked(rx: Tx, launch_id: int) -> sa.ColumnElement[bool]:
    return sa.and_(Entry.line_id == main_line(rx, launch_id), in_line)


def _select(launch_id: int) -> sa.Select[tuple[object, ...]]:
    referrer = aliased(Entry, name="referrer")
    columns = (
        *(Entry.public_id, Entry.email, Entry.name, Entry.state, Entry.score, Entry.friends, Entry.language),
        *(Entry.created_at, Entry.held_by, referrer.public_id.label("by_id"), referrer.email.label("by_email")),
    )
    query: sa.Select[tuple[object, ...]] = sa.select(*columns)  # type: ignore[assignment]
    return query.outerjoin(referrer, referrer.id == Entry.referrer_id).where(Entry.launch_id == launch_id)


def _stream(rx: Tx, query: sa.Select[tuple[object, ...]], order: object) -> Iterator[sa.Row[tuple[object, ...]]]:
    ordered = query.order_by(order).execution_options(yield_per=AT_ONCE)  # type: ignore[arg-type]
    with rx.execute(ordered) as rows:  # closed also where a limit ends the reading early
        yield from rows


def _person(row: sa.Row[tuple[object, ...]], position: int | None) -> Person:
    return Person(
        id=row.public_id,
        email=row.email,
        name=row.name,
        state=row.state,
        position=position,
        score=row.score,
        friends=row.friends,
        referrer=row.by_id,
        referrer_email=row.by_email,
        language=row.language,
        joined_at=row.created_at,
        held=row.held_by is not None,
    )
