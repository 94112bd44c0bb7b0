"""`units ...` and `facts import`: the departments of an organisation, and what a file knows of people."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.printing import print_one, print_rows
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, launch_called, read
from waitlist.db import Tx, some
from waitlist.gates.answers import Trust
from waitlist.gates.country import CODES
from waitlist.models.launch import Launch
from waitlist.models.unit import units_of
from waitlist.queries.whom import entry_called
from waitlist.services import organising, stating
from waitlist.services.organising import Branch
from waitlist.tables import Table, TableRow, plain_cell

units = group("units", "Departments: the tree that rules for departments go by.")
facts = group("facts", "Facts: what is known of people for sure, from a file.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
NUMBERS = ("orders",)
KNOWN = ("country", "subdivision", "unit", "orders", "last_order")


@units.command("import")
@SLUG
@FILE
@DRY_RUN
@AS_JSON
def import_units(slug: str, file: Path, dry_run: bool, as_json: bool) -> None:
    """Read the whole tree, in place of the last one: a table with the columns unit, parent and, if you like, title."""
    with file.open("rb") as opened:
        table = Table(opened)
        branches = [
            Branch(cells.get("unit", "").casefold(), cells.get("parent", "").casefold(), cells.get("title", ""))
            for cells in _cells(table, ("unit",))
        ]

    def verb(tx: Tx) -> dict[str, Any]:
        moved = organising.organise(tx, launch_called(tx, slug), branches, actor=COMMAND, now=clock.now())
        return {"units": len(branches), "moved": moved}

    print_one(change(verb, dry_run=dry_run), as_json)


@units.command("list")
@SLUG
@AS_JSON
def list_units(slug: str, as_json: bool) -> None:
    """Print the departments, each with the path that a rule names."""

    def rows(rx: Tx) -> list[dict[str, Any]]:
        found = some(rx, units_of(launch_called(rx, slug).id))
        return [{"unit": unit.key, "path": unit.path, "title": unit.title} for unit in found]

    print_rows(read(rows), as_json, empty="There are no departments. `units import` reads them.")


@facts.command("import")
@SLUG
@FILE
@DRY_RUN
@AS_JSON
def import_facts(slug: str, file: Path, dry_run: bool, as_json: bool) -> None:
    """Read what is known for sure: a column email, and columns country, subdivision, unit, orders or last_order.

    A cell that is empty says nothing. What the file cannot say is printed with its row, and the others are kept.
    """
    with file.open("rb") as opened:
        table = Table(opened)  # holds the file as long as it is read
        rows = list(enumerate(_cells(table, ("email",)), 2))

    def verb(tx: Tx) -> dict[str, Any]:
        launch = launch_called(tx, slug)
        news, problems = 0, []
        for number, cells in rows:
            said, fault = _read_facts(tx, launch, cells)
            entry = entry_called(tx, launch, cells["email"])
            if fault or entry is None:
                problems.append({"row": number, "says": fault or "Nobody of this launch is called so."})
                continue
            for name, value in said.items():
                news += stating.state(
                    tx, entry, name, value, source="import", trust=Trust.AUTHORITATIVE, actor=COMMAND, now=clock.now()
                )
        return {"people": len(rows) - len(problems), "news": news, "problems": problems}

    print_one(change(verb, dry_run=dry_run), as_json)


def _cells(table: Table, needed: tuple[str, ...]) -> Iterator[dict[str, str]]:
    header = [name.casefold() for name in table.header]
    missing = [name for name in needed if name not in header]
    if missing:
        raise click.ClickException(f"The table has no column {missing[0]}; its first row must name the columns.")
    for row in table:
        yield {name: plain_cell(cell).strip() for name, cell in zip(header, _whole(row), strict=False)}


def _whole(row: TableRow) -> tuple[str, ...]:
    if row.fault is not None:
        raise click.ClickException(f"Row {row.number} cannot be read.")
    return row.cells


def _read_facts(tx: Tx, launch: Launch, cells: dict[str, str]) -> tuple[dict[str, object], str]:
    """The facts of a row, and what is wrong with the first that cannot be."""
    said: dict[str, object] = {name: cells[name] for name in KNOWN if cells.get(name)}
    for name in NUMBERS:
        if name in said:
            if not cells[name].isdecimal():
                return {}, f"{name} is no number: {cells[name]}"
            said[name] = int(cells[name])
    if "country" in said:
        said["country"] = cells["country"].upper()
        if said["country"] not in CODES:
            return {}, f"There is no country {cells['country']}. Write its code, like US."
    if "unit" in said:
        path = _path(tx, launch, cells["unit"])
        if path is None:
            return {}, f"There is no department {cells['unit']}. `units list` prints them."
        said["unit"] = path
    return said, ""


def _path(tx: Tx, launch: Launch, typed: str) -> str | None:
    """The path of a department by its key or its path; as typed where the launch has no tree."""
    found = {unit.key: unit.path for unit in some(tx, units_of(launch.id))}
    wanted = typed.casefold()
    if not found:
        return wanted
    return found.get(wanted) or (wanted if wanted in found.values() else None)
