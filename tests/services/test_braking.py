"""A launch is stopped at three levels, and what is lifted is as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.gates.deciding import Decision, Verdict, decide
from waitlist.models.launch import Launch
from waitlist.queries import deciding
from waitlist.services import braking, redeeming
from waitlist.services.braking import Level

pytestmark = both
PEOPLE = (ALICE, BOB, CAROL)


def decisions(world: World, launch: Launch) -> list[Decision]:
    with world.reading() as rx:
        plan = deciding.plan_of(rx, world.launch_of(launch.slug))
        people = [world.entry(email, launch) for email in PEOPLE]
        subjects = deciding.subjects(rx, launch, people, world.now)
        return [decide(plan, subjects[person.id], world.now) for person in people]


def brake(world: World, launch: Launch, level: Level) -> str | None:
    with world.writing() as tx:
        return braking.brake(tx, launch, level, reason="flood", actor=TEAM, now=world.now)


def lift(world: World, launch: Launch, *levels: Level) -> int:
    with world.writing() as tx:
        return braking.lift(tx, launch, levels, actor=TEAM, now=world.now)


def test_unkill_gives_everybody_exactly_the_former_answer(world: World) -> None:
    campus = world.cast()
    before = decisions(world, campus)
    assert brake(world, campus, Level.KILL)
    assert brake(world, campus, Level.KILL) is None
    assert {decision.verdict for decision in decisions(world, campus)} == {Verdict.KILLED}
    lift(world, campus, Level.KILL)
    assert decisions(world, campus) == before
    with pytest.raises(braking.NotBraked):
        lift(world, campus, Level.KILL)
    assert [event.verb for event in world.events()][-2:] == ["launching.killed", "launching.unkilled"]


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(list(Level)), max_size=5))
def test_whatever_was_stopped_in_between_all_is_as_before_once_all_is_lifted(world: World, levels: list[Level]) -> None:
    campus = world._launches[0] if world._launches else world.cast()
    before = decisions(world, campus)
    for done, level in enumerate(levels, start=1):
        brake(world, campus, level)
        is_in = decisions(world, campus)[0].verdict is Verdict.ADMITTED
        assert is_in is (Level.KILL not in levels[:done])
    for level in set(levels):
        lift(world, campus, level)
    assert decisions(world, campus) == before


def test_frozen_lets_nobody_new_in_and_an_invite_still_opens(world: World) -> None:
    campus = world.launch(mode="open")
    world.waiting(campus, CAROL)
    invite = world.invited(campus, BOB)
    brake(world, campus, Level.FREEZE)
    with world.reading() as rx:
        plan = deciding.plan_of(rx, campus)
        subject = deciding.subject(rx, campus, world.entry(CAROL), world.now)
        assert decide(plan, subject, world.now).verdict is Verdict.WAITING
    assert world.redeem(campus, invite, BOB).first
    other = world.invited(campus, DAVE.replace("elsewhere", "college"))
    lift(world, campus, Level.FREEZE)
    brake(world, campus, Level.SUSPEND)
    ends = world.invite_of("dave@college.edu").expires_at
    with pytest.raises(redeeming.Paused):
        world.redeem(campus, other, "dave@college.edu")
    world.later(days=2)
    assert lift(world, campus, Level.FREEZE, Level.SUSPEND) == 1
    assert world.invite_of("dave@college.edu").expires_at == ends + timedelta(days=2)
