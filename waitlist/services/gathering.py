"""Gathering: the people a wave looks at, whole chunks at a time, whatever will be said of each. Writes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from waitlist.db import Tx, some
from waitlist.models.condition import line_id_of
from waitlist.models.entry import ASIDE, OWED, STANDING, Entry
from waitlist.models.launch import MAIN
from waitlist.models.looking import Filter, matching
from waitlist.models.tag import EntryTag

CHUNK = 500


@dataclass(frozen=True)
class Audience:
    """Whom a wave looks at: `first` n in line, `filter`, `selected` entry ids, `listed` addresses, or a `stage`.

    Of a stage: `tree` is its rule, `selects` how it picks, `tag` whom the team picked for it, `n` or `share` (parts per
    million of those who fit) how many, and `extra` those who come in for people of its earlier waves.
    """

    kind: str
    n: int | None = None
    line: str = ""  # the key of the line whose people are looked at; empty: the main one, or what the filter names
    domains: tuple[str, ...] = ()
    min_friends: int = 0
    joined_from: datetime | None = None
    joined_to: datetime | None = None
    looked_for: dict[str, Any] = field(default_factory=dict)  # of a filter: what the people table asks for
    asked: dict[str, Any] = field(default_factory=dict)  # the same as the address of that table says it
    entry_ids: tuple[int, ...] = ()
    listed: tuple[dict[str, Any], ...] = ()  # of a pasted list: email, email_key, abuse_key, domain, ticket, arm_ticket
    include_lapsed: bool = False
    sample: int | None = None  # so many of those who fit, by the launch's one draw
    hold_back: int = 0  # seats that this wave leaves free
    stage: int | None = None
    tree: dict[str, Any] | None = None
    selects: str = ""
    tag: str = ""
    share: int | None = None
    extra: int = 0

    def to_json(self) -> dict[str, Any]:
        """Plain values only, so that equal audiences give equal digests."""
        values = {name: value for name, value in vars(self).items() if value not in (None, (), {}, 0, False, "")}
        return {
            name: value.isoformat()
            if isinstance(value, datetime)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in values.items()
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Audience":
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in data.items()
        }
        for name in ("joined_from", "joined_to"):
            if name in values:
                values[name] = datetime.fromisoformat(values[name])
        return cls(**values)


def line_of(tx: Tx, launch_id: int, audience: Audience) -> int:
    """The line whose people a wave looks at. Raises LookupError for one that the launch does not have."""
    return line_id_of(tx, launch_id, audience.line or audience.looked_for.get("line") or MAIN)


def chunks(tx: Tx, launch_id: int, line_id: int, audience: Audience) -> Iterator[Sequence[Entry]]:
    """The people of an audience in the order they are asked; who is passed over is among them."""
    if audience.tag:
        tagged = sa.select(EntryTag.entry_id).where(EntryTag.launch_id == launch_id, EntryTag.tag == audience.tag)
        yield from _by_id(tx, sa.and_(Entry.line_id == line_id, Entry.id.in_(tagged)))
    elif audience.kind in ("first", "stage"):
        yield from _in_order(tx, line_id)
    elif audience.kind == "filter":
        yield from _by_id(tx, _matching(tx, launch_id, line_id, audience))
    elif audience.kind == "selected":
        yield from _among(tx, launch_id, Entry.id, audience.entry_ids)
    else:
        yield from _among(tx, launch_id, Entry.email_key, [stranger["email_key"] for stranger in audience.listed])


def _in_order(tx: Tx, line_id: int) -> Iterator[Sequence[Entry]]:
    """Everybody with a key, first in line first: waiting, held and lapsed people alike.

    Before them all, whoever was in and had their place inside taken back with a wave. Then two walks along an index
    each, merged, so that a chunk costs the same in a line of a hundred and of a million.
    """
    yield from _walk(tx, line_id, OWED)
    yield from _walk(tx, line_id, f"{STANDING} AND owed_at IS NULL", ASIDE)


def _walk(tx: Tx, line_id: int, *along: str) -> Iterator[Sequence[Entry]]:
    after = -1
    while True:
        walks = [_next(tx, line_id, which, after) for which in along]
        # Behind the last of a walk that was cut off, the other may be ahead of it: that is for the next chunk.
        last = min((walk[-1].rank_key or 0 for walk in walks if len(walk) == CHUNK), default=None)
        people = [person for walk in walks for person in walk if last is None or (person.rank_key or 0) <= last]
        if people:
            yield sorted(people, key=lambda person: (person.rank_key or 0, person.id))
        if last is None:
            return
        after = last


def _next(tx: Tx, line_id: int, which: str, after: int) -> Sequence[Entry]:
    return some(
        tx,
        sa.select(Entry)
        .where(Entry.line_id == line_id, sa.text(which), Entry.rank_key > after)
        .order_by(Entry.rank_key)
        .limit(CHUNK),
    )


def _by_id(tx: Tx, condition: sa.ColumnElement[bool]) -> Iterator[Sequence[Entry]]:
    order = (Entry.rank_key.is_(None), Entry.rank_key, Entry.id)
    ids = list(tx.scalars(sa.select(Entry.id).where(condition).order_by(*order)))
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found = {person.id: person for person in some(tx, sa.select(Entry).where(Entry.id.in_(part)))}
        yield [found[entry_id] for entry_id in part if entry_id in found]


def _among(
    tx: Tx, launch_id: int, column: InstrumentedAttribute[Any], values: Sequence[object]
) -> Iterator[Sequence[Entry]]:
    for start in range(0, len(values), CHUNK):
        part = list(values[start : start + CHUNK])
        people = some(tx, sa.select(Entry).where(Entry.launch_id == launch_id, column.in_(part)))
        yield sorted(people, key=lambda person: (person.rank_key is None, person.rank_key or 0, person.id))


def _matching(tx: Tx, launch_id: int, line_id: int, audience: Audience) -> sa.ColumnElement[bool]:
    parts = [*matching(tx, launch_id, Filter.from_json(audience.looked_for)), Entry.line_id == line_id]
    if audience.domains:
        parts.append(Entry.domain.in_(audience.domains))
    if audience.min_friends:
        parts.append(Entry.friends >= audience.min_friends)
    if audience.joined_from is not None:
        parts.append(Entry.created_at >= audience.joined_from)
    if audience.joined_to is not None:
        parts.append(Entry.created_at < audience.joined_to)
    return sa.and_(*parts)
