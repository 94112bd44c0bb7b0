"""A wave that surely goes wrong is stopped by itself, once, in the way the team chose."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import TEAM, World
from waitlist.jobs import steps
from waitlist.models.guard import Trip
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.models.wave import Wave
from waitlist.queries import guards
from waitlist.services import choosing, guarding, releasing, reporting, signalling, staging
from waitlist.services.guarding import BadGuardrail

pytestmark = both
PEOPLE = 12


def guard(world: World, launch: Launch, metric: str, action: str, limit_ppm: int = 50_000) -> None:
    with world.writing() as tx:
        guarding.guard(tx, launch, metric, limit_ppm, action, actor=TEAM, now=world.now)


def a_wave(world: World, inside: int = PEOPLE) -> tuple[Launch, Wave]:
    campus = world.launch()
    world.crowd(campus, PEOPLE + 3)
    wave = world.release(campus, PEOPLE)
    for n in range(1, inside + 1):
        world.redeem(campus, world.invite_of(f"person{n}@college.edu"), f"person{n}@college.edu")
    return campus, wave


def trouble(world: World, launch: Launch, n: int, kind: str = "bug") -> None:
    with world.writing() as tx:
        for i in range(1, n + 1):
            entry = world.entry(f"person{i}@college.edu")
            if kind == "bug":
                said = reporting.Said("bug", "blocks", "It broke.")
                reporting.report(tx, launch, entry.id, said, actor=TEAM, now=world.now)
            else:
                signalling.tell(tx, entry, kind, "crash", actor=TEAM, now=world.now)


def watch(world: World) -> int:
    """What the worker does when its turn comes."""
    with world.app.app_context(), world.clock():
        return steps.watch_waves(threading.Event())


def due(world: World) -> bool:
    with world.reading() as rx:
        return any(seen.stops for seen in guards.watched(rx, world.now))


def test_problems_above_the_limit_hold_the_stage_once_and_the_next_wave_is_not_sent(world: World) -> None:
    campus, wave = a_wave(world)
    guard(world, campus, "problems", "hold")
    trouble(world, campus, 1)
    assert not due(world), "one of twelve may happen where one of twenty is tolerated"
    trouble(world, campus, 5)
    assert due(world)
    assert watch(world) == 1
    (trip,) = world.rows(Trip)
    assert (trip.k, trip.n, trip.metric, trip.wave_id) == (5, PEOPLE, "problems", wave.id)
    assert trip.e >= 20
    (hold,) = world.rows(Hold)
    assert (hold.scope, hold.source, hold.reason) == ("stage", "guardrail", f"problems: 5 of 12, e = {trip.e}")
    with pytest.raises(releasing.StageHeld):
        world.release(campus, 1)
    with world.writing() as tx:
        staging.resume(tx, campus, "first", actor=TEAM, now=world.now)
    trouble(world, campus, 9)
    assert watch(world) == 0, "whoever resumed it has seen it"
    assert world.release(campus, 1).state == "done"


@pytest.mark.parametrize(
    ("action", "state", "verdicts"),
    [
        ("warn", "done", {"joined"}),
        ("recall", "recalled", {"joined", "waiting"}),
        ("revoke", "recalled", {"waiting"}),
        ("kill", "done", {"joined", "invited"}),
    ],
)
def test_each_action_does_what_it_says(world: World, action: str, state: str, verdicts: set[str]) -> None:
    campus, wave = a_wave(world, inside=9)
    guard(world, campus, "errors", action)
    trouble(world, campus, 7, "error")
    assert watch(world) == 1
    assert world.wave(wave.public_id).state == state
    people = {world.entry(f"person{n}@college.edu").state for n in range(1, PEOPLE + 1)}
    assert verdicts <= people
    effects = {tuple(hold.effect) for hold in world.rows(Hold)}
    assert effects == {
        "warn": set(), "recall": {("admit",)}, "revoke": {("admit",)}, "kill": {("admit", "redeem", "access")},
    }[action]  # fmt: skip


def test_bounces_pause_a_wave_on_its_way_and_only_warn_of_one_that_has_left(world: World) -> None:
    campus, wave = a_wave(world, inside=0)
    guard(world, campus, "bounces", "pause")
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.kind == "invite").values(state="sent"))
        for n in range(1, 7):
            email = f"person{n}@college.edu"
            tx.execute(
                sa.update(Message).where(Message.to_key == email, Message.kind == "invite").values(state="failed")
            )
            choosing.bounce(tx, None, email, email, actor=TEAM, now=world.now)
        tx.execute(sa.update(Wave).where(Wave.id == wave.id).values(state="releasing"))
    assert watch(world) == 1
    paused = world.wave(wave.public_id)
    assert (paused.state, world.rows(Trip)[0].k) == ("paused", 6)
    (event,) = world.events("guarding.tripped")
    assert (event.data["k"], event.data["n"]) == (6, PEOPLE)


def test_complaints_count_among_those_who_were_written_to(world: World) -> None:
    campus, wave = a_wave(world, inside=0)
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.kind == "invite").values(state="sent"))
    trouble(world, campus, 2, "complaint")
    with world.reading() as rx:
        assert guards.measured(rx, wave.id, "complaints") == (2, PEOPLE)
    guard(world, campus, "complaints", "warn", 1_000)
    assert watch(world) == 1


def test_a_wave_is_watched_for_thirty_days_and_a_dropped_guardrail_watches_none(world: World) -> None:
    campus, _ = a_wave(world)
    trouble(world, campus, 9)
    guard(world, campus, "problems", "warn")
    world.later(days=31)
    assert not due(world)
    world.later(days=-31)
    with world.writing() as tx:
        assert guarding.drop(tx, campus, "problems", actor=TEAM, now=world.now)
        assert not guarding.drop(tx, campus, "problems", actor=TEAM, now=world.now)
    assert not due(world)


@pytest.mark.parametrize(
    ("metric", "limit", "action"), [("mood", 1, "warn"), ("errors", 0, "warn"), ("errors", 1, "x")]
)
def test_a_guardrail_that_cannot_be_is_refused(world: World, metric: str, limit: int, action: str) -> None:
    campus = world.launch()
    with pytest.raises(BadGuardrail):
        guard(world, campus, metric, action, limit)
