"""A wave with a pace invites so many people and no more, rests in quiet hours, and makes nothing up in a rush."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.parts import both
from tests.world import TEAM, World
from waitlist.actors import WORKER
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave
from waitlist.services import recovering, releasing
from waitlist.services.gathering import Audience
from waitlist.services.releasing import Offer, Terms
from waitlist.services.timing import Timing


def plan(world: World, campus: Launch, n: int, timing: Timing) -> Wave:
    offer, terms = Offer(7, 3, "keep"), Terms(None, timedelta(0), timing=timing)
    with world.writing() as tx:
        return releasing.confirm(tx, campus, Audience("first", n=n), offer, terms, actor=TEAM, now=world.now)


def invited(world: World, wave: Wave) -> int:
    return world.wave(wave.public_id).invited


def due(world: World) -> bool:
    with world.reading() as rx:
        return bool(releasing.due_waves(rx, world.now))


@both
def test_one_person_every_ten_minutes_and_the_others_keep_their_place(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    wave = plan(world, campus, 3, Timing(pace=6))
    for n in (1, 2, 3):
        assert due(world)
        world.deliver(campus, wave)
        assert invited(world, wave) == n
        assert not due(world)
        world.deliver(campus, wave)  # a worker that looks too early
        assert invited(world, wave) == n
        assert world.entry("person3@college.edu").state == ("invited" if n == 3 else "waiting")
        world.later(minutes=10)
    world.deliver(campus, wave)
    assert world.wave(wave.public_id).state == "done"


@both
def test_what_a_pause_missed_is_not_made_up_for_at_once(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    wave = plan(world, campus, 9, Timing(pace=60))
    world.deliver(campus, wave)
    world.later(hours=3)
    world.deliver(campus, wave)
    assert invited(world, wave) <= 1 + 2


@both
def test_standing_still_on_purpose_is_no_interruption(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    wave = plan(world, campus, 3, Timing(pace=6))
    world.deliver(campus, wave)
    world.later(minutes=10)
    with world.writing() as tx:
        assert not recovering.note_interruption(tx, campus, wave.id, actor=WORKER, now=world.now)
    world.later(minutes=1)
    with world.writing() as tx:
        assert recovering.note_interruption(tx, campus, wave.id, actor=WORKER, now=world.now)


@both
def test_nobody_is_invited_in_quiet_hours(world: World) -> None:
    campus = world.launch(tz="Europe/Paris")
    world.crowd(campus, 2)
    world.now = datetime(2090, 1, 1, 22, 30, tzinfo=UTC)
    timing = Timing(pace=3_600, quiet_from="22:00", quiet_to="07:00")
    wave = plan(world, campus, 2, timing)
    world.deliver(campus, wave)
    assert invited(world, wave) == 0
    assert world.wave(wave.public_id).due_at == datetime(2090, 1, 2, 6, 0, tzinfo=UTC)
    world.now = datetime(2090, 1, 2, 6, 0, 30, tzinfo=UTC)
    world.deliver(campus, wave)
    assert invited(world, wave) == 2


def test_the_end_counts_the_nights() -> None:
    start = datetime(2026, 7, 1, 18, 0, tzinfo=UTC)
    assert Timing().ends(50, start, "UTC") == start
    assert Timing(pace=10).ends(21, start, "UTC") == start + timedelta(hours=2)
    nights = Timing(pace=10, quiet_from="20:00", quiet_to="08:00")
    assert nights.ends(31, start, "UTC") == datetime(2026, 7, 2, 9, 0, tzinfo=UTC)


def test_a_timing_comes_back_as_it_was_and_an_empty_one_is_empty() -> None:
    timing = Timing(datetime(2026, 7, 1, tzinfo=UTC), False, 5, 10, "day", "20:00", "08:00")
    assert Timing.from_json(timing.to_json()) == timing
    assert Timing().to_json() == {}
