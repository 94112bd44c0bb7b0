"""How commands print: aligned columns for people, one JSON object a line for scripts."""

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

SAMPLED = 200  # rows that columns are measured by; later ones may be wider


def print_one(facts: Mapping[str, Any], as_json: bool) -> None:
    """One thing: a line of JSON, or a line for each of its facts."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False))
        return
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        click.echo(f"{name.replace('_', ' '):<{width}}  {_cell(value)}")


def print_rows(rows: Iterable[Mapping[str, Any]], as_json: bool, *, empty: str = "") -> None:
    """Many things, as they come: lines of JSON, or columns under their names. `empty` is said when there are none."""
    if as_json:
        for row in rows:
            click.echo(json.dumps(row, ensure_ascii=False))
        return
    stream = iter(rows)
    first = [row for row, _ in zip(stream, range(SAMPLED), strict=False)]
    if not first:
        click.echo(empty, err=True)
        return
    names = list(first[0])
    widths = [max(len(name), *(len(_cell(row[name])) for row in first)) for name in names]
    click.echo(_line([name.replace("_", " ") for name in names], widths))
    for row in _chained(first, stream):
        click.echo(_line([_cell(row[name]) for name in names], widths))


def note(words: str) -> None:
    """A word to the person that a script reading stdout does not see."""
    click.echo(words, err=True)


@contextmanager
def progress(words: str, total: int | None) -> Iterator["Steps"]:
    """A bar on stderr while long work runs, on a terminal only."""
    console = Console(file=sys.stderr)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        yield Steps(bar, bar.add_task(words, total=total))


class Steps:
    """The moving end of one progress bar."""

    def __init__(self, bar: Progress, task: Any) -> None:
        self._bar = bar
        self._task = task

    def reached(self, done: int, total: int | None = None) -> None:
        self._bar.update(self._task, completed=done, total=total)


def _chained(first: Sequence[Mapping[str, Any]], rest: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    yield from first
    yield from rest


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(f"{cell:<{width}}" for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "-"
    return str(value)
