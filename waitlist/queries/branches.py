"""Branches: a piece of the tree of who brought whom, never more of it than one page shows.

A level is one statement, so a chain of any length costs as many statements as levels are asked for.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.referral import subtree

LEVELS = 3
WIDE = 50  # children of the person one looks at, on one page
NARROW = 10  # children of everybody below
MOST = 200  # people on one page
COUNTED = 2_000  # beyond so many, a size is "more than"
DEEP = 10_000


@dataclass
class Twig:
    """One person in the tree with those below who are shown; `joins` is how many there are, shown or not."""

    id: int
    public_id: str
    email: str
    name: str
    share_name: bool
    state: str
    at: datetime
    erased: bool
    held: bool
    joins: int = 0
    more: int = 0  # of them, how many come after those who are shown
    below: list["Twig"] = field(default_factory=list)

    def walk(self) -> Iterator["Twig"]:
        """This person and everybody shown below."""
        yield self
        for child in self.below:
            yield from child.walk()


@dataclass(frozen=True)
class Size:
    """What stands below somebody: how many people in how many levels; `more` where counting stopped."""

    people: int
    levels: int
    more: bool


def branch(rx: Tx, root_id: int, *, levels: int = LEVELS, after: int = 0) -> Twig | None:
    """Somebody and up to `levels` below, at most MOST people: the root's children a page at a time (`after`), of
    everybody else the first few. None where nobody has this id."""
    found = twigs(rx, Entry.id == root_id, limit=1)
    if not found:
        return None
    root = found[0]
    level, left, shown = [root], MOST, [root]
    for distance in range(levels):
        wide, start = (WIDE, after) if distance == 0 else (NARROW, 0)
        level = _children(rx, level, wide=wide, after=start, most=left)
        left -= len(level)
        shown += level
        if not level or not left:
            break
    count(rx, shown)
    root.more = _after(rx, root, after)
    return root


def below(rx: Tx, entry_id: int, *, most: int = COUNTED) -> Size:
    """How large somebody's branch is, counted level by level and not beyond `most` people."""
    rows = subtree(entry_id, DEEP, most + 1).order_by(None).subquery()  # breadth first by itself; so it may stop early
    people, levels = rx.execute(sa.select(sa.func.count(), sa.func.max(rows.c.distance))).one()
    return Size(min(people, most), levels or 0, people > most)


def is_below(rx: Tx, entry_id: int, root_id: int) -> bool:
    """Whether somebody stands in this branch: goes up one by one, and no further than the root was confirmed."""
    first = sa.select(Entry.confirmed_no).where(Entry.id == root_id).scalar_subquery()
    up = sa.select(Entry.referrer_id.label("id")).where(Entry.id == entry_id).cte("up", recursive=True)
    parent = aliased(Entry)
    up = up.union_all(sa.select(parent.referrer_id).join(up, parent.id == up.c.id).where(parent.referrer_no >= first))
    return rx.scalar(sa.select(sa.literal(1)).where(sa.exists().where(up.c.id == root_id))) is not None


def twigs(rx: Tx, *where: sa.ColumnElement[bool], limit: int) -> list[Twig]:
    """People as they stand in a tree, nobody below them yet, in the order of their ids."""
    columns = (
        *(Entry.id, Entry.public_id, Entry.email, Entry.name, Entry.share_name, Entry.state),
        *(Entry.confirmed_at, Entry.created_at, Entry.erased_at, Entry.held_by),
    )
    rows = rx.execute(sa.select(*columns).where(*where).order_by(Entry.id).limit(limit))
    return [_twig(row) for row in rows]


def _twig(row: sa.Row[*tuple[Any, ...]]) -> Twig:
    return Twig(
        id=row.id,
        public_id=row.public_id,
        email=row.email,
        name=row.name,
        share_name=row.share_name,
        state=row.state,
        at=row.confirmed_at or row.created_at,
        erased=row.erased_at is not None,
        held=row.held_by is not None,
    )


def _children(rx: Tx, level: list[Twig], *, wide: int, after: int, most: int) -> list[Twig]:
    """The first children of each in this level, at most so many in all, hung where they belong."""
    parents = {twig.id: twig for twig in level}
    number = sa.func.row_number().over(partition_by=Entry.referrer_id, order_by=Entry.id)
    mine = (Entry.referrer_id.in_(list(parents)), Entry.id > after)
    numbered = sa.select(Entry.id, Entry.referrer_id, number.label("n")).where(*mine).subquery()
    query = sa.select(numbered.c.id, numbered.c.referrer_id).where(numbered.c.n <= wide)
    edges = rx.execute(query.order_by(numbered.c.n, numbered.c.id).limit(most)).all()
    people = {twig.id: twig for twig in twigs(rx, Entry.id.in_([edge.id for edge in edges]), limit=most)}
    for edge in edges:
        parents[edge.referrer_id].below.append(people[edge.id])
    return list(people.values())


def _after(rx: Tx, root: Twig, after: int) -> int:
    last = root.below[-1].id if root.below else after
    query = sa.select(sa.func.count()).where(Entry.referrer_id == root.id, Entry.id > last)
    return rx.scalar(query) or 0


def count(rx: Tx, shown: list[Twig]) -> None:
    """Write on each of them how many they brought, and how many of those are not shown."""
    query = sa.select(Entry.referrer_id, sa.func.count()).where(Entry.referrer_id.in_([twig.id for twig in shown]))
    joins = {row[0]: row[1] for row in rx.execute(query.group_by(Entry.referrer_id))}
    for twig in shown:
        twig.joins = joins.get(twig.id, 0)
        twig.more = twig.joins - len(twig.below)
