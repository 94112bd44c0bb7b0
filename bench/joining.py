"""Joining and confirming by the verbs, one after the other, each in a transaction of its own as a door makes it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.ground import raw
from bench.measuring import Figure, paired
from tests.world import TEAM, World
from waitlist import db
from waitlist.db import Base
from waitlist.models.entry import Entry, in_line
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.models.rank import by_window, place_of
from waitlist.services import leaving, ranking

JOIN = "join and confirm (two transactions)"
BY_LINK = "the same by a friend's link, credit and new place included"
VIRAL = "the same by the link of somebody beyond the cap"
LEAVE = "leave the line and come back (two transactions)"


def measure(app: Flask, environ: dict[str, str]) -> list[Figure]:
    """The floor writes an entry and a message by the bare driver, with every index of the tables, and commits."""
    world = World(app)
    with world.reading() as rx:
        launch = db.one(rx, sa.select(Launch))
        few = list(db.some(rx, sa.select(Entry).where(in_line, Entry.friends == 0).order_by(Entry.id).limit(2_000)))
        viral = db.one(rx, sa.select(Entry).where(Entry.id == 1))
    assert launch is not None
    assert viral is not None
    names, friends = itertools.count(), iter(few)
    bare = floor(raw(environ), names)

    def join(by: Entry | None = None) -> None:
        world.waiting(launch, f"new{next(names)}@college.edu", by=by)

    def come_and_go() -> None:
        person = next(friends)
        with world.writing() as tx:
            leaving.leave(tx, launch, person.id, actor=TEAM, now=world.now)
        with world.writing() as tx:
            leaving.undo(tx, launch, person.id, actor=TEAM, now=world.now)

    works: dict[str, Callable[[], object]] = {
        JOIN: join,
        BY_LINK: lambda: join(next(friends)),
        VIRAL: lambda: join(viral),
        LEAVE: come_and_go,
    }
    figures = []
    for work, ours in works.items():
        seconds, its, ratio = paired(ours, bare, calls=40, rounds=5)
        figures.append(Figure(work, 1 / seconds, 1 / its, 1 / ratio, rate=True))
    wrong = differences(app)
    last = figures[-1]
    figures[-1] = Figure(
        last.work, last.seconds, last.floor, last.ratio, rate=True, checked=f"{wrong} wrong places", wrong=wrong > 0
    )
    return figures


def floor(connection: Any, names: Any) -> Callable[[], None]:
    """Write one entry and one message, and commit."""
    sqlite = "sqlite3" in type(connection).__module__

    def write() -> None:
        n, moment = next(names), datetime.now(UTC)
        now: Any = moment.strftime("%Y-%m-%d %H:%M:%S.%f") if sqlite else moment
        email = f"bare{n}@college.edu"
        person = {"public_id": f"entb_{n}", "launch_id": 1, "line_id": 1, "email": email, "email_key": email}
        person |= {"email_abuse_key": email, "domain": "college.edu", "slug": f"B{n}", "state": "unconfirmed"}
        person |= {"state_at": now, "state_by": "", "created_at": now, "ticket": n, "arm_ticket": n}
        mail = {"public_id": f"msgb_{n}", "dedupe_key": f"bare:{n}", "kind": "confirm", "launch_id": 1, "state": "held"}
        mail |= {"to_address": email, "to_key": email, "language": "en", "params": "{}", "message_id": f"b{n}"}
        mail |= {"state_at": now, "available_at": now, "created_at": now}
        connection.execute("BEGIN IMMEDIATE" if sqlite else "BEGIN")
        for noun, row in ((Entry, person), (Message, mail)):
            row = _defaults(noun) | row  # noqa: PLW2901
            connection.execute(_insert(noun, tuple(row), "?" if sqlite else "%s"), tuple(row.values()))
        connection.execute("COMMIT")

    return write


@cache
def _defaults(noun: type[Base]) -> dict[str, Any]:
    """What the noun's own columns hold when nothing else is said."""
    columns = Base.metadata.tables[noun.__tablename__].columns
    return {column.name: column.default.arg for column in columns if column.default and column.default.is_scalar}


@cache
def _insert(noun: type[Base], columns: tuple[str, ...], mark: str) -> str:
    return f"INSERT INTO {noun.__tablename__} ({', '.join(columns)}) VALUES ({', '.join([mark] * len(columns))})"


def differences(app: Flask) -> int:
    """How many places are not what counting everybody gives: 2,000 by reading them, and every cell by a recount."""
    with app.app_context(), db.writing() as tx:
        ranked = by_window(1).subquery()
        newest = sa.select(Entry.id).where(in_line).order_by(Entry.id.desc()).limit(2_000).scalar_subquery()
        true = {row[0]: row[1] for row in tx.execute(sa.select(ranked).where(ranked.c.id.in_(newest)))}
        doubled = len(true) - len(set(true.values()))
        wrong = sum(place_of(tx, entry_id) != place for entry_id, place in true.items())
        return doubled + wrong + ranking.recount(tx, 1)
