"""Visits are counted roughly, never inside a GET, and never for machines."""

from __future__ import annotations

from datetime import date

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import both
from tests.world import World
from waitlist import db
from waitlist.models.upkeep import Observation
from waitlist.web import visits

PERSON = {"Accept": "text/html", "User-Agent": "Mozilla/5.0 (X11) Firefox/140.0"}


def counted(app: Flask, world: World) -> dict[str, int]:
    visits.flush(app)
    with world.reading() as rx:
        return {row.name: row.n for row in db.some(rx, sa.select(Observation))}


@both
def test_a_visit_is_counted_by_where_it_came_from(app: Flask, client: FlaskClient, world: World) -> None:
    carol = world.waiting(world.launch())
    client.get("/w/campus", headers=PERSON)
    client.get("/w/campus?utm_source=poster", headers=PERSON)
    assert counted(app, world) == {"visit": 2, "visit:direct": 1, "visit:poster": 1}
    app.test_client().get(f"/r/{carol.slug}", headers=PERSON)
    assert counted(app, world) == {"visit": 3, "visit:direct": 1, "visit:poster": 1, "visit:link": 1}


@pytest.mark.parametrize(
    "headers",
    [
        PERSON | {"Sec-Purpose": "prefetch"},
        PERSON | {"Purpose": "prefetch"},
        PERSON | {"User-Agent": "facebookexternalhit/1.1"},
        PERSON | {"User-Agent": "Googlebot/2.1"},
        PERSON | {"Accept": "image/*"},
        {"Accept": "text/html", "User-Agent": ""},
    ],
)
def test_machines_are_not_counted(app: Flask, client: FlaskClient, world: World, headers: dict[str, str]) -> None:
    world.launch()
    client.get("/w/campus", headers=headers)
    client.head("/w/campus", headers=PERSON)
    assert counted(app, world) == {}


def test_the_buffer_is_written_by_itself_when_it_is_time(
    app: Flask, client: FlaskClient, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[object] = []

    class Thread(visits.threading.Thread):
        def start(self) -> None:
            started.append(self)
            super().start()
            self.join()

    monkeypatch.setattr(visits, "EVERY", 0)
    monkeypatch.setattr(visits.threading, "Thread", Thread)
    world.launch()
    client.get("/w/campus", headers=PERSON)
    client.get("/livez")
    assert len(started) == 1
    with world.reading() as rx:
        assert rx.scalar(sa.select(Observation.n).where(Observation.name == "visit")) == 1


def test_made_up_names_do_not_fill_the_memory(world: World) -> None:
    buffer = visits.Visits()
    for n in range(visits.MOST + 10):
        buffer.note(1, f"visit:{n}", world.now)
    buffer.note(1, "visit:0", world.now)
    seen = buffer.take()
    assert len(seen) == visits.MOST
    assert seen[1, date.fromisoformat(world.now.date().isoformat()), "visit:0"] == 2


def test_counts_that_cannot_be_written_harm_nobody(app: Flask, client: FlaskClient, world: World) -> None:
    app.extensions["waitlist.visits"].note(99_999, "visit", world.now)  # a launch that is not there
    visits.flush(app)
    assert client.get("/livez").status_code == 200
