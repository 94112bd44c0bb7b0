"""Measuring two sides in turns: a figure is a median of several rounds, a ratio the median of their ratios.

On a machine that others use too, only what was measured in the same second can be compared.
"""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Work = Callable[[], object]


@dataclass(frozen=True)
class Figure:
    """One cell of the table: what some work took in seconds, or how often it was done in one (`rate`).

    `ratio` is this side over the floor: how many times as long, or which share of the rate.
    """

    work: str
    seconds: float
    floor: float | None = None
    ratio: float | None = None
    rate: bool = False
    memory: float | None = None  # MB at the peak, over what the process had before
    checked: str = ""  # what was counted besides, such as "0 failed, 0 duplicate places"
    variant: str = ""  # of the work: "10 k of the people"
    wrong: bool = field(default=False)  # the result was not right, so the figure means nothing


def took(work: Work) -> float:
    """Seconds that a call takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def paired(ours: Work, floor: Work, *, calls: int, rounds: int = 7) -> tuple[float, float, float]:
    """(seconds a call of ours, of the floor, their ratio), measured in turns, `calls` calls a turn."""
    mine, its, ratios = [], [], []
    ours(), floor()  # both sides warm
    for _ in range(rounds):
        mine.append(took(lambda: [ours() for _ in range(calls)]) / calls)
        its.append(took(lambda: [floor() for _ in range(calls)]) / calls)
        ratios.append(mine[-1] / its[-1])
    return statistics.median(mine), statistics.median(its), statistics.median(ratios)


def alone(work: Work, *, rounds: int = 5) -> float:
    """The median of some calls, after a first one that is not counted."""
    work()
    return statistics.median(took(work) for _ in range(rounds))


def peak() -> float:
    """The most memory that this process ever had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
