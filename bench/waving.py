"""Waves: 10,000 and 100,000 people are invited, a wave is stopped half-way, and a whole one is taken back."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask

from bench.ground import raw
from bench.measuring import Figure, peak, took
from tests.world import TEAM, World
from waitlist import db
from waitlist.actors import WORKER
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave
from waitlist.services import delivering, ranking, releasing, steering

RELEASE = "a wave goes out: cut, seats, admissions, invites, events, mails"
STOP = "a wave is stopped when half of it is out"
RECALL = "a wave is taken back, everybody stands where they stood"
SIZES = {"10 k people": 10_000, "100 k people": 100_000}
WRITTEN = ("invite", "admission", "message", "event")


def measure(app: Flask, environ: dict[str, str]) -> list[Figure]:
    """The floor is the same rows of four tables by the bare driver (executemany, COPY), in one transaction."""
    world, figures = World(app), []
    with world.reading() as rx:
        launch = db.one(rx, sa.select(Launch))
        line = rx.scalar(sa.text("SELECT count(*) FROM entry WHERE state = 'waiting' AND held_by IS NULL"))
    assert launch is not None
    for variant, people in SIZES.items():
        if people * 2 > line:
            continue
        before = peak()
        waves: list[Wave] = []
        seconds = took(lambda: waves.append(_release(world, launch, people)))  # noqa: B023
        memory = peak() - before
        rows = _rows(environ, waves[0].id)
        wrong = sum(len(part) != people for _, part in rows.values())
        taken_back = took(lambda: _recall(world, launch, waves[0]))  # noqa: B023
        floor = took(_write(environ, rows))
        checked = f"{len(rows['invite'][1])} invites"
        figures += [
            Figure(RELEASE, seconds, floor, seconds / floor, memory=memory, checked=checked, variant=variant)
            if not wrong
            else Figure(RELEASE, seconds, variant=variant, checked=f"{wrong} tables are not right", wrong=True),
            Figure(RECALL, taken_back, variant=variant),
            Figure(STOP, took(_half_way(world, launch, people)), variant=variant),
        ]
    with world.writing() as tx:
        cells = ranking.recount(tx, 1)
    last = figures.pop()
    figures.append(
        Figure(last.work, last.seconds, variant=last.variant, checked=f"{cells} wrong cells", wrong=cells > 0)
    )
    return figures


def _release(world: World, launch: Launch, people: int) -> Wave:
    wave = world.plan_wave(launch, people)
    world.deliver(launch, wave)
    return wave


def _recall(world: World, launch: Launch, wave: Wave) -> None:
    with world.writing() as tx:
        steering.recall(tx, launch, wave.id, tell=False, reason="bench", actor=TEAM, now=world.now)


def _half_way(world: World, launch: Launch, people: int) -> Any:
    """A wave of which half is delivered, and the press that stops it."""
    wave = world.plan_wave(launch, people, hold=timedelta(0))
    with world.writing() as tx:
        releasing.start(tx, launch, wave.id, actor=WORKER, now=world.now)
    for _ in range(people // 2 // delivering.CHUNK):
        with world.writing() as tx:
            delivering.deliver_chunk(tx, launch, wave.id, keys=world.keys, actor=WORKER, now=world.now)

    def stop() -> None:
        with world.writing() as tx:
            steering.stop(tx, launch, wave.id, reason="bench", actor=TEAM, now=world.now)

    return stop


Part = tuple[Sequence[str], list[tuple[Any, ...]]]
Rows = dict[str, Part]


def _rows(environ: dict[str, str], wave_id: int) -> Rows:
    """What the wave wrote, by table: its columns and its rows, with the keys changed so that they can stand again."""
    which = {
        "invite": f"wave_id = {wave_id}",
        "admission": f"wave_id = {wave_id}",
        "message": f"wave_id = {wave_id}",
        "event": f"verb = 'releasing.invited' AND id > (SELECT max(id) FROM event WHERE subject_kind = 'wave' "
        f"AND subject_id = {wave_id} AND verb = 'releasing.started')",
    }
    connection = raw(environ)
    found: Rows = {}
    for name in WRITTEN:
        cursor = connection.execute(f"SELECT * FROM {name} WHERE {which[name]} ORDER BY id")
        columns = [column[0] for column in cursor.description]
        found[name] = columns, cursor.fetchall()
    connection.close()
    return found


UNIQUE = ("id", "public_id", "code_hash", "dedupe_key", "message_id", "entry_id", "invite_id")


def _write(environ: dict[str, str], rows: Rows) -> Callable[[], None]:
    """Writing the same rows once more by the bare driver; keys that must be unique get an end of their own."""
    connection = raw(environ)
    sqlite = "sqlite3" in type(connection).__module__
    parts = [(name, *_once_more(connection, name, *part)) for name, part in rows.items()]

    def write() -> None:
        connection.execute("BEGIN")
        for name, names, again in parts:
            if sqlite:
                marks = ", ".join("?" * len(names))
                connection.executemany(f"INSERT INTO {name} ({', '.join(names)}) VALUES ({marks})", again)
                continue
            with connection.cursor() as cursor, cursor.copy(f"COPY {name} ({', '.join(names)}) FROM STDIN") as copy:
                for row in again:
                    copy.write_row(row)
        connection.execute("COMMIT")
        connection.close()

    return write


def _once_more(connection: Any, name: str, columns: Sequence[str], found: list[tuple[Any, ...]]) -> Part:
    kept = [n for n, column in enumerate(columns) if column not in ("id", "entry_id", "invite_id")]
    names, again = [columns[n] for n in kept], [tuple(_again(columns[n], row[n]) for n in kept) for row in found]
    if name == "admission":  # one for each entry: those who have none yet
        return [*names, "entry_id"], _with_entries(connection, again)
    return names, again


def _again(column: str, value: Any) -> Any:
    if column in UNIQUE and value is not None:
        return f"{value}-floor"
    if isinstance(value, dict | list):
        return "{}"
    return value


def _with_entries(connection: Any, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    free = (
        "SELECT id FROM entry WHERE NOT EXISTS (SELECT 1 FROM admission WHERE admission.entry_id = entry.id) "
        f"ORDER BY id LIMIT {len(rows)}"
    )
    ids = itertools.chain.from_iterable(connection.execute(free).fetchall())
    return [(*row, entry_id) for row, entry_id in zip(rows, ids, strict=True)]
