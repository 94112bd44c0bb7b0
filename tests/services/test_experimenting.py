"""A question to the arms: its end is fixed before it starts, and nobody wins before that."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import TEAM, World
from waitlist.models.invite import Admission
from waitlist.models.launch import Launch
from waitlist.queries import experiments
from waitlist.queries.experiments import Results
from waitlist.services import experimenting, signalling
from waitlist.services.experimenting import AlreadyRunning, NoArms, NoEnd, NoSuchArm, NotRunning, Question
from waitlist.services.launching import BadSlug
from waitlist.splits import CONTROL

pytestmark = both
ASKED = Question("new-start", "first-invoice", min_people=40)


def ask(world: World, launch: Launch, question: Question = ASKED) -> None:
    with world.writing() as tx:
        experimenting.start(tx, launch, question, actor=TEAM, now=world.now)


def answers(world: World, launch: Launch) -> Results:
    with world.reading() as rx:
        return experiments.all_of(rx, launch, world.now)[0]


def members(world: World, launch: Launch, arms: dict[str, int]) -> None:
    """So many people inside, put into these arms whatever they drew."""
    world.crowd(launch, sum(arms.values()))
    world.release(launch, sum(arms.values()))
    names = [name for name, n in arms.items() for _ in range(n)]
    with world.writing() as tx:
        for n, name in enumerate(names, 1):
            entry = world.entry(f"person{n}@college.edu")
            values = {"arm": name, "state": "active", "via": "redeem"}
            tx.execute(sa.update(Admission).where(Admission.entry_id == entry.id).values(values))


def tell(world: World, people: range, kind: str, name: str) -> None:
    with world.writing() as tx:
        for n in people:
            signalling.tell(tx, world.entry(f"person{n}@college.edu"), kind, name, actor=TEAM, now=world.now)


def test_the_better_arm_wins_at_the_planned_end_and_not_before(world: World) -> None:
    campus = world.launch()
    world.split(campus, ("new", 500_000))
    members(world, campus, {CONTROL: 20, "new": 20})
    ask(world, campus)
    world.later(minutes=1)
    tell(world, range(1, 40), "exposure", "new-start")
    tell(world, range(21, 41), "outcome", "first-invoice")
    early = answers(world, campus)
    assert (early.exposed, early.is_over, early.winner, early.mismatch) == (39, False, None, False)
    tell(world, range(40, 41), "exposure", "new-start")
    found = answers(world, campus)
    assert [(arm.name, arm.exposed, arm.outcomes) for arm in found.arms] == [(CONTROL, 20, 0), ("new", 20, 20)]
    assert found.is_over
    best = found.arms[1]
    assert best.difference is not None
    assert 0 < best.difference.low < 1.0, "twenty of twenty are no proof that everybody will"
    assert found.winner == best
    with world.writing() as tx:
        experimenting.stop(tx, campus, "new-start", ship="new", actor=TEAM, now=world.now)
    world.member(campus, "erin@college.edu")
    assert world.admission("erin@college.edu").arm == "new"  # type: ignore[union-attr]
    assert answers(world, campus).experiment.shipped == "new"


def test_outcomes_before_the_exposure_and_exposures_before_the_start_do_not_count(world: World) -> None:
    campus = world.launch()
    world.split(campus, ("new", 500_000))
    members(world, campus, {CONTROL: 2, "new": 2})
    tell(world, range(1, 2), "exposure", "new-start")
    tell(world, range(3, 4), "outcome", "first-invoice")
    world.later(minutes=1)
    ask(world, campus)
    tell(world, range(3, 5), "exposure", "new-start")
    world.later(minutes=1)
    tell(world, range(4, 5), "outcome", "first-invoice")
    found = answers(world, campus)
    assert [(arm.name, arm.exposed, arm.outcomes) for arm in found.arms] == [(CONTROL, 0, 0), ("new", 2, 1)]
    assert all(arm.hidden for arm in found.arms if arm.exposed)


def test_arms_of_the_wrong_size_let_nobody_win(world: World) -> None:
    campus = world.launch()
    world.split(campus, ("new", 500_000))
    members(world, campus, {CONTROL: 5, "new": 35})
    ask(world, campus)
    tell(world, range(1, 41), "exposure", "new-start")
    found = answers(world, campus)
    assert found.mismatch
    assert (found.is_over, found.winner) == (True, None)


def test_an_experiment_ends_at_its_moment_too(world: World) -> None:
    campus = world.launch()
    world.split(campus, ("new", 500_000))
    ask(world, campus, Question("new-start", "first-invoice", ends_at=world.now + timedelta(days=1)))
    assert not answers(world, campus).is_over
    world.later(days=2)
    assert answers(world, campus).is_over


def test_what_cannot_be_asked_is_refused(world: World) -> None:
    campus = world.launch()
    with pytest.raises(NoArms):
        ask(world, campus)
    world.split(campus, ("new", 500_000))
    with pytest.raises(NoEnd):
        ask(world, campus, Question("new-start", "first-invoice", ends_at=world.now))
    with pytest.raises(BadSlug):
        ask(world, campus, Question("New start", "first-invoice", 1))
    ask(world, campus)
    with pytest.raises(AlreadyRunning):
        ask(world, campus, Question("other", "first-invoice", 1))
    with world.writing() as tx, pytest.raises(NoSuchArm):
        experimenting.stop(tx, campus, "new-start", ship="old", actor=TEAM, now=world.now)
    with world.writing() as tx:
        experimenting.stop(tx, campus, "new-start", actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(NotRunning):
        experimenting.stop(tx, campus, "new-start", actor=TEAM, now=world.now)
    with pytest.raises(AlreadyRunning):
        ask(world, campus)
