"""The ground of the tests: an app with a migrated database of its own for every test, and the real parts around it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.handlers.argon2 import argon2
from playwright.sync_api import Browser

from tests.parts import browser as browsers
from tests.parts import smtp as mail_servers
from tests.parts.apps import Shelf, migrate
from tests.parts.postgres import Postgres, quick_folder
from tests.parts.redis import Redis
from tests.parts.smtp import Catcher
from tests.world import World
from waitlist import create_app

# A developer's own `.env` is none of the tests' business, nor of the processes they start.
os.environ["FLASK_SKIP_DOTENV"] = "1"

# A password costs a fifth of a second to check, on purpose. A thousand admins sign in here, with the same algorithm.
argon2.default_rounds = 1
argon2.memory_cost = 8 * argon2.parallelism

# How long one example takes says more about the machine than about the code.
hypothesis.settings.register_profile("waitlist", deadline=None)
hypothesis.settings.load_profile("waitlist")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs on both engines is measured on one: while it is measured, Python 3.11 has two thirds of its speed."""
    for item in items:
        if getattr(getattr(item, "callspec", None), "params", {}).get("engine") == "postgresql":
            item.add_marker("no_cover")


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


@pytest.fixture(scope="session")
def site() -> Iterator[Path]:
    """Where the installation of the running test stands: always the same, so that an app can be used again."""
    with tempfile.TemporaryDirectory(prefix="wl-site-", dir=quick_folder()) as folder:
        yield Path(folder)


@pytest.fixture
def environ(
    engine: str, settings: dict[str, str], installation: Path, site: Path, request: pytest.FixtureRequest
) -> Iterator[dict[str, str]]:
    """The environment of a new installation; child processes get the same."""
    instance = site / engine
    shutil.rmtree(instance, ignore_errors=True)
    shutil.copytree(installation, instance)
    own = {"WAITLIST_INSTANCE": str(instance), "WAITLIST_LIMITS": "false", **settings}
    if engine == "sqlite":
        yield own
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"), name="running")
    yield {**own, "WAITLIST_DATABASE_URL": server.url(name)}
    server.drop(name)


@pytest.fixture(scope="session")
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def app(environ: dict[str, str], shelf: Shelf, request: pytest.FixtureRequest) -> Iterator[Flask]:
    """The whole service over a real, migrated database: no mail relay, no load limits.

    A test with `doors` of its own gets an app that nobody has used: Flask takes no new views after the first request.
    """
    if "doors" in request.fixturenames:
        shelf = Shelf()
    app = shelf.take(create_app, environ)
    yield app
    shelf.put_back(app)


@pytest.fixture
def world(app: Flask) -> World:
    return World(app)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Somebody's browser without JavaScript."""
    return app.test_client()
