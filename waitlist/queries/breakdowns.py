"""Breakdowns of a period: where people came from, their domains and countries, and who brought most of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from waitlist.db import Tx
from waitlist.models.entry import Entry, StoredFact
from waitlist.models.referral import Credit

BARS = 8
COUNTRY = "country"
Where = Sequence[sa.ColumnElement[bool]]
Column = InstrumentedAttribute[int] | InstrumentedAttribute[str] | InstrumentedAttribute[str | None]


@dataclass(frozen=True)
class Bar:
    """One line of a breakdown: a name, and how many joined by it; `visits` where it is known."""

    name: str
    joined: int
    visits: int = 0

    @property
    def id(self) -> str:
        return self.name


@dataclass(frozen=True)
class Inviter:
    """Somebody whose friends counted in the period."""

    public_id: str
    email: str
    friends: int

    @property
    def id(self) -> str:
        return self.public_id


@dataclass(frozen=True)
class Only:
    """The people that the numbers are of; everything that is named must be so."""

    source: str = ""
    domain: str = ""
    country: str = ""

    @property
    def is_some(self) -> bool:
        return self != EVERYBODY

    def people(self) -> tuple[sa.ColumnElement[bool], ...]:
        """The conditions, on Entry."""
        found: list[sa.ColumnElement[bool]] = []
        if self.source:
            found.append(Entry.source == self.source)
        if self.domain:
            found.append(Entry.domain == self.domain)
        if self.country:
            here = (StoredFact.name == COUNTRY, sa.cast(StoredFact.value, sa.Text) == json.dumps(self.country))
            found.append(Entry.id.in_(sa.select(StoredFact.entry_id).where(*here)))
        return tuple(found)

    def among(self, launch_id: int, column: Column, theirs: Column) -> tuple[sa.ColumnElement[bool], ...]:
        """The condition that a column names one of these people; none where it is everybody."""
        if not self.is_some:
            return ()
        return (column.in_(sa.select(theirs).where(Entry.launch_id == launch_id, *self.people())),)


EVERYBODY = Only()


def sources(rx: Tx, where: Where, seen: dict[str, int]) -> list[Bar]:
    """By the campaign or site that brought them, with the visits that were noted (`visit:<source>`)."""
    came = sa.select(Entry.source, sa.func.count().label("n")).where(*where).group_by(Entry.source)
    joined = {row.source: row.n for row in rx.execute(came)}
    visits = {name.removeprefix("visit:"): n for name, n in seen.items()}
    bars = [Bar(name, joined.get(name, 0), visits.get(name, 0)) for name in {*joined, *visits}]
    return sorted(bars, key=lambda bar: (-bar.joined, -bar.visits, bar.name))[:BARS]


def domains(rx: Tx, where: Where) -> list[Bar]:
    """By the domain of the address."""
    many = sa.func.count().label("n")
    query = sa.select(Entry.domain, many).where(*where)
    rows = rx.execute(query.group_by(Entry.domain).order_by(many.desc(), Entry.domain).limit(BARS))
    return [Bar(row.domain, row.n) for row in rows if row.domain]


def countries(rx: Tx, where: Where) -> list[Bar]:
    """By country, of those whose country is known, whoever said so."""
    code = sa.cast(StoredFact.value, sa.Text)
    many = sa.func.count(StoredFact.entry_id.distinct()).label("n")
    query = sa.select(code.label("code"), many).join(Entry, Entry.id == StoredFact.entry_id)
    rows = rx.execute(
        query.where(StoredFact.name == COUNTRY, *where).group_by(code).order_by(many.desc(), code).limit(BARS)
    )
    found = [(json.loads(row.code), row.n) for row in rows]
    return [Bar(name, n) for name, n in found if isinstance(name, str)]


def inviters(rx: Tx, counted: Where) -> list[Inviter]:
    """Whose friends counted most."""
    many = sa.func.count().label("n")
    query = sa.select(Entry.public_id, Entry.email, many).join(Credit, Credit.referrer_id == Entry.id).where(*counted)
    rows = rx.execute(
        query.group_by(Entry.id, Entry.public_id, Entry.email).order_by(many.desc(), Entry.id).limit(BARS)
    )
    return [Inviter(row.public_id, row.email, row.n) for row in rows]
