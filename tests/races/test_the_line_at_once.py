"""Eight processes change one line at once; whoever reads a place then reads the one that counting everybody gives."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.parts import both, processes
from tests.world import World
from waitlist import db
from waitlist.actors import WORKER
from waitlist.models.entry import Entry, in_line
from waitlist.models.launch import Launch
from waitlist.models.rank import by_window, place_of, total_of
from waitlist.models.referral import Credit
from waitlist.services import leaving, ranking, releasing

pytestmark = both


def live(app: Flask, seed: int, steps: int) -> dict[str, int]:
    """One process of the crowd: people join by each other's links, leave, come back, and an admin releases some."""
    world, dice = World(app), random.Random(seed)
    launch = world.launch_of()
    done = {"joined": 0, "left": 0, "back": 0, "released": 0, "folded": 0}
    for step in range(steps):
        what = dice.choices(["join", "leave", "back", "release", "fold"], [60, 12, 8, 4, 8])[0]
        done_by = {"join": join, "leave": leave, "back": come_back, "release": release, "fold": fold}[what]
        name = {"join": "joined", "leave": "left", "back": "back", "release": "released", "fold": "folded"}[what]
        done[name] += db.retried(lambda by=done_by, step=step: by(world, launch, dice, f"p{seed}x{step}@college.edu"))
    return done


def join(world: World, launch: Launch, dice: random.Random, email: str) -> int:
    by = somebody(world, dice, in_line) if dice.random() < 0.6 else None
    return int(world.waiting(launch, email, by=by) is not None)


def leave(world: World, launch: Launch, dice: random.Random, email: str) -> int:
    person = somebody(world, dice, in_line)
    try:
        with world.writing() as tx:
            leaving.leave(tx, launch, person.id if person else 0, actor=WORKER, now=world.now)
    except leaving.NotInLine:
        return 0
    return 1


def come_back(world: World, launch: Launch, dice: random.Random, email: str) -> int:
    person = somebody(world, dice, Entry.state == "left")
    try:
        with world.writing() as tx:
            leaving.undo(tx, launch, person.id if person else 0, actor=WORKER, now=world.now)
    except leaving.NotLeft:
        return 0
    return 1


def release(world: World, launch: Launch, dice: random.Random, email: str) -> int:
    try:
        wave = world.plan_wave(launch, dice.randint(1, 3))
    except releasing.NobodyFits:
        return 0
    return db.retried(lambda: world.deliver(launch, wave)) is None


def fold(world: World, launch: Launch, dice: random.Random, email: str) -> int:
    with world.writing() as tx:
        for line_id in ranking.lines_to_fold(tx):
            ranking.fold(tx, line_id)
    return 1


def somebody(world: World, dice: random.Random, where: Any) -> Entry | None:
    found = world.rows(Entry, where)
    return dice.choice(found) if found else None


def crowd(world: World, environ: dict[str, str], *, steps: int) -> None:
    campus = world.launch(seats=10_000)
    endings = processes.run(live, [{"seed": seed, "steps": steps} for seed in range(8)], environ, patience=900)
    done = processes.values(endings)
    joined = sum(one["joined"] for one in done)
    assert len(world.rows(Entry)) == joined > 0, "nobody who joined is missing, and no join failed"
    with world.writing() as tx:
        check_line(tx)
    counted = {entry.id: entry.score for entry in world.rows(Entry)}
    points: dict[int, int] = {}
    for credit in world.rows(Credit):
        points[credit.referrer_id] = points.get(credit.referrer_id, 0) + credit.points
    assert {entry_id: score for entry_id, score in counted.items() if score} == points
    assert world.seats(campus) == len(world.messages("invite")) - len(declined(world))


def declined(world: World) -> list[Any]:
    return [event for event in world.events("leaving.left") if event.data.get("declined")]


def check_line(tx: db.Tx) -> None:
    line_id = tx.execute(sa.text("SELECT id FROM line WHERE key = 'main'")).scalar_one()
    true = {row[0]: row[1] for row in tx.execute(by_window(line_id))}
    assert total_of(tx, line_id) == len(true)
    wrong = {entry_id: place for entry_id, place in true.items() if place_of(tx, entry_id) != place}
    assert wrong == {}
    assert sorted(true.values()) == list(range(1, len(true) + 1))
    assert ranking.recount(tx, line_id) == 0


def test_eight_processes_leave_every_place_exact(world: World, environ: dict[str, str]) -> None:
    crowd(world, environ, steps=12)


@pytest.mark.slow
def test_eight_processes_leave_every_place_exact_for_long(world: World, environ: dict[str, str]) -> None:
    crowd(world, environ, steps=300)
