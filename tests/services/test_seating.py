"""Seats: a counter that no race and no arithmetic may pass."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import IntegrityError

from tests.parts import both
from tests.world import ALICE, World
from waitlist.models.condition import seats_left
from waitlist.services import seating
from waitlist.services.seating import LaunchFull

pytestmark = both


def test_seats_are_taken_all_or_none(world: World) -> None:
    campus = world.launch(seats=3)
    with world.writing() as tx:
        seating.take(tx, campus.id, 2)
    with pytest.raises(LaunchFull), world.writing() as tx:
        seating.take(tx, campus.id, 2)
    with world.writing() as tx:
        seating.take(tx, campus.id)
        seating.take(tx, campus.id, 0)
        assert seats_left(tx, campus.id) == 0
        seating.give_back(tx, campus.id, 0)
        seating.give_back(tx, campus.id)
    assert world.seats(campus) == 2


def test_without_a_limit_seats_are_counted_all_the_same(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        seating.take(tx, campus.id, 10_000)
        assert seats_left(tx, campus.id) is None
    assert world.seats(campus) == 10_000


def test_a_seat_that_nobody_holds_cannot_be_given_back(world: World) -> None:
    campus = world.launch()
    with pytest.raises(IntegrityError), world.writing() as tx:
        seating.give_back(tx, campus.id)


def test_seats_of_one_launch_are_not_those_of_another(world: World) -> None:
    campus, other = world.launch(seats=1), world.launch("other", seats=1)
    with world.writing() as tx:
        seating.lock(tx, campus.id)
        seating.take(tx, campus.id)
    assert (world.seats(campus), world.seats(other)) == (1, 0)


def test_the_counter_is_what_its_rows_say_through_a_whole_story(world: World) -> None:
    campus = world.launch(seats=9, allowance=3)
    world.member(campus, ALICE)
    world.crowd(campus, 4)
    world.release(campus, 2)
    world.plan_wave(campus, 1)
    world.redeem(campus, world.issue(campus, uses=3), "person1@college.edu")
    world.invited(campus, "stranger@college.edu")
    with world.reading() as rx:
        assert seating.difference(rx, campus.id) == 0
    assert world.seats(campus) == 5
    with world.writing() as tx:
        seating.give_back(tx, campus.id, 2)
    with world.reading() as rx:
        assert seating.difference(rx, campus.id) == -2
