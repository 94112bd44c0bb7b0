"""A command that imports people is killed with -9, and typed again: nobody is lost, doubled or left out of the count.

The guard is the one transaction of a chunk: people, places, credits and the rows' verdicts come together or not at all.
"""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.parts import both, processes
from tests.parts.processes import Ending
from tests.world import World
from waitlist import db
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry
from waitlist.models.referral import Credit
from waitlist.models.upkeep import ImportRow, ImportRun
from waitlist.services import entering, ranking

pytestmark = both

ROWS, FRIENDS, CHUNK = 3_000, 600, 250
OUTCOMES = ("added", "updated", "same", "duplicate", "problems")


def written(path: Path, rows: int = ROWS, friends: int = FRIENDS) -> Path:
    """A list whose last people came through the first ones, with one address twice and one that is none."""
    lines = [f"person{n}@college.edu," for n in range(rows - friends)]
    lines += [f"friend{n}@college.edu,person{n}@college.edu" for n in range(friends)]
    path.write_text("\n".join(["email,referrer", *lines, lines[0], "nobody,"]) + "\n")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return written(tmp_path / "people.csv")


def types(app: Flask, path: str) -> dict[str, Any]:
    """Type `people import` and return its report."""
    entering.CHUNK = CHUNK
    done = app.test_cli_runner().invoke(args=["people", "import", "campus", path, "--source", "a list", "--json"])
    assert done.exit_code == 0, done.output
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def without_one_transaction() -> None:
    """People are committed before their places, their credits and the verdicts of their rows."""
    insert = entering._insert

    def careless(tx: db.Tx, people: list[dict[str, Any]]) -> dict[str, Entry]:
        entered = insert(tx, people)
        tx.exec_driver_sql("COMMIT")
        if tx.dialect.name == "sqlite":
            tx.exec_driver_sql("BEGIN IMMEDIATE")
        return entered

    entering._insert = careless


def complaints(world: World, ending: Ending, rows: int, friends: int) -> list[str]:
    """What is not as if nothing had happened, once the command was typed again."""
    report = ending.value
    found = [] if report is not None else [f"{ending.error}: {ending.trace[-300:]}"]
    if report is not None and (report["total"], report["added"]) != (rows + 2, rows):
        found.append(f"{report['added']} added of {report['total']} rows")
    if report is not None and sum(report[outcome] for outcome in OUTCOMES) != report["total"]:
        found.append(f"{report} does not add up")
    with world.writing() as tx:
        found += [f"{n} cells are wrong" for n in [ranking.recount(tx, main_line(tx, 1))] if n]
        emails = tx.scalars(sa.select(Entry.email).order_by(Entry.rank_key)).all()
        counted = tx.scalar(sa.select(sa.func.count()).select_from(Credit))
        verdicts = tx.scalars(sa.select(ImportRow.outcome).where(ImportRow.entry_id.is_not(None))).all()
    people = [f"person{n}@college.edu" for n in range(rows - friends)]
    if list(emails) != people + [f"friend{n}@college.edu" for n in range(friends)]:
        found.append("somebody is missing, doubled or in another place than the file's")
    if (counted, list(verdicts)) != (friends, ["added"] * rows):
        found.append(f"{counted} credits, {len(verdicts)} rows entered")
    return found


def killed_and_typed_again(
    world: World,
    environ: dict[str, str],
    file: Path,
    failpoint: str,
    before: Any = None,
    *,
    rows: int = ROWS,
    friends: int = FRIENDS,
) -> list[str]:
    world.launch(points_cap=None)
    job, patience = [{"path": str(file)}], processes.PATIENCE + rows / 50
    (killed,) = processes.run(types, job, environ, failpoint=failpoint, before=before, patience=patience)
    assert killed.signal == signal.SIGKILL, killed.trace
    (run,) = world.rows(ImportRun)
    assert run.state == "running"
    (again,) = processes.run(types, job, environ, before=before, patience=patience)
    return complaints(world, again, rows, friends) + [
        f"{len(world.rows(ImportRun))} imports" for _ in world.rows(ImportRun)[1:]
    ]


@pytest.mark.parametrize("nth", [1, 5, 12])
def test_an_import_killed_in_any_chunk_goes_on_with_the_same_file(
    world: World, environ: dict[str, str], file: Path, nth: int
) -> None:
    assert killed_and_typed_again(world, environ, file, f"import.before_commit:{nth}") == []


def test_without_one_transaction_for_a_chunk_an_import_goes_wrong(
    world: World, environ: dict[str, str], file: Path
) -> None:
    assert killed_and_typed_again(world, environ, file, "import.before_commit:5", without_one_transaction) != []
