"""The people table: filtered, counted exactly, and read a page at a time by key, however many there are.

By place, the line stands first and everybody else below, newest first; every other order is one walk along an index.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased

from waitlist.db import Tx, some
from waitlist.models.entry import Entry, State, in_line
from waitlist.models.facts import Somebody, denied_among
from waitlist.models.invite import Admission
from waitlist.models.launch import MAIN, Line
from waitlist.models.looking import BOUNCED, Filter, matching
from waitlist.models.message import Message
from waitlist.models.rank import place_of
from waitlist.models.tag import EntryTag
from waitlist.models.wave import Wave

SIZES = (25, 50, 100, 250)
CHUNK = 250
FEW = 5_000  # people, whose ids are read first: every further look at them is by key
SOME = 100_000  # people, that are found first and sorted after; a longer line is walked along to meet them

# Every order but the one by place: the column it walks along (with the id), and whether downwards.
ORDERS: dict[str, tuple[InstrumentedAttribute[Any], bool]] = {
    "joined": (Entry.id, True),
    "oldest": (Entry.id, False),
    "friends": (Entry.friends, True),
    "email": (Entry.email_key, False),
}
SORTS = ("place", *ORDERS)


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
    language: str
    source: str  # where the first visit came from
    line: str
    tags: Sequence[str] = ()
    mail: tuple[str, str] | None = None  # the newest one: its kind and state
    wave: int | None = None  # that they were invited by


@dataclass(frozen=True)
class Table:
    """A page of rows, how many people match in all, and the cursor of the next page (None on the last)."""

    rows: Sequence[Row]
    total: int
    next: str | None


def table(rx: Tx, launch_id: int, looked_for: Filter, *, sort: str, after: str, size: int, now: datetime) -> Table:
    """A page of the table. `sort` is one of SORTS; `after` is the cursor of the page before ("" for the first).

    Raises ValueError for a cursor that no page gave.
    """
    total, among = _found(rx, launch_id, looked_for)
    found = read(rx, launch_id, looked_for, sort, after, size + 1, among=among, few=total <= SOME)
    shown = found[:size]
    more = _cursor(shown[-1], sort, _line(rx, launch_id, looked_for)) if len(found) > size else None
    return Table(_rows(rx, launch_id, shown, now), total, more)


def count(rx: Tx, launch_id: int, looked_for: Filter) -> int:
    """How many people match, exactly."""
    if looked_for.mail not in ("", BOUNCED) and looked_for == Filter(mail=looked_for.mail):
        # Asked of the outbox itself, where it may be everybody.
        theirs = (Message.launch_id == launch_id, Message.state == looked_for.mail, Message.entry_id.is_not(None))
        people = sa.select(Message.entry_id).where(*theirs).distinct().subquery()
        return rx.scalar(sa.select(sa.func.count()).select_from(people)) or 0
    query = sa.select(sa.func.count()).select_from(Entry).where(*matching(rx, launch_id, looked_for))
    return rx.scalar(query) or 0


def _found(rx: Tx, launch_id: int, looked_for: Filter) -> tuple[int, Sequence[int] | None]:
    """How many people match, and who they are where they are few."""
    if looked_for.is_empty:
        return count(rx, launch_id, looked_for), None
    few = rx.scalars(sa.select(Entry.id).where(*matching(rx, launch_id, looked_for)).limit(FEW + 1)).all()
    return (len(few), few) if len(few) <= FEW else (count(rx, launch_id, looked_for), None)


def ids(rx: Tx, launch_id: int, looked_for: Filter, most: int) -> list[int]:
    """The first `most` who match, as they stand in line."""
    order = (Entry.rank_key.is_(None), Entry.rank_key, Entry.id)
    query = sa.select(Entry.id).where(*matching(rx, launch_id, looked_for)).order_by(*order).limit(most)
    return list(rx.scalars(query))


def everybody(rx: Tx, launch_id: int, looked_for: Filter, *, sort: str, now: datetime) -> Iterator[Row]:
    """Everyone who matches, in the order of the table, a chunk at a time."""
    after, line_id, (_, among) = "", _line(rx, launch_id, looked_for), _found(rx, launch_id, looked_for)
    while True:
        found = read(rx, launch_id, looked_for, sort, after, CHUNK, among=among, few=among is not None)
        yield from _rows(rx, launch_id, found, now)
        if len(found) < CHUNK:
            return
        after = _cursor(found[-1], sort, line_id)


def chosen(rx: Tx, launch_id: int, ids: Collection[int], now: datetime) -> list[Row]:
    """These people of this launch, in the order in which they stand."""
    order = (Entry.rank_key.is_(None), Entry.rank_key, Entry.id)
    query = sa.select(Entry).where(Entry.launch_id == launch_id, Entry.id.in_(ids)).order_by(*order)
    return _rows(rx, launch_id, some(rx, query), now)


def read(
    rx: Tx,
    launch_id: int,
    looked_for: Filter,
    sort: str,
    after: str,
    size: int,
    *,
    among: Sequence[int] | None = None,
    few: bool = False,
) -> Sequence[Entry]:
    """The next `size` entries behind a cursor; raises ValueError for one that no page gave.

    `among` are the ids of all who match, where they are known. `few` match in all: then they are found first and sorted
    after, instead of walking a long line to meet them.
    """
    where: list[sa.ColumnElement[bool]] = [Entry.id.in_(among)] if among is not None else []
    where = where or matching(rx, launch_id, looked_for)
    if sort == "place":
        standing = looked_for.state in ("", State.WAITING)  # nobody else has a place
        return _by_place(rx, where, _line(rx, launch_id, looked_for), after, size, few=few, standing=standing)
    return some(rx, _along(where, sort, after).limit(size))


def _along(where: list[sa.ColumnElement[bool]], sort: str, after: str) -> sa.Select[Entry]:
    column, down = ORDERS[sort]
    key = sa.tuple_(column, Entry.id)
    query = sa.select(Entry).where(*where)
    query = query.order_by(column.desc(), Entry.id.desc()) if down else query.order_by(column, Entry.id)
    if not after:
        return query
    value, _, last = after.rpartition(".")
    behind = sa.tuple_(
        sa.literal(value if sort == "email" else number_in(value), column.type), sa.literal(number_in(last))
    )
    return query.where(key < behind if down else key > behind)


def _by_place(
    rx: Tx,
    where: list[sa.ColumnElement[bool]],
    line_id: int | None,
    after: str,
    size: int,
    *,
    few: bool,
    standing: bool,
) -> Sequence[Entry]:
    """The line by its key, and then everybody else: two pieces, so that each reads along an index."""
    kind, _, last = after.partition(":")
    found: list[Entry] = []
    # A sum is no column of an index, so it cannot tempt an engine to walk along the line.
    stands = sa.and_((Entry.line_id + 0 if few else Entry.line_id) == line_id, in_line)
    if kind != "rest" and standing:
        query = sa.select(Entry).where(*where, stands).order_by(Entry.rank_key).limit(size)
        if kind == "line":
            query = query.where(Entry.rank_key > number_in(last))
        found = list(some(rx, query))
    if len(found) < size:
        rest = sa.select(Entry).where(*where, ~stands).order_by(Entry.id.desc()).limit(size - len(found))
        found += some(rx, rest.where(Entry.id < number_in(last)) if kind == "rest" else rest)
    return found


def _line(rx: Tx, launch_id: int, looked_for: Filter) -> int | None:
    """The line that places are of: the one that is asked for, else the main one."""
    return rx.scalar(sa.select(Line.id).where(Line.launch_id == launch_id, Line.key == (looked_for.line or MAIN)))


def number_in(text: str) -> int:
    """A number of a cursor; raises ValueError for what no cursor holds."""
    number = int(text)
    if not 0 <= number < 2**63:
        raise ValueError(text)
    return number


def _cursor(last: Entry, sort: str, line_id: int | None) -> str:
    if sort != "place":
        return f"{getattr(last, ORDERS[sort][0].key)}.{last.id}"
    stands = last.state == State.WAITING and last.held_by is None and last.rank_key is not None
    return f"line:{last.rank_key}" if stands and last.line_id == line_id else f"rest:{last.id}"


def _rows(rx: Tx, launch_id: int, people: Sequence[Entry], now: datetime) -> list[Row]:
    somebodies = [Somebody(p.id, p.domain, p.email_abuse_key, p.referrer_id is not None) for p in people]
    denied = denied_among(rx, launch_id, somebodies, now)
    ids = [person.id for person in people]
    by, tags, mails, waves = _referrers(rx, ids), _tags(rx, ids), _mails(rx, ids), _waves(rx, launch_id, ids)
    lines: dict[int, str] = {
        row.id: row.key for row in rx.execute(sa.select(Line.id, Line.key).where(Line.launch_id == launch_id))
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
            language=person.language,
            source=str((person.first_touch or {}).get("source", {}).get("source", "")),
            line=lines.get(person.line_id, ""),
            tags=tags.get(person.id, ()),
            mail=mails.get(person.id),
            wave=waves.get(person.id),
        )
        for person in people
    ]


def _referrers(rx: Tx, ids: Collection[int]) -> dict[int, Any]:
    referrer = aliased(Entry, name="referrer")
    query = sa.select(Entry.id, referrer.email, referrer.public_id).join(referrer, referrer.id == Entry.referrer_id)
    return {row.id: row for row in rx.execute(query.where(Entry.id.in_(ids)))}


def _tags(rx: Tx, ids: Collection[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for row in rx.execute(sa.select(EntryTag.entry_id, EntryTag.tag).where(EntryTag.entry_id.in_(ids)).order_by("tag")):
        found.setdefault(row.entry_id, []).append(row.tag)
    return found


def _mails(rx: Tx, ids: Collection[int]) -> dict[int, tuple[str, str]]:
    newest = sa.select(sa.func.max(Message.id)).where(Message.entry_id.in_(ids)).group_by(Message.entry_id)
    query = sa.select(Message.entry_id, Message.kind, Message.state).where(Message.id.in_(newest))
    return {row.entry_id: (row.kind, row.state) for row in rx.execute(query)}


def _waves(rx: Tx, launch_id: int, ids: Collection[int]) -> dict[int, int]:
    query = (
        sa.select(Admission.entry_id, Wave.seq)
        .join(Wave, Wave.id == Admission.wave_id)
        .where(Admission.launch_id == launch_id, Admission.entry_id.in_(ids))
    )
    return {row.entry_id: row.seq for row in rx.execute(query)}


def shown_state(person: Entry, *, blocked: bool) -> str:
    """The word that is shown: the deny list and holds say more than the stored state does."""
    if blocked and person.state != State.REMOVED:
        return "blocked"
    if person.held_by is not None and person.state != State.REMOVED:
        return "on_hold"
    return str(person.state)
