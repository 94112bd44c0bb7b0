"""Splits: the arms of an experiment, and which of them a ticket falls into. Pure.

An arm is a name with a weight in parts per million of all tickets; what is left over is `control`.
"""

import re
from collections.abc import Sequence

WHOLE = 1_000_000
BITS = 63  # of a ticket
CONTROL = "control"
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
MOST = 8  # arms beside control

Arms = tuple[tuple[str, int], ...]


class BadSplit(ValueError):
    """Arms that cannot be; `code` says why, `name` which one."""

    def __init__(self, code: str, name: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.name = name


def read(arms: Sequence[Sequence[object]]) -> Arms:
    """The arms as they are kept; raises BadSplit for a bad or repeated name, a bad weight, or more than the whole."""
    seen: list[tuple[str, int]] = []
    for name, weight in arms:
        if not isinstance(name, str) or not NAME.fullmatch(name) or name == CONTROL:
            raise BadSplit("split_bad_name", str(name))
        if any(name == other for other, _ in seen):
            raise BadSplit("split_twice", name)
        if not isinstance(weight, int) or not 1 <= weight <= WHOLE:
            raise BadSplit("split_bad_weight", name)
        seen.append((name, weight))
    if len(seen) > MOST:
        raise BadSplit("split_too_many")
    if sum(weight for _, weight in seen) > WHOLE:
        raise BadSplit("split_over_whole")
    return tuple(seen)


def ppm(percent: str) -> int:
    """A typed percentage, like 12.5, in parts per million; 0 for what is none, which `read` refuses."""
    match = re.fullmatch(r"([0-9]{1,3})(?:[.,]([0-9]{1,4}))?", percent.strip().removesuffix("%").strip())
    return int(match[1]) * 10_000 + int((match[2] or "").ljust(4, "0")) if match else 0


def arm_of(arms: Arms, ticket: int) -> str:
    """The arm of a ticket: the arms lie one after the other from 0, and control is what is behind them."""
    below = 0
    for name, weight in arms:
        below += weight
        if ticket * WHOLE < below << BITS:
            return name
    return CONTROL


def weights(arms: Arms) -> dict[str, int]:
    """The weight of every arm, control with what is left."""
    given = dict(arms)
    return given | {CONTROL: WHOLE - sum(given.values())}
