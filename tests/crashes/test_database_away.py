"""The database goes away or its disk is full: people get a page that says so, and nothing is half written."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.parts.apps import dispose, migrate
from tests.parts.postgres import Postgres
from tests.world import CAROL, World
from waitlist import create_app, db
from waitlist.models.message import Message
from waitlist.web.guards import Owner, Proof, guard


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A server that only this test switches off."""
    server = Postgres(durable=True)
    yield server
    server.stop()


def with_door(app: Flask) -> Flask:
    """`/try/join` joins Carol as the page's door does: one verb in one transaction."""
    world = World(app)

    @app.post("/try/join")
    @guard(Owner.PUBLIC, Proof.TOKEN)
    def join() -> str:
        campus = world.launch_of("campus")
        world.join(campus, CAROL, name="Carol " + "x" * 200_000)
        return "joined"

    return app


def test_a_database_that_stops_gives_a_503_page_and_serves_again_when_it_is_back(
    own_postgres: Postgres, environ: dict[str, str]
) -> None:
    environ = {**environ, "WAITLIST_DATABASE_URL": own_postgres.url(own_postgres.create())}
    migrate(environ)
    app = with_door(create_app(environ))
    world = World(app)
    world.launch()
    client = app.test_client()
    assert client.post("/try/join").text == "joined"
    own_postgres.kill()
    away = client.post("/try/join")
    assert away.status_code == 503
    assert away.headers["Retry-After"] == "60"
    assert "Nothing was saved." in away.text
    assert client.get("/readyz").status_code == 503
    assert client.get("/livez").status_code == 200
    own_postgres.start()
    assert client.post("/try/join").text == "joined"
    assert len(world.messages("confirm")) == 2
    dispose(app)


def test_a_full_disk_gives_a_503_page_and_nothing_half_written(app: Flask, world: World) -> None:
    world.launch()
    client = with_door(app).test_client()
    with app.app_context():
        engine = db.db.engine
        with engine.connect() as connection:
            pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        engine.dispose()
        sa.event.listen(engine, "connect", lambda raw, _: raw.execute(f"PRAGMA max_page_count={pages + 20}"))
    full = client.post("/try/join")
    assert full.status_code == 503
    assert "Nothing was saved." in full.text
    with world.reading() as rx:
        assert rx.scalar(sa.select(sa.func.count()).select_from(Message)) == 0
    with app.app_context():
        engine.dispose()
        sa.event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count=1000000"))
    assert client.post("/try/join").text == "joined"
