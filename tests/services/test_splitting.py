"""Whoever is let in gets an arm once and keeps it, whatever becomes of the weights."""

from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.gates.deciding import decide
from waitlist.models.launch import Launch
from waitlist.queries import arms, deciding
from waitlist.services import restoring, revoking, splitting, staging, steering, sticking
from waitlist.splits import BadSplit

pytestmark = both
EVERYBODY = ("new", 1_000_000)


def arm(world: World, email: str) -> str:
    found = world.admission(email)
    assert found is not None
    return found.arm


def stick(world: World, launch: Launch, email: str) -> None:
    with world.writing() as tx:
        entry = world.entry(email)
        made = decide(deciding.plan_of(tx, launch), deciding.subject(tx, launch, entry, world.now), world.now)
        assert made.admitted
        assert sticking.stick(tx, launch, entry.id, made, actor=TEAM, now=world.now)
    assert world.admission(email).arm == made.arm  # type: ignore[union-attr]


def test_reweighting_moves_nobody_who_has_an_arm(world: World) -> None:
    campus = world.launch()
    world.split(campus, EVERYBODY)
    world.member(campus, ALICE)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    world.split(campus, ("other", 1_000_000))
    assert (arm(world, ALICE), arm(world, BOB)) == ("new", "new")
    world.redeem(campus, world.invite_of(BOB), BOB)
    assert arm(world, BOB) == "new", "fixed when it was offered"
    world.member(campus, CAROL)
    assert arm(world, CAROL) == "other"
    world.split(campus)
    world.member(campus, "erin@college.edu")
    assert arm(world, "erin@college.edu") == "control"
    with world.reading() as rx:
        assert [(one.name, one.weight, one.people) for one in arms.arms(rx, campus)] == [
            ("new", 0, 2), ("other", 0, 1), ("control", 1_000_000, 0),
        ]  # fmt: skip


def test_who_was_in_before_there_were_arms_stays_control(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, ALICE)
    world.waiting(campus, BOB)
    wave = world.release(campus, 2)
    world.redeem(campus, world.invite_of(ALICE), ALICE)
    world.split(campus, EVERYBODY)
    world.redeem(campus, world.invite_of(BOB), BOB)
    assert (arm(world, ALICE), arm(world, BOB)) == ("control", "new")
    with world.writing() as tx:
        revoking.revoke(tx, campus, wave.id, tell=False, reason="", actor=TEAM, now=world.now)
        staging.resume(tx, campus, "first", actor=TEAM, now=world.now)
    world.split(campus, ("other", 1_000_000))
    world.release(campus, 2)
    assert (arm(world, ALICE), arm(world, BOB)) == ("control", "new"), "a place that was taken back is not a first one"


def test_a_revoked_and_restored_wave_keeps_its_arms(world: World) -> None:
    campus = world.launch()
    world.split(campus, EVERYBODY)
    world.waiting(campus, ALICE)
    wave = world.release(campus, 1)
    world.redeem(campus, world.invite_of(ALICE), ALICE)
    with world.writing() as tx:
        revoking.revoke(tx, campus, wave.id, tell=False, reason="", actor=TEAM, now=world.now)
    with world.writing() as tx:
        restoring.restore(tx, campus, wave.id, actor=TEAM, now=world.now)
    assert arm(world, ALICE) == "new"


def test_somebody_let_in_by_a_rule_has_the_arm_that_they_were_told_of(world: World) -> None:
    campus = world.launch(mode="open")
    world.split(campus, ("new", 500_000))
    for n in range(6):
        world.waiting(campus, f"person{n}@college.edu")
        stick(world, campus, f"person{n}@college.edu")
    world.split(campus, ("other", 1_000_000))
    assert {arm(world, f"person{n}@college.edu") for n in range(6)} == {"new", "control"}


def test_an_offer_from_before_the_arms_that_lapsed_gets_one_when_it_is_made_again(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    wave = world.release(campus, 1)
    with world.writing() as tx:
        steering.recall(tx, campus, wave.id, tell=False, reason="", actor=TEAM, now=world.now)
    world.split(campus, EVERYBODY)
    world.release(campus, 1)
    assert arm(world, BOB) == "new"


def test_arms_over_the_whole_change_nothing(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx, pytest.raises(BadSplit):
        splitting.set_arms(tx, campus, [("a", 600_000), ("b", 600_000)], actor=TEAM, now=world.now)
    assert world.events("splitting.changed") == []
    world.split(campus, EVERYBODY)
    (event,) = world.events("splitting.changed")
    assert (event.data["before"], event.data["after"]) == ([], [["new", 1_000_000]])
