"""Installations to measure on: seeded once, kept in a folder of their own, and copied for work that changes them."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from bench import seeding
from tests.parts.apps import dispose, migrate, without_doors
from tests.parts.postgres import Postgres
from waitlist import db

ROOT = Path(__file__).parents[1]
# Not in the repository: PostgreSQL runs as a user of its own, who cannot look into everybody's home.
HOME = Path(os.environ.get("BENCH_HOME", f"/var/tmp/waitlist-bench-{os.getuid()}"))
ENGINES = ("sqlite", "postgresql")
# What an operator of a small machine would set; everything about durability is as PostgreSQL ships.
POSTGRES = {"shared_buffers": "256MB", "work_mem": "16MB", "jit": "off"}
NAMES = {0: "nobody yet", 1_000: "1 k", 10_000: "10 k", 100_000: "100 k", 1_000_000: "1 M", 10_000_000: "10 M"}


@dataclass(frozen=True)
class Installation:
    """A database with `n` people and the environment that its app runs in."""

    engine: str
    n: int
    environ: dict[str, str]

    @property
    def size(self) -> str:
        return NAMES.get(self.n, str(self.n))

    def raw(self) -> Any:
        """The engine's own driver, as durable as the service is: what a floor is measured with."""
        return raw(self.environ)


def raw(environ: dict[str, str]) -> Any:
    """A connection of the bare driver to the database of an installation."""
    if "WAITLIST_DATABASE_URL" in environ:
        url = sa.make_url(environ["WAITLIST_DATABASE_URL"])
        return psycopg.connect(
            host=str(url.query["host"]), dbname=url.database, user="postgres", autocommit=True, prepare_threshold=1
        )
    connection = sqlite3.connect(Path(environ["WAITLIST_INSTANCE"]) / "waitlist.db", isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


class Ground:
    """Every installation of one run of the bench."""

    def __init__(self, engines: tuple[str, ...]) -> None:
        HOME.mkdir(exist_ok=True)
        self._version = _version()
        self._postgres = (
            Postgres(durable=True, kept=HOME / "pg", settings=POSTGRES) if "postgresql" in engines else None
        )
        self._forget_old()

    def close(self) -> None:
        if self._postgres is not None:
            self._postgres.stop()

    def _forget_old(self) -> None:
        """Seeds of another schema are of no use to anybody."""
        for folder in HOME.glob("*-*-*"):
            engine, n, version = folder.name.split("-")
            if version == self._version or (engine == "postgresql" and self._postgres is None):
                continue
            if self._postgres is not None and engine == "postgresql":
                self._postgres.drop(f"seed_{n}_{version}")
            shutil.rmtree(folder)

    def seeded(self, engine: str, n: int) -> Installation:
        """The kept installation of `n` people, for work that only reads; made when it is not there yet."""
        folder = HOME / f"{engine}-{n}-{self._version}"
        name = f"seed_{n}_{self._version}"
        found = Installation(engine, n, self._environ(engine, folder, name))
        if not (folder / "done").exists():
            self._seed(found, folder, name)
        return found

    @contextmanager
    def copied(self, engine: str, n: int) -> Iterator[Installation]:
        """A copy of it, for work that changes people; gone afterwards."""
        seed = self.seeded(engine, n)
        folder = HOME / "copy"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(seed.environ["WAITLIST_INSTANCE"], folder)
        if self._postgres is not None and engine == "postgresql":
            self._postgres.create(f"seed_{n}_{self._version}", name="copy")
        yield Installation(engine, n, self._environ(engine, folder, "copy"))
        shutil.rmtree(folder)
        if self._postgres is not None and engine == "postgresql":
            self._postgres.drop("copy")

    def _environ(self, engine: str, folder: Path, name: str) -> dict[str, str]:
        environ = {"WAITLIST_INSTANCE": str(folder), "WAITLIST_LIMITS": "false"}
        if engine == "postgresql":
            assert self._postgres is not None, "it was started for this engine"
            environ["WAITLIST_DATABASE_URL"] = self._postgres.url(name)
        return environ

    def _seed(self, made: Installation, folder: Path, name: str) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        if self._postgres is not None and made.engine == "postgresql":
            self._postgres.drop(name)
            self._postgres.create(name=name)
        migrate(made.environ)
        app = without_doors(made.environ)
        with app.app_context():
            if made.n:
                with db.writing() as tx:
                    seeding.fill(tx, made.n, now=datetime.now(UTC))
            if made.engine == "postgresql":  # what its own housekeeping does within minutes
                with db.db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                    connection.execute(sa.text("VACUUM ANALYZE"))
        dispose(app)
        if made.engine == "sqlite":
            with made.raw() as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (folder / "done").touch()


def _version() -> str:
    """Another schema or another generator makes other seeds."""
    tables = ROOT / "waitlist" / "migrations" / "versions"
    files = [Path(seeding.__file__), *sorted(tables.glob("*.py"))]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:8]
