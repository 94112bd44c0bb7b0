"""Carrying people in and out: a file is imported by the command, and a launch is exported by the command."""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask

from bench.ground import raw
from bench.measuring import Figure, peak, took
from tests.world import World

IMPORT = "people import FILE.csv, 1 in 5 with a referrer"
AGAIN = "the same file once more, which changes nobody"
EXPORT = "people export FILE.csv"


def import_100k(app: Flask, environ: dict[str, str]) -> list[Figure]:
    return _import(app, environ, 100_000)


def import_1m(app: Flask, environ: dict[str, str]) -> list[Figure]:
    return _import(app, environ, 1_000_000)


def _import(app: Flask, environ: dict[str, str], rows: int) -> list[Figure]:
    """The floor writes the very entries that came of it into the same table by the bare driver, with its indexes."""
    World(app).launch("empty", None)
    file = Path(tempfile.mkdtemp(prefix="waitlist-bench-")) / "people.csv"
    with file.open("w") as out:
        out.write("email,name,referrer\n")
        for n in range(rows):
            by = f"import{n // 2}@college.edu" if n % 5 == 4 else ""
            out.write(f"import{n}@college.edu,Person {n},{by}\n")
    said = ["people", "import", "empty", str(file), "--source", "bench", "--json"]
    before = peak()
    reports: list[dict[str, Any]] = []
    seconds = took(lambda: reports.append(_run(app, said)))
    memory = peak() - before
    again = took(lambda: reports.append(_run(app, said)))
    first, second = reports
    right = first["added"] == rows and second["added"] + second["updated"] == 0 and second["same"] == rows
    checked = f"{first['added']:,} added, then {second['added']}"
    floor = _floor(environ)
    file.unlink()
    variant = f"{rows // 1_000} k rows" if rows < 1_000_000 else f"{rows // 1_000_000} M rows"
    return [
        Figure(
            IMPORT, seconds, floor, seconds / floor, memory=memory, checked=checked, variant=variant, wrong=not right
        ),
        Figure(AGAIN, again, variant=variant),
    ]


def export(app: Flask, environ: dict[str, str]) -> list[Figure]:
    """The floor writes the same columns by the bare driver: a cursor and csv.writer, or COPY ... TO STDOUT."""
    folder = Path(tempfile.mkdtemp(prefix="waitlist-bench-"))
    ours, bare = folder / "ours.csv", folder / "bare.csv"
    before = peak()
    seconds = took(lambda: _run(app, ["people", "export", "campus", str(ours)], json_last=False))
    memory = peak() - before
    floor = took(_bare_export(environ, bare))
    with ours.open() as mine, bare.open() as theirs:
        rows, expected = sum(1 for _ in mine) - 1, sum(1 for _ in theirs)
    ours.unlink(), bare.unlink()
    checked = f"{rows:,} rows"
    return [Figure(EXPORT, seconds, floor, seconds / floor, memory=memory, checked=checked, wrong=rows != expected)]


def _run(app: Flask, words: list[str], *, json_last: bool = True) -> dict[str, Any]:
    done = app.test_cli_runner().invoke(args=words)
    assert done.exit_code == 0, done.output
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1]) if json_last else {}
    return report


def _floor(environ: dict[str, str]) -> float:
    """Take the imported entries out, and put them back in one transaction; only the latter is timed."""
    connection = raw(environ)
    sqlite = "sqlite3" in type(connection).__module__
    cursor = connection.execute("SELECT * FROM entry ORDER BY id")
    columns = [column[0] for column in cursor.description]
    rows = cursor.fetchall()
    connection.execute("PRAGMA foreign_keys=OFF" if sqlite else "SET session_replication_role = replica")
    connection.execute("DELETE FROM entry" if sqlite else "TRUNCATE entry CASCADE")
    connection.execute("PRAGMA foreign_keys=ON" if sqlite else "SET session_replication_role = origin")
    seconds = took(_put_back(connection, columns, rows, sqlite=sqlite))
    connection.close()
    return seconds


def _put_back(connection: Any, columns: list[str], rows: list[Any], *, sqlite: bool) -> Callable[[], None]:
    if sqlite:

        def write() -> None:
            marks = ", ".join("?" * len(columns))
            connection.execute("PRAGMA foreign_keys=OFF")  # the launch's rows that they name are still there
            connection.execute("BEGIN")
            connection.executemany(f"INSERT INTO entry ({', '.join(columns)}) VALUES ({marks})", rows)
            connection.execute("COMMIT")

        return write
    json_columns = [n for n, column in enumerate(columns) if column == "first_touch"]

    def copy() -> None:
        connection.execute("BEGIN")
        with connection.cursor() as cursor, cursor.copy(f"COPY entry ({', '.join(columns)}) FROM STDIN") as out:
            for row in rows:
                out.write_row([None if n in json_columns else value for n, value in enumerate(row)])
        connection.execute("COMMIT")

    return copy


def _bare_export(environ: dict[str, str], path: Path) -> Callable[[], None]:
    columns = "e.public_id, e.email, e.name, e.state, e.score, e.friends, r.email, e.language, e.created_at"
    query = f"SELECT {columns} FROM entry e LEFT JOIN entry r ON r.id = e.referrer_id WHERE e.launch_id = 1"
    connection = raw(environ)

    def write() -> None:
        if "sqlite3" in type(connection).__module__:
            with path.open("w", newline="") as out:
                csv.writer(out).writerows(connection.execute(f"{query} ORDER BY e.rank_key"))
            return
        copying = f"COPY ({query} ORDER BY e.rank_key) TO STDOUT WITH (FORMAT csv)"
        with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(copying) as rows:
            file.writelines(rows)

    return write
