"""The people table: filtered, counted exactly, and read a page at a time by key, however many there are.

First in line first, then everybody else, newest first; or all of them newest first.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from waitlist.db import Tx, some
from waitlist.models.entry import Entry, State, in_line
from waitlist.models.facts import Somebody, denied_among
from waitlist.models.launch import INTEREST, Line
from waitlist.models.rank import place_of

SIZES = (25, 50, 100, 250)
CHUNK = 250


@dataclass(frozen=True)
class Filter:
    """What is looked for. `address` is an exact key, `words` stand anywhere in the address or the name."""

    state: str = ""  # a stored state, or on_hold, interest
    domain: str = ""
    address: str = ""
    words: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.state or self.domain or self.address or self.words)


@dataclass(frozen=True)
class Row:
    """One line of the table. `state` is the word that is shown; `place` is None for who has none."""

    id: int
    public_id: str
    email: str
    name: str
    state: str
    place: int | None
    score: int
    friends: int
    by: str | None  # address of the referrer
    by_id: str | None
    joined: datetime


@dataclass(frozen=True)
class Table:
    """A page of rows, how many people match in all, and the cursor of the next page (None on the last)."""

    rows: Sequence[Row]
    total: int
    next: str | None


def table(rx: Tx, launch_id: int, looked_for: Filter, *, sort: str, after: str, size: int, now: datetime) -> Table:
    """A page of the table. `sort` is place or joined; `after` is the cursor of the page before ("" for the first).

    Raises ValueError for a cursor that no page gave.
    """
    matching = _where(launch_id, looked_for)
    total = rx.scalar(sa.select(sa.func.count()).select_from(Entry).where(*matching)) or 0
    found = _newest(rx, matching, after, size + 1) if sort == "joined" else _by_place(rx, matching, after, size + 1)
    shown = found[:size]
    more = _cursor(shown[-1], sort) if len(found) > size else None
    return Table(_rows(rx, launch_id, shown, now), total, more)


def everybody(rx: Tx, launch_id: int, looked_for: Filter, *, sort: str, now: datetime) -> Iterator[Row]:
    """Everyone who matches, in the order of the table, a chunk at a time."""
    matching, after = _where(launch_id, looked_for), ""
    while True:
        read = _newest if sort == "joined" else _by_place
        found = read(rx, matching, after, CHUNK)
        yield from _rows(rx, launch_id, found, now)
        if len(found) < CHUNK:
            return
        after = _cursor(found[-1], sort)


def _where(launch_id: int, looked_for: Filter) -> list[sa.ColumnElement[bool]]:
    matching = [Entry.launch_id == launch_id]
    match looked_for.state:
        case "":
            pass
        case "on_hold":
            matching.append(Entry.held_by.is_not(None))
        case "interest":
            line = sa.select(Line.id).where(Line.launch_id == launch_id, Line.key == INTEREST)
            matching += [Entry.line_id == line.scalar_subquery(), Entry.state == State.WAITING]
        case state:
            matching.append(Entry.state == state)
    if looked_for.domain:
        matching.append(Entry.domain == looked_for.domain)
    if looked_for.address:
        matching.append(Entry.email_key == looked_for.address)
    if looked_for.words:
        words = looked_for.words.lower()
        in_name = sa.func.lower(Entry.name).contains(words, autoescape=True)
        matching.append(sa.or_(Entry.email_key.contains(words, autoescape=True), in_name))
    return matching


def _by_place(rx: Tx, matching: list[sa.ColumnElement[bool]], after: str, size: int) -> Sequence[Entry]:
    """The line by its key, and then everybody else: two pieces, so that each reads along an index."""
    kind, _, last = after.partition(":")
    found: list[Entry] = []
    if kind != "rest":
        query = sa.select(Entry).where(*matching, in_line).order_by(Entry.rank_key, Entry.id).limit(size)
        if kind == "line":
            key, _, entry_id = last.partition(".")
            query = query.where(sa.tuple_(Entry.rank_key, Entry.id) > sa.tuple_(_number(key), _number(entry_id)))
        found = list(some(rx, query))
    if len(found) < size:
        rest = sa.select(Entry).where(*matching, ~in_line).order_by(Entry.id.desc()).limit(size - len(found))
        found += some(rx, rest.where(Entry.id < _number(last)) if kind == "rest" else rest)
    return found


def _newest(rx: Tx, matching: list[sa.ColumnElement[bool]], after: str, size: int) -> Sequence[Entry]:
    query = sa.select(Entry).where(*matching).order_by(Entry.id.desc()).limit(size)
    return some(rx, query.where(Entry.id < _number(after)) if after else query)


def _number(text: str) -> int:
    """A number of a cursor; raises ValueError for what no cursor holds."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _cursor(last: Entry, sort: str) -> str:
    if sort == "joined":
        return str(last.id)
    stands = last.state == State.WAITING and last.held_by is None and last.rank_key is not None
    return f"line:{last.rank_key}.{last.id}" if stands else f"rest:{last.id}"


def _rows(rx: Tx, launch_id: int, people: Sequence[Entry], now: datetime) -> list[Row]:
    somebodies = [Somebody(p.id, p.domain, p.email_abuse_key, p.referrer_id is not None) for p in people]
    denied = denied_among(rx, launch_id, somebodies, now)
    referrer = aliased(Entry, name="referrer")
    by = {
        row.id: row
        for row in rx.execute(
            sa.select(Entry.id, referrer.email, referrer.public_id)
            .join(referrer, referrer.id == Entry.referrer_id)
            .where(Entry.id.in_([person.id for person in people]))
        )
    }
    return [
        Row(
            id=person.id,
            public_id=person.public_id,
            email=person.email,
            name=person.name,
            state=shown_state(person, blocked=person.id in denied),
            place=place_of(rx, person.id),
            score=person.score,
            friends=person.friends,
            by=by[person.id].email if person.id in by else None,
            by_id=by[person.id].public_id if person.id in by else None,
            joined=person.created_at,
        )
        for person in people
    ]


def shown_state(person: Entry, *, blocked: bool) -> str:
    """The word that is shown: the deny list and holds say more than the stored state does."""
    if blocked and person.state != State.REMOVED:
        return "blocked"
    if person.held_by is not None and person.state != State.REMOVED:
        return "on_hold"
    return str(person.state)
