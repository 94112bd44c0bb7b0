"""A random sample is the launch's one draw: by ticket, the same whoever asks, and the rows still add up."""

from __future__ import annotations

from tests.parts import both
from tests.world import World
from waitlist.models.launch import Launch
from waitlist.services.cutting import Cut, cut
from waitlist.services.gathering import Audience

pytestmark = both


def drawn(world: World, campus: Launch, audience: Audience) -> Cut:
    with world.reading() as rx:
        line_id = world.entry("person1@college.edu").line_id
        return cut(rx, world.launch_of(), line_id, audience, world.now)


def test_the_lowest_tickets_of_those_who_fit_are_drawn_lowest_first(world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 6)
    found = drawn(world, campus, Audience("filter", sample=2))
    by_ticket = [person.id for person in sorted(people, key=lambda person: person.ticket)]
    assert found.chosen == by_ticket[:2]
    assert sorted(found.skipped["not_drawn"]) == sorted(by_ticket[2:])
    assert found.checked == 6
    again = drawn(world, campus, Audience("filter", sample=3))
    assert again.chosen[:2] == found.chosen  # a larger sample holds the smaller one


def test_a_sample_of_the_first_n_draws_among_them_only(world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 6)
    found = drawn(world, campus, Audience("first", n=3, sample=2))
    assert set(found.chosen) < {person.id for person in people[:3]}
    assert found.checked == 3


def test_seats_and_those_held_back_end_a_sample_and_a_wave(world: World) -> None:
    campus = world.launch(seats=4)
    world.crowd(campus, 6)
    found = drawn(world, campus, Audience("filter", sample=5, hold_back=1))
    assert [len(found.chosen), len(found.skipped["seats"]), len(found.skipped["not_drawn"])] == [3, 2, 1]
    plain = drawn(world, campus, Audience("first", n=6, hold_back=2))
    assert [len(plain.chosen), len(plain.skipped["seats"])] == [2, 4]
    nothing = drawn(world, campus, Audience("first", n=6, hold_back=9))
    assert nothing.chosen == []
