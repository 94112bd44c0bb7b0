"""The tables that migrations make are the tables that the nouns describe, on both engines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from tests.parts import both
from tests.parts.apps import dispose
from tests.parts.postgres import Postgres
from waitlist import create_app
from waitlist.db import db

MIGRATIONS = Path(__file__).parents[1] / "waitlist" / "migrations"


def differences(app: Flask) -> list[object]:
    """What Alembic would have to do to turn the database into what the nouns describe."""
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, db.metadata))


def tables(app: Flask) -> set[str]:
    with app.app_context():
        return set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}


def constraints(app: Flask) -> dict[str, list[str]]:
    """Every check, unique constraint and index of every table, as the database words them."""
    found = {}
    with app.app_context():
        inspector = sa.inspect(db.engine)
        for table in db.metadata.tables:
            rules = inspector.get_check_constraints(table) + inspector.get_unique_constraints(table)
            found[table] = sorted(
                json.dumps(rule, default=str, sort_keys=True) for rule in rules + inspector.get_indexes(table)
            )
    return found


def test_there_is_one_newest_migration() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


@both
def test_the_migrated_tables_are_the_described_ones(app: Flask) -> None:
    assert differences(app) == []


@both
def test_the_constraints_of_the_migrated_tables_are_the_described_ones(
    app: Flask, environ: dict[str, str], engine: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Alembic compares neither checks nor the conditions of partial indexes, so both databases are read back here."""
    other = dict(environ, WAITLIST_INSTANCE=str(tmp_path / "described"))
    if engine == "postgresql":
        server: Postgres = request.getfixturevalue("postgres")
        other["WAITLIST_DATABASE_URL"] = server.url(server.create())
    described = create_app(other)
    with described.app_context():
        db.metadata.create_all(db.engine)
    assert constraints(app) == constraints(described)
    dispose(described)


@both
def test_a_column_that_a_noun_lost_is_noticed(app: Flask) -> None:
    with app.app_context(), db.engine.begin() as tx:
        tx.execute(sa.text("ALTER TABLE tally ADD COLUMN forgotten INTEGER"))
    assert len(differences(app)) == 1


@both
def test_the_first_migration_can_be_taken_back_and_made_again(app: Flask) -> None:
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        db.engine.dispose()
    assert tables(app) == set()
    with app.app_context():
        flask_migrate.upgrade()
    assert tables(app) == set(db.metadata.tables)
    assert differences(app) == []


@pytest.fixture
def empty_postgres(postgres: Postgres, tmp_path: Path) -> Iterator[Flask]:
    url = postgres.url(postgres.create())
    app = create_app({"WAITLIST_INSTANCE": str(tmp_path), "WAITLIST_DATABASE_URL": url})
    yield app
    dispose(app)


def test_an_empty_postgresql_database_gets_every_table(empty_postgres: Flask) -> None:
    with empty_postgres.app_context():
        flask_migrate.upgrade()
    assert tables(empty_postgres) == set(db.metadata.tables)
