"""Importing in tests: a file as text, brought in as the command does it, chunk by chunk."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import sqlalchemy as sa

from tests.world import TEAM, World
from waitlist import applying, codes, columns, envelopes, incoming, jobs
from waitlist.db import one, some
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ImportRow, ImportRun
from waitlist.services import entering, importing, undoing, uploading
from waitlist.tables import Table


def staged(world: World, launch: Launch, text: str, *, order: str | None = None, **options: Any) -> ImportRun:
    """A run whose file was read and sorted."""
    table = Table(io.BytesIO(text.encode()))
    places = columns.mapped(table.header, {})
    by = None if order is None else columns.column(table.header, order)
    pepper = world.runtime.secrets.pepper
    people = [
        incoming.read(row, places, lambda it: applying.hashed(it, salt=launch.salt, pepper=pepper), order=by)
        for row in table
    ]
    upload = importing.Upload("people.csv", hashlib.sha256(text.encode()).hexdigest())
    with world.writing() as tx:
        run = importing.start(tx, launch, upload, importing.Options(**options), actor=TEAM, now=world.now)
    for start in range(0, len(people), 3):  # several steps, as a large file needs
        with world.writing() as tx:
            importing.stage(tx, run, people[start : start + 3])
    with world.writing() as tx:
        return importing.settle(tx, run.id)


def begin(world: World, launch: Launch, run: ImportRun) -> None:
    with world.writing() as tx:
        importing.begin(tx, launch, run.id, actor=TEAM, now=world.now)


def step(world: World, launch: Launch, run: ImportRun) -> bool:
    with world.writing() as tx:
        return entering.enter_chunk(tx, launch, run.id, actor=TEAM, now=world.now)


def bring(world: World, launch: Launch, text: str, *, order: str | None = None, **options: Any) -> ImportRun:
    """A whole import; returns the run with its counts, which add up."""
    run = staged(world, launch, text, order=order, **options)
    begin(world, launch, run)
    while step(world, launch, run):
        pass
    return again(world, run)


def undo(world: World, launch: Launch, run: ImportRun) -> int:
    gone, more = 0, True
    while more:
        with world.writing() as tx:
            went, more = undoing.undo_chunk(tx, launch, run.id, actor=TEAM, now=world.now)
        gone += went
    return gone


def again(world: World, run: ImportRun) -> ImportRun:
    with world.reading() as rx:
        found = one(rx, sa.select(ImportRun).where(ImportRun.id == run.id))
    assert found is not None
    assert found.added + found.updated + found.same + found.duplicate + found.problems == found.total
    return found


def reasons(world: World, run: ImportRun) -> dict[int, tuple[str, str]]:
    """By row number: (outcome, reason) of the rows that have a reason."""
    with world.reading() as rx:
        rows = some(rx, sa.select(ImportRow).where(ImportRow.run_id == run.id, ImportRow.reason != ""))
    return {row.row_no: (row.outcome, row.reason) for row in rows}


def uploaded(world: World, launch: Launch, content: bytes, name: str = "people.csv") -> ImportRun:
    """A run whose file was sent by the page, encrypted and in parts."""
    upload = importing.Upload(name, hashlib.sha256(content).hexdigest())
    public_id = codes.random_id("imp")
    parts = list(envelopes.close_file(world.runtime.sealing_key, public_id, io.BytesIO(content)))
    with world.writing() as tx:
        return uploading.receive(tx, launch, public_id, upload, parts, actor=TEAM, now=world.now)


def choose(world: World, run: ImportRun, **options: Any) -> None:
    with world.writing() as tx:
        uploading.choose(tx, run.id, importing.Options(**options))


def work(world: World) -> None:
    """One pass of the worker at the world's time."""
    with world.app.app_context(), world.clock():
        jobs.tick()


def run_now(world: World, run: ImportRun) -> ImportRun | None:
    with world.reading() as rx:
        return one(rx, sa.select(ImportRun).where(ImportRun.id == run.id))
