"""Referrals as the team reads them: who brought most, what became of it, and where the trees begin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from waitlist.db import Tx, one
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.hold import Hold
from waitlist.models.looking import Filter, matching
from waitlist.models.referral import Credit, whole_tree
from waitlist.queries import branches
from waitlist.queries.branches import Size, Twig
from waitlist.queries.people import number_in

PAGE = 25
EDGES = 1_000  # read at once


@dataclass(frozen=True)
class Inviter:
    """Somebody with a counted friend. `direct` have confirmed, `pending` have not; `below` is the whole branch."""

    id: int
    public_id: str
    email: str
    name: str
    friends: int
    direct: int
    pending: int
    counted: int
    withheld: int
    reversed: int
    below: Size
    last: datetime | None

    @property
    def confirmed(self) -> int:
        """How many of a hundred who joined by the link have confirmed."""
        return round(100 * self.direct / max(self.direct + self.pending, 1))


@dataclass(frozen=True)
class Table:
    """A page of inviters, most friends first; `next` is the key of the page after, "" on the last one."""

    rows: Sequence[Inviter]
    total: int
    next: str


@dataclass(frozen=True)
class Branch:
    """What a hold on a whole branch would do: people it takes out, of them in line now."""

    people: int
    in_line: int


@dataclass(frozen=True)
class Edge:
    """Who brought whom, by ids alone."""

    referrer: str
    friend: str
    confirmed: datetime | None
    credit: str


EVERYBODY = Filter()


def table(rx: Tx, launch_id: int, looked_for: Filter = EVERYBODY, *, after: str = "", size: int = PAGE) -> Table:
    """The people who brought most, of those a filter finds. Raises ValueError for a key that is none."""
    where = (*matching(rx, launch_id, looked_for), Entry.friends > 0)
    query = sa.select(Entry.id, Entry.public_id, Entry.email, Entry.name, Entry.friends).where(*where)
    if after:
        friends, entry_id = (number_in(part) for part in after.split("."))
        query = query.where(sa.tuple_(Entry.friends, Entry.id) < sa.tuple_(friends, entry_id))
    found = rx.execute(query.order_by(Entry.friends.desc(), Entry.id.desc()).limit(size + 1)).all()
    total = rx.scalar(sa.select(sa.func.count()).where(*where)) or 0
    rows = _rows(rx, found[:size])
    return Table(rows, total, f"{rows[-1].friends}.{rows[-1].id}" if len(found) > size else "")


def everybody(rx: Tx, launch_id: int, looked_for: Filter = EVERYBODY) -> Iterator[Inviter]:
    """All of them, in the order of the table, a page at a time."""
    page = table(rx, launch_id, looked_for)
    yield from page.rows
    while page.next:
        page = table(rx, launch_id, looked_for, after=page.next)
        yield from page.rows


def edges(rx: Tx, launch_id: int, looked_for: Filter = EVERYBODY) -> Iterator[Edge]:
    """Every edge whose referrer a filter finds, by the friend's id; read 1,000 at a time."""
    friend, last = aliased(Entry), 0
    columns = (friend.id, Entry.public_id.label("by"), friend.public_id.label("who"), friend.confirmed_at, Credit.state)
    query = sa.select(*columns).join(friend, friend.referrer_id == Entry.id)
    query = query.outerjoin(Credit, Credit.friend_id == friend.id).where(*matching(rx, launch_id, looked_for))
    while rows := rx.execute(query.where(friend.id > last).order_by(friend.id).limit(EDGES)).all():
        yield from (Edge(row.by, row.who, row.confirmed_at, row.state or "") for row in rows)
        last = rows[-1].id


def count_edges(rx: Tx, launch_id: int, looked_for: Filter = EVERYBODY) -> int:
    """How many rows `edges` yields."""
    friend = aliased(Entry)
    query = sa.select(sa.func.count(friend.id)).select_from(Entry).join(friend, friend.referrer_id == Entry.id)
    return rx.scalar(query.where(*matching(rx, launch_id, looked_for))) or 0


def roots(rx: Tx, launch_id: int, *, after: int = 0) -> tuple[list[Twig], int]:
    """Where trees begin: people who came by nobody and brought somebody. With the key of the page after, or 0."""
    child = aliased(Entry)
    brought = sa.exists().where(child.referrer_id == Entry.id)
    found = branches.twigs(
        rx, Entry.launch_id == launch_id, Entry.referrer_id.is_(None), Entry.id > after, brought, limit=PAGE + 1
    )
    shown = found[:PAGE]
    branches.count(rx, shown)
    return shown, shown[-1].id if len(found) > PAGE else 0


def branch_to_hold(rx: Tx, entry_id: int) -> Branch:
    """Whom a hold on somebody with everybody below would take out, counted where they are."""
    free = (Entry.id.in_(whole_tree(entry_id)), Entry.held_by.is_(None), Entry.state != State.REMOVED)
    waiting = sa.func.coalesce(sa.func.sum(sa.case((Entry.state == State.WAITING, 1), else_=0)), 0)
    people, in_line = rx.execute(sa.select(sa.func.count(), waiting).where(*free)).one()
    return Branch(people, in_line)


def branch_hold(rx: Tx, launch_id: int, entry_id: int) -> tuple[Hold, int] | None:
    """The open hold on this very branch, and how many people it keeps out."""
    mine = (Hold.launch_id == launch_id, Hold.scope == "subtree", Hold.target_id == entry_id)
    hold = one(rx, sa.select(Hold).where(*mine, Hold.released_at.is_(None)).order_by(Hold.id.desc()).limit(1))
    if hold is None:
        return None
    return hold, rx.scalar(sa.select(sa.func.count()).where(Entry.held_by == hold.id)) or 0


def _rows(rx: Tx, people: Sequence[sa.Row[*tuple[Any, ...]]]) -> list[Inviter]:
    ids = [person.id for person in people]
    brought = rx.execute(
        sa.select(Entry.referrer_id, sa.func.count().label("n"), sa.func.max(Entry.confirmed_at).label("last"))
        .where(Entry.referrer_id.in_(ids))
        .group_by(Entry.referrer_id)
    )
    direct = {row.referrer_id: (row.n, row.last) for row in brought}
    credits_of = sa.select(Credit.referrer_id, Credit.state, sa.func.count()).where(Credit.referrer_id.in_(ids))
    credited = {(row[0], row[1]): row[2] for row in rx.execute(credits_of.group_by(Credit.referrer_id, Credit.state))}
    asked = sa.select(Attempt.referrer_id, sa.func.count()).where(Attempt.referrer_id.in_(ids), *_UNPROVEN)
    pending = {row[0]: row[1] for row in rx.execute(asked.group_by(Attempt.referrer_id))}
    return [
        Inviter(
            *(person.id, person.public_id, person.email, person.name, person.friends),
            direct=direct.get(person.id, (0, None))[0],
            pending=pending.get(person.id, 0),
            counted=credited.get((person.id, "counted"), 0),
            withheld=credited.get((person.id, "withheld"), 0),
            reversed=credited.get((person.id, "reversed"), 0),
            below=branches.below(rx, person.id),
            last=direct.get(person.id, (0, None))[1],
        )
        for person in people
    ]


_UNPROVEN = (
    Attempt.kind == "join",
    Attempt.pending,
    Attempt.used_at.is_(None),
    Attempt.replaced_at.is_(None),
    Attempt.declined_at.is_(None),
)
