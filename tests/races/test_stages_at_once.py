"""Two workers meet at one due stage: one wave. Without the claim there are two; killed in the middle, none."""

from __future__ import annotations

import signal
import time
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from tests.parts import both, processes
from tests.races import racing
from tests.world import TEAM, World
from waitlist import db
from waitlist.actors import WORKER
from waitlist.models.launch import Launch
from waitlist.models.stage import Stage
from waitlist.models.wave import Wave
from waitlist.services import advancing, seating, staging

pytestmark = both


def make_wave(app: Flask) -> str:
    """What a worker does with a stage that is due."""
    world = World(app)
    (stage,) = world.rows(Stage, Stage.key == "slow")

    def once() -> bool:
        with world.writing() as tx:
            hold = timedelta(0)
            return advancing.advance(tx, stage.launch_id, stage.id, hold=hold, actor=WORKER, now=world.now)

    return "made" if db.retried(once) else "nothing"


def without_the_claim() -> None:
    """A stage that is looked at, and written a moment later, by workers that do not wait for each other."""
    racing.without_anything()
    sa.Select.with_for_update = lambda self, **_: self  # type: ignore[method-assign, misc, assignment]
    advancing.claim = _look_and_dawdle
    advancing.Terms = _anonymous  # type: ignore[assignment, misc]


def _look_and_dawdle(tx: db.Tx, launch: Launch, stage: Stage, now: object) -> Stage | None:
    time.sleep(20 * racing.PAUSE)
    return stage


def _anonymous(**terms: object) -> object:
    return _terms(**terms | {"stage_no": None})  # type: ignore[arg-type]


_terms = advancing.Terms


def due(world: World, people: int = 6) -> Launch:
    launch = world.launch(seats=20)
    world.crowd(launch, people)
    with world.writing() as tx:
        draft = staging.Draft("slow", None, world.now, mode="release", quota=2, every_minutes=60)
        staging.add(tx, launch, draft, actor=TEAM, now=world.now)
    return launch


def test_two_workers_make_one_wave_of_a_due_stage(world: World, environ: dict[str, str]) -> None:
    launch = due(world)
    endings = processes.run(make_wave, [{}, {}], environ)
    assert sorted(processes.values(endings)) == ["made", "nothing"]
    assert [wave.planned for wave in world.rows(Wave)] == [2]
    assert world.seats(launch) == 2


def test_without_the_claim_it_would_be_two(world: World, environ: dict[str, str]) -> None:
    due(world)
    endings = processes.run(make_wave, [{}, {}], environ, before=without_the_claim)
    assert len(world.rows(Wave)) != 1 or any(ending.error for ending in endings)


def test_a_worker_killed_before_the_wave_is_written_leaves_a_stage_that_is_due(
    world: World, environ: dict[str, str]
) -> None:
    launch = due(world)
    (ending,) = processes.run(make_wave, [{}], environ, failpoint="stage.before_commit")
    assert ending.signal == signal.SIGKILL
    assert world.rows(Wave) == []
    assert processes.values(processes.run(make_wave, [{}], environ)) == ["made"]
    with world.reading() as rx:
        assert seating.difference(rx, launch.id) == 0
    assert [wave.planned for wave in world.rows(Wave)] == [2]
