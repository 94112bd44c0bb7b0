"""The ground of the tests: an app with a migrated database of its own for every test, and the real parts around it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from tests.parts import browser as browsers
from tests.parts import smtp as mail_servers
from tests.parts.apps import dispose, migrate
from tests.parts.postgres import Postgres
from tests.parts.redis import Redis
from tests.parts.smtp import Catcher
from tests.world import World
from waitlist import create_app


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL of this test process."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis() -> Iterator[Redis]:
    server = Redis()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def smtp_server() -> Iterator[Catcher]:
    catcher = mail_servers.start()
    yield catcher
    mail_servers.stop(catcher)


@pytest.fixture
def smtp(smtp_server: Catcher) -> Catcher:
    """The mail server, empty and on a good day."""
    smtp_server.clear()
    return smtp_server


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A running browser; `chromium.new_context()` gives a person of their own."""
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance folder to copy: secrets, and a SQLite database with every table and nobody in it."""
    folder = tmp_path_factory.mktemp("installation") / "instance"
    migrate({"WAITLIST_INSTANCE": str(folder)})
    return folder


@pytest.fixture(scope="session")
def postgres_template(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with every table and nobody in it."""
    name = postgres.create()
    folder = tmp_path_factory.mktemp("template")
    migrate({"WAITLIST_INSTANCE": str(folder), "WAITLIST_DATABASE_URL": postgres.url(name)})
    return name


@pytest.fixture
def engine() -> str:
    """The database engine; a module that says `pytestmark = both` runs on each."""
    return "sqlite"


@pytest.fixture
def settings() -> dict[str, str]:
    """Settings of the app beyond the tests' own; a test module may override this fixture."""
    return {}


@pytest.fixture
def environ(
    engine: str, settings: dict[str, str], installation: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[dict[str, str]]:
    """The environment of an installation of this test's own; child processes get the same."""
    instance = tmp_path / "instance"
    shutil.copytree(installation, instance)
    own = {"WAITLIST_INSTANCE": str(instance), "WAITLIST_LIMITS": "false", **settings}
    if engine == "sqlite":
        yield own
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield {**own, "WAITLIST_DATABASE_URL": server.url(name)}
    server.drop(name)


@pytest.fixture
def app(environ: dict[str, str]) -> Iterator[Flask]:
    """The whole service over a real, migrated database: no mail relay, no load limits."""
    app = create_app(environ)
    yield app
    dispose(app)


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody's browser without JavaScript."""
    return app.test_client()
