"""`people export`: the roster as a file, formula-safe, and written down in the audit log."""

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import click

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.people import STATE, commands
from waitlist.cli.printing import note, progress
from waitlist.cli.shape import SLUG, change, launch_called, stamp
from waitlist.db import reading
from waitlist.queries.roster import Person, roster
from waitlist.services import exporting
from waitlist.tables import safe_cell

COLUMNS = (
    *("id", "email", "name", "state", "position", "score", "friends", "referrer", "language", "joined_at", "held"),
)


@commands.command("export")
@SLUG
@click.argument("file", default="-", type=click.Path(allow_dash=True, dir_okay=False, path_type=Path))
@STATE
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.option("--bom", is_flag=True, help="Start with the mark that Excel knows UTF-8 by.")
@click.option("--raw", is_flag=True, help="Leave cells that a sheet would run as formulas as they are.")
def export(slug: str, file: Path, states: tuple[str, ...], form: str, bom: bool, raw: bool) -> None:
    """Write the people of a launch to a file (or `-`, standard output), first in line first."""
    with reading() as rx, click.open_file(str(file), "w", encoding="utf-8", atomic=str(file) != "-") as out:
        launch = launch_called(rx, slug)
        if bom:
            out.write("\ufeff")
        people = (_cells(person) for person in roster(rx, launch.id, states=states))
        rows = _write_csv(out, people, raw=raw) if form == "csv" else _write_lines(out, people)
    change(lambda tx: exporting.note(tx, launch, form=form, rows=rows, states=states, actor=COMMAND, now=clock.now()))
    note(f"{rows} people were written.")


def _cells(person: Person) -> dict[str, Any]:
    facts = asdict(person) | {"joined_at": stamp(person.joined_at), "referrer": person.referrer_email}
    return {name: facts[name] for name in COLUMNS}


def _write_csv(out: IO[Any], people: Iterator[dict[str, Any]], *, raw: bool) -> int:
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    rows = 0
    with progress("Exporting", None) as bar:
        for rows, person in enumerate(people, 1):
            safe = {
                name: cell if raw or not isinstance(cell, str) else safe_cell(cell) for name, cell in person.items()
            }
            writer.writerow(safe)
            bar.reached(rows)
    return rows


def _safe(cell: Any) -> Any:
    return safe_cell(cell) if isinstance(cell, str) else cell


def _write_lines(out: IO[Any], people: Iterator[dict[str, Any]]) -> int:
    return sum(1 for person in people if out.write(json.dumps(person, ensure_ascii=False) + "\n"))
