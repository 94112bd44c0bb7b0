"""The same crashes where they hurt most: a hundred thousand people on their way out, a million on their way in."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from bench import seeding
from tests.crashes import test_import as importing
from tests.parts import both, processes
from tests.world import World
from waitlist import db
from waitlist.jobs import steps
from waitlist.models.condition import main_line
from waitlist.services import ranking

pytestmark = [both, pytest.mark.slow]
KILLED_AT = ("release.before_commit:3", "release.after_commit:50", "release.before_commit:60", "release.after_commit:1")
HOURS = 3 * 3_600.0


def deliver(app: Flask) -> int:
    """A worker's turn: every wave that is due, to its end."""
    return steps.release_waves(threading.Event())


def counts(tx: db.Tx, wave_id: int) -> dict[str, int]:
    """What a wave has written, and what of it stands twice."""
    asked = {
        "invites": f"SELECT count(*) FROM invite WHERE wave_id = {wave_id}",
        "people with an invite": f"SELECT count(DISTINCT entry_id) FROM invite WHERE wave_id = {wave_id}",
        "offers": f"SELECT count(*) FROM admission WHERE wave_id = {wave_id} AND state = 'offered'",
        "mails": f"SELECT count(DISTINCT invite_id) FROM message WHERE wave_id = {wave_id} AND kind = 'invite'",
        "members": f"SELECT count(*) FROM wave_member WHERE wave_id = {wave_id} AND outcome = 'invited'",
        "events": "SELECT count(DISTINCT subject_id) FROM event WHERE verb = 'releasing.invited'",
        "invited": f"SELECT invited FROM wave WHERE id = {wave_id} AND state = 'done'",
    }
    return {name: tx.scalar(sa.text(query)) or 0 for name, query in asked.items()}


def release_with_crashes(world: World, environ: dict[str, str], people: int) -> None:
    with world.writing() as tx:
        campus = seeding.fill(tx, people * 6 // 5, now=world.now)
    seats = world.seats(campus)
    wave = world.plan_wave(campus, people)
    for failpoint in KILLED_AT:
        (killed,) = processes.run(deliver, [{}], environ, failpoint=failpoint, patience=HOURS)
        assert killed.signal == signal.SIGKILL, f"{failpoint} was not reached: {killed.trace}"
    processes.values(processes.run(deliver, [{}], environ, patience=HOURS))
    with world.writing() as tx:
        assert counts(tx, wave.id) == dict.fromkeys(counts(tx, wave.id), people)
        assert ranking.recount(tx, main_line(tx, campus.id)) == 0
    assert world.seats(campus) == seats + people


def test_a_release_of_a_hundred_thousand_killed_four_times_invites_everybody_once(
    world: World, environ: dict[str, str]
) -> None:
    release_with_crashes(world, environ, 100_000)


@pytest.mark.parametrize("nth", [2_000])
def test_an_import_of_a_million_killed_in_its_middle_goes_on_with_the_same_file(
    world: World, environ: dict[str, str], tmp_path: Path, nth: int
) -> None:
    file = importing.written(tmp_path / "many.csv", 1_000_000, 100_000)
    failpoint = f"import.before_commit:{nth}"
    assert importing.killed_and_typed_again(world, environ, file, failpoint, rows=1_000_000, friends=100_000) == []
