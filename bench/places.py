"""Places: one person's, those of a page of people, the leaderboard, and who stands around somebody."""

from __future__ import annotations

import random
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.ground import raw
from bench.measuring import Figure, alone, paired, took
from waitlist import db
from waitlist.models.entry import Entry, in_line
from waitlist.models.launch import Launch
from waitlist.models.rank import by_window, place_of
from waitlist.queries.leaderboard import leaderboard

ONE = "place of one person"
PAGE = "places of 500 people"
BOARD = "leaderboard, first page, and my row with its neighbours"
COUNTED = "place of one person by COUNT(*), as others do it"


def measure(app: Flask, environ: dict[str, str]) -> list[Figure]:
    """Each in one transaction that only reads; the floor looks the same rows up by key with the bare driver."""
    dice, connection = random.Random(1), raw(environ)
    with app.app_context(), db.reading() as rx:
        ids = _people(rx, dice)
        wrong = _wrong(rx, ids[:50])
        figures = [_one(rx, connection, ids, wrong), _page(rx, connection, ids, wrong)]
        launch = db.one(rx, sa.select(Launch))
        assert launch is not None
        me = rx.scalar(sa.select(Entry.public_id).where(Entry.friends > 0).order_by(Entry.friends).limit(1))
        best = "SELECT id, name, friends FROM entry WHERE launch_id = 1 AND friends > 0 ORDER BY friends DESC LIMIT 25"
        board = paired(
            lambda: leaderboard(rx, launch, 1, "en", visitor=me),
            lambda: connection.execute(best).fetchall(),
            calls=1,
            rounds=5,
        )
        figures.append(Figure(BOARD, *board))
        counted = took(lambda: _by_count(rx, ids[0]))
        figures.append(Figure(COUNTED, alone(lambda: _by_count(rx, ids[1]), rounds=3) if counted < 2 else counted))
    connection.close()
    return figures


def _people(rx: db.Tx, dice: random.Random) -> list[int]:
    most = rx.scalar(sa.select(sa.func.max(Entry.id))) or 0
    drawn = [dice.randint(1, most) for _ in range(1_200)]
    return list(rx.scalars(sa.select(Entry.id).where(Entry.id.in_(drawn), in_line)))[:500]


def _one(rx: db.Tx, connection: Any, ids: list[int], wrong: int) -> Figure:
    query, turn = _look_up(connection), iter(range(10**9))
    sides = paired(
        lambda: place_of(rx, ids[next(turn) % len(ids)]),
        lambda: connection.execute(query, (ids[next(turn) % len(ids)],)).fetchone(),
        calls=300,
    )
    return Figure(ONE, *sides, checked=f"{wrong} of 50 wrong", wrong=wrong > 0)


def _page(rx: db.Tx, connection: Any, ids: list[int], wrong: int) -> Figure:
    query = _look_up(connection)
    sides = paired(
        lambda: [place_of(rx, entry_id) for entry_id in ids],
        lambda: [connection.execute(query, (entry_id,)).fetchone() for entry_id in ids],
        calls=1,
    )
    return Figure(PAGE, *sides, wrong=wrong > 0)


def _look_up(connection: Any) -> str:
    mark = "?" if "sqlite3" in type(connection).__module__ else "%s"
    return f"SELECT line_id, rank_key FROM entry WHERE id = {mark}"


def _wrong(rx: db.Tx, ids: list[int]) -> int:
    """How many of these places are not what counting everybody gives."""
    ranked = by_window(1).subquery()
    true = {row[0]: row[1] for row in rx.execute(sa.select(ranked).where(ranked.c.id.in_(ids)))}
    return sum(place_of(rx, entry_id) != true[entry_id] for entry_id in ids)


def _by_count(rx: db.Tx, entry_id: int) -> int:
    mine = sa.select(Entry.rank_key).where(Entry.id == entry_id).scalar_subquery()
    return rx.scalar(sa.select(sa.func.count()).where(Entry.line_id == 1, in_line, Entry.rank_key <= mine)) or 0
