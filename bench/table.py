"""The one table: a line for each work and engine, and what each line means."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.ground import NAMES
from bench.measuring import Figure

ENGINE = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


@dataclass(frozen=True)
class Measured:
    """A figure with where it was taken."""

    engine: str
    n: int
    figure: Figure


def table(measured: Sequence[Measured]) -> str:
    """Markdown: a column for each size, the floor and the ratio at the largest one, and what grew on the way."""
    sizes = sorted({found.n for found in measured})
    names = [NAMES.get(size, str(size)) for size in sizes]
    head = ["work", "database", *names, "floor", "ours / floor", "growth", "memory", "checked"]
    lines = [_line(head), _line("---" for _ in head)]
    for (work, variant, engine), figures in _grouped(measured).items():
        largest = figures[max(figures)]
        cells = [f"{work}{f': {variant}' if variant else ''}", ENGINE[engine]]
        cells += [_amount(figures[size], figures[size].seconds) if size in figures else "" for size in sizes]
        cells += [_amount(largest, largest.floor), _ratio(largest), _growth(figures), _memory(largest)]
        lines.append(_line([*cells, "WRONG: " + largest.checked if largest.wrong else largest.checked]))
    return "\n".join(lines)


def _grouped(measured: Sequence[Measured]) -> dict[tuple[str, str, str], dict[int, Figure]]:
    rows: dict[tuple[str, str, str], dict[int, Figure]] = {}
    for found in measured:
        key = found.figure.work, found.figure.variant, found.engine
        rows.setdefault(key, {})[found.n] = found.figure
    return rows


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _amount(figure: Figure, value: float | None) -> str:
    if value is None:
        return ""
    if figure.rate:
        return f"{value:,.0f}/s"
    for least, unit, times in ((10, "s", 1), (1, "s", 1), (1e-3, "ms", 1e3), (0, "µs", 1e6)):
        if value >= least:
            return f"{value * times:,.0f} {unit}" if value * times >= 10 else f"{value * times:.1f} {unit}"
    return ""


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else f"{figure.ratio:,.2f}" if figure.ratio < 10 else f"{figure.ratio:,.0f}"


def _growth(figures: dict[int, Figure]) -> str:
    if len(figures) < 2:
        return ""
    smallest, largest = figures[min(figures)].seconds, figures[max(figures)].seconds
    times = smallest / largest if figures[max(figures)].rate else largest / smallest
    return f"{times:.1f}×"


def _memory(figure: Figure) -> str:
    return "" if figure.memory is None else f"{figure.memory:,.0f} MB"
