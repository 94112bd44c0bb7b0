"""The worker is killed with -9 wherever it hurts, and started again: everybody is invited once and hears of it.

What is promised: every released person has exactly one invite, one message, and at least one accepted mail. A mail
that was accepted twice has the same Message-ID and the same bytes, and there are never more such than there were
crashes: a worker ends each mail before it begins the next.
"""

from __future__ import annotations

import os
import random
import signal
import threading
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.parts import both, processes
from tests.parts.processes import Ending
from tests.parts.smtp import Catcher
from tests.world import TEAM, World
from waitlist import db, jobs
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.models.wave import Wave, WaveMember
from waitlist.services import delivering, releasing
from waitlist.services.gathering import Audience

pytestmark = both

CHUNK = 8
OPEN = ("scheduled", "holding", "releasing")
BUSY = ("queued", "leased", "transmitting")
EVERYWHERE = (
    "release.before_commit:2",
    "release.after_commit:1",
    "mail.claimed_before_commit:1",
    "mail.before_commit:1",
    "mail.after_commit:1",
    "mail.after_data:2",
    "mail.before_sent:2",
    "mail.after_sent:2",
)


@pytest.fixture
def settings(smtp: Catcher) -> dict[str, str]:
    return {
        "WAITLIST_SMTP_URL": smtp.url,
        "WAITLIST_SMTP_TIMEOUT": "0.9",
        "WAITLIST_LEASE_SECONDS": "1",
        "WAITLIST_RETRY_SECONDS": "0.4",
        "WAITLIST_MAILS_PER_HOUR": "10000000",
    }


def labour(app: Flask, failpoint: str | None = None) -> str:
    """A worker's life: until nothing is left to do, or until it is killed."""
    if failpoint:
        os.environ["WAITLIST_FAILPOINT"] = failpoint
    delivering.CHUNK = CHUNK
    stop = threading.Event()
    watcher = threading.Thread(target=_stop_when_done, args=(app, stop))
    watcher.start()
    jobs.work(stop)
    watcher.join()
    return "done"


def _stop_when_done(app: Flask, stop: threading.Event) -> None:
    give_up = time.monotonic() + 60
    waves = sa.select(sa.func.count()).select_from(Wave).where(Wave.state.in_(OPEN))
    mails = sa.select(sa.func.count()).select_from(Message).where(Message.state.in_(BUSY))
    with app.app_context():
        while time.monotonic() < give_up:
            with db.reading() as rx:
                if rx.scalar(waves) == 0 and rx.scalar(mails) == 0:
                    break
            time.sleep(0.05)
    stop.set()


def released(world: World, people: int) -> Launch:
    """A launch with people in line, who are to be invited by a wave whose window is over."""
    launch = world.launch()
    world.crowd(launch, people)
    with world.writing() as tx:
        tx.execute(sa.delete(Message))
    world.plan_wave(launch, people)
    return launch


def work(environ: Mapping[str, str], *failpoints: str | None) -> list[Ending]:
    """Workers side by side, each killed at its own failpoint; the last signs of those that were not are good ones."""
    endings = processes.run(labour, [{"failpoint": point} for point in failpoints], environ)
    for point, ending in zip(failpoints, endings, strict=True):
        assert ending.error is None, ending.trace
        assert ending.signal in (None, signal.SIGKILL), point
    return endings


def crashes(endings: Sequence[Ending]) -> int:
    return sum(ending.signal == signal.SIGKILL for ending in endings)


def check(world: World, smtp: Catcher, people: int, killed: int) -> int:
    """The promises; returns how many mails were accepted twice."""
    entries: Sequence[Any] = world.rows(Entry)
    assert [entry.state for entry in entries] == ["invited"] * people
    invites, messages = world.rows(Invite), world.messages()
    assert sorted(invite.entry_id for invite in invites) == sorted(entry.id for entry in entries)
    assert sorted(message.invite_id for message in messages) == sorted(invite.id for invite in invites)
    assert {member.outcome for member in world.rows(WaveMember)} == {"invited"}
    assert {message.state for message in messages} == {"sent"}
    accepted: dict[str, list[bytes]] = defaultdict(list)
    for mail in smtp.caught:
        accepted[str(mail.message["Message-ID"])].append(mail.raw)
    assert sorted(accepted) == sorted(f"<{message.message_id}@localhost>" for message in messages)
    assert all(len(set(copies)) == 1 for copies in accepted.values())
    repeats = sum(len(copies) - 1 for copies in accepted.values())
    assert repeats <= killed
    assert sorted({to for mail in smtp.caught for to in mail.recipients}) == sorted(entry.email for entry in entries)
    return repeats


def test_a_worker_killed_anywhere_leaves_nobody_out_and_invites_nobody_twice(
    world: World, smtp: Catcher, environ: dict[str, str]
) -> None:
    people = 40
    launch = released(world, people)
    killed = 0
    for failpoint in EVERYWHERE:
        endings = work(environ, failpoint)
        assert crashes(endings) == 1, f"{failpoint} was not reached"
        killed += 1
    assert work(environ, None)[0].value == "done"
    check(world, smtp, people, killed)
    assert world.seats(launch) == people


def test_a_mail_accepted_just_before_the_power_went_is_repeated_byte_for_byte(
    world: World, smtp: Catcher, environ: dict[str, str]
) -> None:
    released(world, 3)
    assert crashes(work(environ, "mail.after_data:1")) == 1
    assert len(smtp.caught) == 1
    assert sorted(message.state for message in world.messages()) == ["transmitting"] * 3
    work(environ, None)
    assert check(world, smtp, 3, killed=1) == 1
    assert len(smtp.caught) == 4


def test_workers_side_by_side_send_each_mail_once_though_two_of_them_die(
    world: World, smtp: Catcher, environ: dict[str, str]
) -> None:
    people = 36
    released(world, people)
    endings = work(environ, "mail.after_data:4", "mail.before_sent:3", None)
    endings += work(environ, None)
    check(world, smtp, people, crashes(endings))


def confirm(app: Flask, n: int) -> str:
    world = World(app)
    launch = world.launch_of()
    with world.writing() as tx:
        offer = releasing.Offer(days=7, allowance=3, lapse_policy="keep")
        terms = releasing.Terms(digest=None, hold=world.now - world.now)
        wave = releasing.confirm(tx, launch, Audience("first", n=n), offer, terms, actor=TEAM, now=world.now)
    return wave.public_id


def test_a_release_killed_before_its_commit_did_nothing_and_can_be_pressed_again(
    world: World, smtp: Catcher, environ: dict[str, str]
) -> None:
    launch = world.launch(seats=5)
    world.crowd(launch, 5)
    (ending,) = processes.run(confirm, [{"n": 5}], environ, failpoint="confirm.before_commit")
    assert ending.signal == signal.SIGKILL
    assert world.rows(Wave) == []
    assert world.seats(launch) == 0
    (ending,) = processes.run(confirm, [{"n": 5}], environ)
    assert ending.error is None, ending.trace
    assert world.seats(launch) == 5


@pytest.mark.slow
def test_a_worker_killed_again_and_again_at_random_still_keeps_every_promise(
    world: World, smtp: Catcher, environ: dict[str, str]
) -> None:
    people, drawn = 400, random.Random(20260304)
    released(world, people)
    killed = 0
    for _ in range(25):
        points = [f"{drawn.choice(EVERYWHERE).partition(':')[0]}:{drawn.randint(1, 20)}" for _ in range(3)]
        killed += crashes(work(environ, *points))
    killed += crashes(work(environ, None))
    check(world, smtp, people, killed)
