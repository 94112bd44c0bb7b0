"""Tries are counted in windows, for what is known and unknown alike, and the table names nobody."""

from __future__ import annotations

from datetime import timedelta

from tests.parts import both
from tests.world import CAROL, World
from waitlist.models.upkeep import Tally
from waitlist.services import counting

pytestmark = both


def claim(world: World, what: str = CAROL, kind: str = "code") -> bool:
    with world.writing() as tx:
        return counting.claim(tx, kind, what, limit=2, window=timedelta(minutes=10), now=world.now)


def tallies(world: World) -> list[Tally]:
    with world.reading() as rx:
        return list(rx.execute(Tally.__table__.select()))  # type: ignore[arg-type]


def test_a_third_try_is_one_too_many_until_the_window_ends(world: World) -> None:
    assert [claim(world), claim(world), claim(world), claim(world)] == [True, True, False, False]
    world.later(minutes=9)
    assert claim(world) is False, "windows are fixed from the first try"
    world.later(minutes=1)
    assert [claim(world), claim(world), claim(world)] == [True, True, False]


def test_kinds_and_people_are_counted_apart(world: World) -> None:
    assert [claim(world), claim(world), claim(world, kind="mail"), claim(world, "dave")] == [True] * 4


def test_the_table_holds_no_address_and_forgets_windows_that_are_over(world: World) -> None:
    claim(world)
    (row,) = tallies(world)
    assert (row.n, CAROL in row.key, row.key.startswith("code:")) == (1, False, True)
    with world.writing() as tx:
        assert counting.purge(tx, world.now) == 0
        assert counting.purge(tx, world.later(minutes=10)) == 1
    assert tallies(world) == []
