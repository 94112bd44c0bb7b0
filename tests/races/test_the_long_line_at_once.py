"""A million in line, and eight processes that change it for ten minutes: every place stays the one that is so."""

from __future__ import annotations

import random
import time
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from bench import seeding
from tests.parts import both, processes
from tests.world import World
from waitlist import db
from waitlist.actors import WORKER
from waitlist.models.entry import Entry, State, in_line
from waitlist.models.launch import Launch
from waitlist.models.rank import by_window, place_of, total_of
from waitlist.services import leaving, ranking, releasing

pytestmark = [both, pytest.mark.slow]
LOOKED_AT = 5_000  # places that are read one by one; every count behind them is counted anew


def live(app: Flask, seed: int, people: int, seconds: float) -> dict[str, int]:
    """One process of the crowd, until its time is over: it joins, leaves, comes back, folds, and releases a few."""
    world, dice, ends = World(app), random.Random(seed), time.monotonic() + seconds
    launch, done = world.launch_of(seeding.SLUG), dict.fromkeys(("joined", "left", "back", "released", "folded"), 0)
    while time.monotonic() < ends:
        what = dice.choices(list(done), [60, 15, 10, 3, 12])[0]
        step = {"joined": join, "left": leave, "back": come_back, "released": release, "folded": fold}[what]
        email = f"p{seed}x{sum(done.values())}-{dice.random()}@college.edu"
        done[what] += db.retried(lambda step=step, email=email: step(world, launch, dice, people, email))
    return done


def join(world: World, launch: Launch, dice: random.Random, people: int, email: str) -> int:
    by = somebody(world, dice, people, in_line) if dice.random() < 0.6 else None
    return int(world.waiting(launch, email, by=by) is not None)


def leave(world: World, launch: Launch, dice: random.Random, people: int, _email: str) -> int:
    person = somebody(world, dice, people, in_line)
    try:
        with world.writing() as tx:
            leaving.leave(tx, launch, person.id if person else 0, actor=WORKER, now=world.now)
    except leaving.NotInLine:
        return 0
    return 1


def come_back(world: World, launch: Launch, dice: random.Random, people: int, _email: str) -> int:
    person = somebody(world, dice, people, Entry.state == State.LEFT, Entry.state_before.is_not(None))
    try:
        with world.writing() as tx:
            leaving.undo(tx, launch, person.id if person else 0, actor=WORKER, now=world.now)
    except leaving.NotLeft:
        return 0
    return 1


def release(world: World, launch: Launch, dice: random.Random, _people: int, _email: str) -> int:
    try:
        wave = world.plan_wave(launch, dice.randint(1, 20))
    except releasing.NobodyFits:
        return 0
    return int(db.retried(lambda: world.deliver(launch, wave)) is None)


def fold(world: World, _launch: Launch, _dice: random.Random, _people: int, _email: str) -> int:
    with world.writing() as tx:
        for line_id in ranking.lines_to_fold(tx):
            ranking.fold(tx, line_id)
    return 1


def somebody(world: World, dice: random.Random, people: int, *where: Any) -> Entry | None:
    """The next one of these behind a number that was drawn."""
    with world.reading() as rx:
        return db.one(
            rx, sa.select(Entry).where(Entry.id >= dice.randint(1, people), *where).order_by(Entry.id).limit(1)
        )


def crowd(world: World, environ: dict[str, str], *, people: int, seconds: float) -> None:
    with world.writing() as tx:
        seeding.fill(tx, people, now=world.now)
        if tx.dialect.name == "postgresql":
            tx.execute(sa.text("ANALYZE"))
    jobs = [{"seed": seed, "people": people, "seconds": seconds} for seed in range(8)]
    done = processes.values(processes.run(live, jobs, environ, patience=seconds + 600))
    assert all(sum(counts.values()) > 0 for counts in done), f"somebody starved: {done}"
    with world.writing() as tx:
        entries = tx.scalar(sa.select(sa.func.count()).select_from(Entry))
        assert entries == people + sum(counts["joined"] for counts in done), "nobody is missing, and no join failed"
        true = {row[0]: row[1] for row in tx.execute(by_window(1))}
        assert sorted(true.values()) == list(range(1, total_of(tx, 1) + 1))
        some = random.Random(8).sample(sorted(true), min(LOOKED_AT, len(true)))
        assert {entry_id: place_of(tx, entry_id) for entry_id in some} == {
            entry_id: true[entry_id] for entry_id in some
        }
        assert ranking.recount(tx, 1) == 0


def test_ten_minutes_leave_every_place_of_a_million_exact(world: World, environ: dict[str, str]) -> None:
    crowd(world, environ, people=1_000_000, seconds=600)
