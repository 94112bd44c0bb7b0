"""The database: one metadata, two ways in. `reading()` cannot change anything; `writing()` is the only way to.

A transaction is a SQLAlchemy Connection. Nouns are declarative classes for their columns and constraints; statements
run on the connection itself, and a noun that was read is an immutable Row with the class's columns (`one`, `some`).
"""

import fcntl
import os
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, cast

import sqlalchemy as sa
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, registry
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.selectable import TypedReturnsRows

T = TypeVar("T")
R = TypeVar("R")

Tx = Connection  # what a verb takes and a query reads from


class UTCDateTime(sa.TypeDecorator[datetime]):
    """Aware UTC on both engines; a naive value is a programming error and raises ValueError."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime reached the database")
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


BigInt = sa.BigInteger().with_variant(sa.Integer(), "sqlite")  # SQLite only autoincrements INTEGER keys


class Base(DeclarativeBase):
    """Every noun's base: the types its annotations mean and the names its constraints get."""

    registry = registry(
        type_annotation_map={
            datetime: UTCDateTime(),
            int: BigInt,
            str: sa.Text(),
            dict[str, Any]: sa.JSON(),
            list[Any]: sa.JSON(),
        }
    )
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, disable_autonaming=True)

# Set while a GET or HEAD is answered: nothing that only looks may change anything.
reading_only: ContextVar[bool] = ContextVar("reading_only", default=False)

RETRIED_STATES = frozenset({"40001", "40P01"})  # serialization failure, deadlock
CLASHES = ("uq_entry_slug", "entry.slug")  # two random referral codes met, as each engine words it; draw again
TRIES = 3


def configure(app: Flask, url: str) -> None:
    """Give the app its two engines: one that writes, one that only reads."""
    # A failed statement is logged without its values: they are people's addresses.
    options: dict[str, Any] = {"pool_size": 20, "max_overflow": 20, "hide_parameters": True}
    if url.startswith("postgresql"):
        options |= {"pool_pre_ping": True, "connect_args": {"prepare_threshold": 1}}
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    app.config["SQLALCHEMY_BINDS"] = {"reading": {"url": url, **options}}
    db.init_app(app)
    with app.app_context():
        _prepare(db.engine, read_only=False)
        _prepare(db.engines["reading"], read_only=True)


@contextmanager
def reading() -> Iterator[Tx]:
    """A read-only transaction on one snapshot of the statement (PostgreSQL) or of the whole block (SQLite)."""
    with db.engines["reading"].connect() as rx, rx.begin():
        yield rx


@contextmanager
def writing() -> Iterator[Tx]:
    """The transaction of one verb: commits at the end of the block, rolls back on any exception.

    Raises RuntimeError while a GET or HEAD is answered.
    """
    if reading_only.get():
        raise RuntimeError("a GET tried to write")
    engine = db.engine
    with _turn(engine), engine.begin() as tx:
        yield tx


def retried(work: Callable[[], R]) -> R:
    """Run a whole door again, up to three times, when the database says that two transactions met.

    Safe because what may happen once is claimed inside the transaction that was rolled back.
    """
    for attempt in range(1, TRIES):
        try:
            return work()
        except DBAPIError as error:
            if not _meets_another(error):
                raise
            time.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311 - jitter, not a secret
    return work()


def one(tx: Tx, query: TypedReturnsRows[T], values: Mapping[str, object] | None = None) -> T | None:
    """The only row of a query over one noun, or None. The Row has the noun's columns and cannot be changed.

    `values` are those of a query that was built once: on the way of every join, building costs more than asking.
    """
    return cast("T | None", tx.execute(query, values).one_or_none())


def some(tx: Tx, query: TypedReturnsRows[T]) -> Sequence[T]:
    """All rows of a query over one noun, each a Row with the noun's columns."""
    return cast("Sequence[T]", tx.execute(query).all())


def insert(tx: Tx, noun: type[Base]) -> sqlite.Insert:
    """An INSERT that knows ON CONFLICT, for the engine of this transaction (both dialects share the form)."""
    return inserting(tx.dialect.name, noun)


def inserting(dialect: str, noun: type[Base]) -> sqlite.Insert:
    """The same by the engine's name, for a statement that is built once."""
    return sqlite.insert(noun) if dialect == "sqlite" else cast("sqlite.Insert", postgresql.insert(noun))


def later(moment: sa.ColumnElement[datetime] | InstrumentedAttribute[datetime], by: timedelta) -> "_Later":
    """A column's moment moved by a duration, for set-based updates; exact to the millisecond on SQLite."""
    return _Later(moment, sa.literal(by.total_seconds(), sa.Float()))


class _Later(FunctionElement[datetime]):
    type = UTCDateTime()
    inherit_cache = True


@compiles(_Later, "sqlite")
def _later_sqlite(element: _Later, compiler: Any, **kw: Any) -> str:
    moment, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"strftime('%Y-%m-%d %H:%M:%f000', {moment}, {seconds} || ' seconds')"


@compiles(_Later, "postgresql")
def _later_postgresql(element: _Later, compiler: Any, **kw: Any) -> str:
    moment, seconds = (compiler.process(clause, **kw) for clause in element.clauses)
    return f"({moment} + make_interval(secs => {seconds}))"


_process_turn = threading.Lock()


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    # SQLite has one writer. Waiting for a lock in fair order beats its busy handler, which polls and starves:
    # p99 60 ms against 2 s at 8 processes.
    if engine.dialect.name != "sqlite":
        yield
        return
    with _process_turn, _locked_file(Path(f"{engine.url.database}.lock")):
        yield


@contextmanager
def _locked_file(path: Path) -> Iterator[None]:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)  # gives the lock back, also when the process is killed


def _prepare(engine: Engine, *, read_only: bool) -> None:
    if engine.dialect.name == "sqlite":
        sa.event.listen(engine, "connect", _sqlite_reader if read_only else _sqlite_writer)
        sa.event.listen(engine, "begin", _begin if read_only else _begin_immediate)
    elif read_only:
        sa.event.listen(engine, "connect", _postgres_reader)


def _sqlite_writer(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's implicit BEGIN would come too late
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_reader(connection: Any, record: object) -> None:
    _sqlite_writer(connection, record)
    connection.execute("PRAGMA query_only=ON")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _postgres_reader(connection: Any, _record: object) -> None:
    connection.read_only = True


def _meets_another(error: DBAPIError) -> bool:
    if getattr(error.orig, "sqlstate", None) in RETRIED_STATES:
        return True
    if isinstance(error, IntegrityError) and any(name in str(error.orig) for name in CLASHES):
        return True
    return getattr(error.orig, "sqlite_errorname", "").startswith("SQLITE_BUSY")
