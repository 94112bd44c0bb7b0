"""Dumping: the rows of every table out of PostgreSQL and back, in COPY's own text, inside one transaction."""

from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from waitlist.db import Base, Tx

LEFT_OUT = frozenset({"worker_beat", "job_beat", "session"})  # who was alive and signed in then is so no more


def tables() -> list[str]:
    """Every table that a backup holds, referred ones before those that refer to them."""
    return [table.name for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]


def dump(tx: Tx, folder: Path) -> dict[str, Any]:
    """Write each table into `folder` and return what else must come back: the number of the line."""
    for name in tables():
        with (folder / name).open("wb") as file:
            _copy_out(tx, f'COPY "{name}" ({_columns(name)}) TO STDOUT', file)
    return {"number": tx.execute(sa.text("SELECT last_value, is_called FROM entry_number")).one()._asdict()}


def load(tx: Tx, folder: Path, kept: dict[str, Any]) -> None:
    """Replace every row of every table by those of `folder`."""
    names = ", ".join(f'"{table.name}"' for table in Base.metadata.sorted_tables)
    tx.execute(sa.text(f"TRUNCATE {names} CASCADE"))
    for name in tables():
        with (folder / name).open("rb") as file:
            _copy_in(tx, f'COPY "{name}" ({_columns(name)}) FROM STDIN', file)
        _set_serial(tx, name)
    tx.execute(sa.text("SELECT setval('entry_number', :last_value, :is_called)"), kept["number"])


def is_empty(tx: Tx) -> bool:
    """Whether nobody has used this installation yet."""
    tables = Base.metadata.tables
    return all(tx.execute(sa.select(tables[name]).limit(1)).first() is None for name in ("launch", "user"))


def _columns(name: str) -> str:
    return ", ".join(f'"{column.name}"' for column in Base.metadata.tables[name].columns)


def _copy_out(tx: Tx, statement: str, file: IO[bytes]) -> None:
    cursor: Any = tx.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        for block in copy:
            file.write(block)


def _copy_in(tx: Tx, statement: str, file: IO[bytes]) -> None:
    cursor: Any = tx.connection.cursor()
    with cursor, cursor.copy(statement) as copy:
        while block := file.read(1 << 16):
            copy.write(block)


def _set_serial(tx: Tx, name: str) -> None:
    if "id" not in Base.metadata.tables[name].columns:
        return
    serial = tx.scalar(sa.text("SELECT pg_get_serial_sequence(:name, 'id')"), {"name": f'"{name}"'})
    if serial is not None:
        highest = tx.scalar(sa.select(sa.func.max(Base.metadata.tables[name].c.id))) or 1
        tx.execute(sa.select(sa.func.setval(serial, highest)))
