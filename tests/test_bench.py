"""The bench measures a house that is in order: what it seeds is what people would have made, and its cases run."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from bench import erasing, glancing, listing, places, seeding
from bench.measuring import Figure
from bench.table import Measured, table
from tests.parts import both
from tests.world import World
from waitlist.models.entry import Entry, in_line
from waitlist.models.rank import by_window, place_of, total_of
from waitlist.models.referral import Credit
from waitlist.services import ranking

PEOPLE = 1_200


@pytest.fixture
def filled(world: World) -> World:
    with world.writing() as tx:
        seeding.fill(tx, PEOPLE, now=world.now)
    return world


@both
def test_everybody_who_is_seeded_stands_where_counting_puts_them(filled: World) -> None:
    with filled.writing() as tx:
        true = {row[0]: row[1] for row in tx.execute(by_window(1))}
        assert total_of(tx, 1) == len(true) == PEOPLE * 87 // 100
        some = list(true)[::50]
        assert {entry_id: place_of(tx, entry_id) for entry_id in some} == {
            entry_id: true[entry_id] for entry_id in some
        }
        assert ranking.recount(tx, 1) == 0
        points = sa.select(Credit.referrer_id, sa.func.sum(Credit.points)).group_by(Credit.referrer_id)
        scored = sa.select(Entry.id, Entry.score).where(Entry.score > 0)
        assert {row[0]: int(row[1]) for row in tx.execute(points)} == {row[0]: row[1] for row in tx.execute(scored)}


def test_somebody_who_joins_a_seeded_launch_stands_behind_everybody(filled: World) -> None:
    campus = filled.launch_of(seeding.SLUG)
    with filled.writing() as tx:
        entry = filled.waiting_in(tx, campus, "new@college.edu")
        assert place_of(tx, entry.id) == tx.scalar(sa.select(sa.func.count()).where(Entry.line_id == 1, in_line))


def test_the_cases_find_nothing_wrong(filled: World, app: Flask, environ: dict[str, str]) -> None:
    figures: list[Figure] = []
    for case in (places, glancing, listing, erasing):
        figures += case.measure(app, environ=environ)
    assert [figure for figure in figures if figure.wrong] == []
    counted = {figure.variant: figure.checked for figure in figures if figure.work == "people table"}
    assert counted["nothing, by place"] == f"{PEOPLE} people"
    assert counted["state left (1 %), by place"] == f"{PEOPLE // 100} people"
    assert counted["a tag (2 %), by place"] == f"{PEOPLE // 50} people"


def test_the_table_pairs_both_sides_and_says_what_grew() -> None:
    measured = [
        Measured("sqlite", 10_000, Figure("a place", 20e-6, 2e-6, 10.0)),
        Measured("sqlite", 1_000_000, Figure("a place", 30e-6, 2e-6, 15.0, checked="0 wrong")),
        Measured("sqlite", 1_000_000, Figure("joins", 500.0, 1_000.0, 0.5, rate=True, wrong=True, checked="1 lost")),
    ]
    lines = table(measured).splitlines()
    assert lines[2] == "| a place | SQLite | 20 µs | 30 µs | 2.0 µs | 15 | 1.5× |  | 0 wrong |"
    assert lines[3] == "| joins | SQLite |  | 500/s | 1,000/s | 0.50 |  |  | WRONG: 1 lost |"
