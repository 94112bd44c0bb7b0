"""The leaderboard: who brought most friends, in public, named only as far as each allows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.models.referral import Credit
from waitlist.pseudonyms import pseudonym
from waitlist.queries.naming import short_name

FEWEST = 5  # people below whom there is no board: a podium of two says who they are
ON_IT = (State.WAITING, State.INVITED, State.JOINED, State.LAPSED)


@dataclass(frozen=True)
class Ranked:
    """One row. Equal numbers of friends are equal ranks; the earlier confirmation stands first."""

    id: str  # public id
    rank: int
    name: str
    friends: int
    me: bool


@dataclass(frozen=True)
class Mine:
    """My row between its neighbours, and the rank that one more friend gives; without friends there is no row."""

    rows: Sequence[Ranked]
    rank: int | None
    friends: int
    next_rank: int


@dataclass(frozen=True)
class Leaderboard:
    """One page of it. `closed_at`: counted until then, and not any more."""

    rows: Sequence[Ranked]
    total: int
    last: int
    closed_at: datetime | None
    mine: Mine | None

    @property
    def enough(self) -> bool:
        return self.total >= FEWEST


def leaderboard(rx: Tx, launch: Launch, number: int, language: str, *, visitor: str | None) -> Leaderboard:
    """Page `number` of a launch's board; `visitor` is the public id of whoever looks, where their browser says so."""
    board = _Board(rx, launch, language, visitor)
    total: int = rx.scalar(sa.select(sa.func.count()).select_from(board.people.subquery())) or 0
    size = launch.leaderboard
    last = max(1, -(-total // size))
    rows = board.rows(board.ordered.limit(size).offset((min(number, last) - 1) * size))
    return Leaderboard(rows, total, last, launch.launched_at, board.mine())


class _Board:
    """The people of one board, and how one of them is shown."""

    def __init__(self, rx: Tx, launch: Launch, language: str, visitor: str | None) -> None:
        self.rx, self.launch, self.language, self.visitor = rx, launch, language, visitor
        self.friends = _friends(launch)
        self.people = sa.select(
            Entry.public_id, Entry.name, Entry.share_name, Entry.show_on_board, Entry.confirmed_no,
            self.friends.label("brought"),
        ).where(
            Entry.launch_id == launch.id, Entry.friends > sa.literal_column("0"), self.friends > 0,
            Entry.state.in_(ON_IT), Entry.held_by.is_(None),
        )  # fmt: skip
        self.ordered = self.people.order_by(self.friends.desc(), Entry.confirmed_no)

    def rows(self, query: sa.Select[*tuple[Any, ...]]) -> list[Ranked]:
        found = self.rx.execute(query).all()
        ranks: dict[int, int] = {}
        for row in found:
            if row.brought not in ranks:  # equal numbers of friends are one look
                ranks[row.brought] = self.rank(row.brought)
        return [
            Ranked(row.public_id, ranks[row.brought], self._name(row), row.brought, row.public_id == self.visitor)
            for row in found
        ]

    def rank(self, friends: int) -> int:
        """The rank of somebody with this many friends: one behind everybody who has more."""
        ahead = self.people.where(self.friends > friends).subquery()
        return 1 + (self.rx.scalar(sa.select(sa.func.count()).select_from(ahead)) or 0)

    def mine(self) -> Mine | None:
        if self.visitor is None:
            return None
        me = self.rx.execute(
            sa.select(Entry.state, Entry.held_by, Entry.confirmed_no, self.friends.label("brought")).where(
                Entry.launch_id == self.launch.id, Entry.public_id == self.visitor
            )
        ).one_or_none()
        if me is None or me.state not in ON_IT or me.held_by is not None:
            return None
        if me.brought == 0:
            return Mine((), None, 0, self.rank(1))
        level = self.friends == me.brought
        above = sa.or_(self.friends > me.brought, sa.and_(level, Entry.confirmed_no < me.confirmed_no))
        below = sa.or_(self.friends < me.brought, sa.and_(level, Entry.confirmed_no > me.confirmed_no))
        nearest = [
            *self.rows(self.people.where(above).order_by(self.friends, Entry.confirmed_no.desc()).limit(1)),
            *self.rows(self.people.where(Entry.public_id == self.visitor)),
            *self.rows(self.ordered.where(below).limit(1)),
        ]
        return Mine(nearest, self.rank(me.brought), me.brought, self.rank(me.brought + 1))

    def _name(self, row: Any) -> str:
        if row.name.strip() and row.show_on_board:
            return str(row.name)
        if row.name.strip() and row.share_name:
            return short_name(row.name)
        return pseudonym(self.launch.salt, row.public_id, self.language)


def _friends(launch: Launch) -> sa.ColumnElement[int]:
    """Counted friends; once everybody can come in, those who were counted by then."""
    if launch.launched_at is None:
        return sa.type_coerce(Entry.friends, sa.BigInteger())
    late = (
        sa.select(sa.func.count())
        .where(
            Credit.referrer_id == Entry.id,
            Credit.state == "counted",
            Credit.points > 0,
            Credit.created_at > launch.launched_at,
        )
        .correlate(Entry)
        .scalar_subquery()
    )
    return sa.type_coerce(Entry.friends - late, sa.BigInteger())
