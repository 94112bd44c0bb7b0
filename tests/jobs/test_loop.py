"""The worker's loop: alive, in step with other workers, and stopped when it is asked to."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.parts import both
from tests.parts.smtp import Catcher
from tests.services.bringing import begin, staged
from tests.world import ALICE, CAROL, World
from waitlist import jobs
from waitlist.db import Tx
from waitlist.jobs import calendar, loop, steps
from waitlist.jobs.loop import Job
from waitlist.models.entry import Entry
from waitlist.models.rank import RankDelta
from waitlist.models.referral import Credit
from waitlist.models.upkeep import ImportRun, JobBeat, Once, Tally, WorkerBeat
from waitlist.services import beating, counting, remembering

pytestmark = both


@pytest.fixture
def settings(smtp: Catcher) -> dict[str, str]:
    return {"WAITLIST_SMTP_URL": smtp.url}


def until(true: Callable[[], object], seconds: float = 20) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, "it never came true"
        time.sleep(0.02)


def start(app: Flask, stop: threading.Event, table: tuple[Job, ...] = jobs.JOBS) -> threading.Thread:
    def run() -> None:
        with app.app_context():
            loop.work(table, stop)

    worker = threading.Thread(target=run)
    worker.start()
    return worker


def test_a_worker_releases_a_wave_and_sends_its_mails_and_stops_when_asked(
    app: Flask, world: World, smtp: Catcher
) -> None:
    launch = world.launch()
    world.crowd(launch, 3)
    world.plan_wave(launch, 2)
    stop = threading.Event()
    worker = start(app, stop)
    until(lambda: len([mail for mail in smtp.caught if mail.subject.startswith("Your invite")]) == 2)
    (beat,) = _rows(world, WorkerBeat)
    assert beat.seen_at >= beat.started_at
    stop.set()
    worker.join(10)
    assert not worker.is_alive()
    assert {message.state for message in world.messages("invite")} == {"sent"}


def _rows(world: World, noun: type) -> list[sa.Row]:
    with world.reading() as rx:
        return list(rx.execute(sa.select(noun)))


def test_of_two_workers_one_runs_a_job_and_both_are_alive(app: Flask, world: World) -> None:
    ran: list[str] = []
    table = (Job("sweep", every=60, run=lambda stop: ran.append("once") or 1),)
    stop = threading.Event()
    workers = [start(app, stop, table), start(app, stop, table)]
    until(lambda: ran)
    time.sleep(0.5)
    stop.set()
    for worker in workers:
        worker.join(10)
    assert ran == ["once"]
    assert [row.name for row in _rows(world, JobBeat)] == ["sweep"]


def test_a_turn_comes_again_when_its_time_is_over(world: World) -> None:
    with world.writing() as tx:
        assert beating.claim_turn(tx, "sweep", 10, now=world.now)
        assert not beating.claim_turn(tx, "sweep", 10, now=world.now)
    world.later(seconds=10)
    with world.writing() as tx:
        assert beating.claim_turn(tx, "sweep", 10, now=world.now)


def test_a_worker_that_was_not_seen_for_a_day_is_forgotten(world: World) -> None:
    with world.writing() as tx:
        beating.beat(tx, "old", world.now, now=world.now)
    world.later(days=2)
    with world.writing() as tx:
        beating.beat(tx, "new", world.now, now=world.now)
        beating.beat(tx, "new", world.now, now=world.now)
    assert [row.worker for row in _rows(world, WorkerBeat)] == ["new"]


def test_a_job_with_nothing_to_do_neither_runs_nor_writes(app: Flask, world: World) -> None:
    looked: list[str] = []

    def nothing(rx: Tx, now: object) -> bool:
        looked.append("looked")
        return False

    stop = threading.Event()
    worker = start(app, stop, (Job("idle", every=0.01, run=lambda stop: 1 // 0, due=nothing),))
    until(lambda: len(looked) > 1)
    stop.set()
    worker.join(10)
    assert _rows(world, JobBeat) == []


def test_a_job_that_fails_is_logged_and_does_not_stop_the_others(
    app: Flask, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("waitlist"), "propagate", True)
    ran: list[str] = []

    def breaks(stop: threading.Event) -> int:
        raise RuntimeError("no tea")

    def away(stop: threading.Event) -> int:
        raise sa.exc.OperationalError("SELECT 1", {}, ConnectionError("gone"))

    table = (
        Job("breaks", every=0.01, run=breaks, alone=False),
        Job("away", every=0.01, run=away, alone=False),
        Job("works", every=0.01, run=lambda stop: ran.append("ran") or 1, alone=False),
    )
    stop = threading.Event()
    worker = start(app, stop, table)
    until(lambda: len(ran) > 1)
    stop.set()
    worker.join(10)
    assert "breaks failed and will be tried again" in caplog.text
    assert "away: the database does not answer: ConnectionError" in caplog.text


def test_one_tick_runs_every_job_of_the_table(app: Flask, world: World, smtp: Catcher) -> None:
    launch = world.launch()
    world.waiting(launch, ALICE)
    wave = world.plan_wave(launch, 1)
    with app.app_context():
        done = jobs.tick()
    assert set(done) == {job.name for job in jobs.JOBS}
    assert done["release waves"] == 2
    assert world.wave(wave.public_id).state == "done"
    assert "Your invite to Campus is ready" in [mail.subject for mail in smtp.to(ALICE)]
    with app.app_context():
        again = jobs.tick()
    assert set(again.values()) == {0}


def test_a_worker_on_its_way_out_leaves_the_rest_of_a_wave_to_the_next_one(app: Flask, world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 1)
    wave = world.plan_wave(launch, 1)
    stop = threading.Event()
    stop.set()
    with app.app_context():
        assert steps.release_waves(stop) == 1
        assert world.wave(wave.public_id).state == "releasing"
        assert steps.release_waves(threading.Event()) == 1
    assert world.wave(wave.public_id).state == "done"


def test_credits_without_a_cap_reach_their_scores(app: Flask, world: World) -> None:
    launch = world.launch(points_cap=None)
    carol = world.waiting(launch, CAROL)
    for n in range(3):
        world.waiting(launch, f"friend{n}@college.edu", by=carol)
    with app.app_context():
        with world.reading() as rx:
            assert steps.credits_due(rx, world.now)
        assert steps.fold_credits(threading.Event()) == 3
        with world.reading() as rx:
            assert not steps.credits_due(rx, world.now)
    assert world.entry(CAROL).score == 3
    assert world.rows(Credit, Credit.folded.is_(False)) == []


def test_changes_of_the_line_are_folded(app: Flask, world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 3)
    with app.app_context():
        with world.reading() as rx:
            assert steps.lines_due(rx, world.now)
        assert steps.fold_lines(threading.Event()) == 6
        with world.reading() as rx:
            assert not steps.lines_due(rx, world.now)
    assert world.rows(RankDelta) == []
    assert world.place("person3@college.edu") == 3


def test_an_import_that_nobody_works_on_any_more_goes_on(app: Flask, world: World) -> None:
    launch = world.launch()
    run = staged(world, launch, "email\nzoe@college.edu\nada@college.edu\n")
    begin(world, launch, run)
    with app.app_context():
        with world.reading() as rx:
            assert steps.imports_due(rx, world.now)
        assert steps.enter_people(threading.Event()) >= 2
        with world.reading() as rx:
            assert not steps.imports_due(rx, world.now)
    assert world.place("ada@college.edu") == 2
    assert [row.state for row in world.rows(ImportRun, ImportRun.id == run.id)] == ["done"]


def test_old_counts_and_presses_and_who_never_confirmed_are_forgotten(app: Flask, world: World) -> None:
    launch = world.launch()
    world.join(launch, CAROL)
    with world.writing() as tx:
        counting.claim(tx, "mail", "x", limit=1, window=timedelta(hours=1), now=world.now)
        remembering.first(tx, "key", purpose="join", launch_id=None, now=world.now)
    world.later(days=3)
    with app.app_context(), world.clock():
        assert calendar.forget(threading.Event()) == 3  # two tries and a press
    world.later(days=60)
    with app.app_context(), world.clock():
        assert calendar.forget(threading.Event()) == 2  # the person who never confirmed, and the attempt
    assert world.rows(Entry) == []
    assert _rows(world, Tally) == []
    assert _rows(world, Once) == []


def test_an_invite_is_reminded_of_ends_and_gives_its_seat_back_by_itself(app: Flask, world: World) -> None:
    launch = world.launch(seats=1)
    world.waiting(launch, CAROL)
    world.release(launch, 1)
    world.later(days=5, hours=1)
    with app.app_context(), world.clock():
        assert calendar.remind(threading.Event()) == 1
        assert calendar.remind(threading.Event()) == 0
        assert calendar.lapse(threading.Event()) == 0
    world.later(days=2)
    with app.app_context(), world.clock():
        assert calendar.lapse(threading.Event()) == 1
        assert calendar.lapse(threading.Event()) == 0
    assert (world.entry(CAROL).state, world.seats(launch)) == ("lapsed", 0)
    assert [message.kind for message in world.messages(to=CAROL)][-2:] == ["invite_reminder", "invite_ended"]
