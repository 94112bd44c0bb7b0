"""Installations whose databases keep their promises: a PostgreSQL with fsync on; SQLite always is that strict."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts.apps import migrate
from tests.parts.postgres import Postgres


@pytest.fixture(scope="session")
def durable_postgres() -> Iterator[Postgres]:
    server = Postgres(durable=True)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def durable_template(durable_postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of a database with every table and nobody in it."""
    name = durable_postgres.create()
    folder = tmp_path_factory.mktemp("durable")
    migrate({"WAITLIST_INSTANCE": str(folder), "WAITLIST_DATABASE_URL": durable_postgres.url(name)})
    return name


@pytest.fixture
def environ(
    engine: str, settings: dict[str, str], installation: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[dict[str, str]]:
    """The environment of an installation of this test's own, durable on both engines."""
    instance = tmp_path / "instance"
    shutil.copytree(installation, instance)
    own = {"WAITLIST_INSTANCE": str(instance), "WAITLIST_LIMITS": "false", **settings}
    if engine == "sqlite":
        yield own
        return
    server: Postgres = request.getfixturevalue("durable_postgres")
    name = server.create(request.getfixturevalue("durable_template"))
    yield {**own, "WAITLIST_DATABASE_URL": server.url(name)}
    server.drop(name)
