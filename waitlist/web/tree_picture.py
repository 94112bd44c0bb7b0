"""The picture of a tree: where each circle and each line stands. Levels go from left to right, a row for every leaf.

Plain numbers for an SVG that the template writes; the list beside it holds the same people.
"""

from dataclasses import dataclass
from itertools import count

from waitlist.queries.branches import Twig

COLUMN, ROW, EDGE = 168, 28, 20


@dataclass(frozen=True)
class Dot:
    """One person: the centre of the circle, and where the one above stands (None for the first)."""

    twig: Twig
    x: int
    y: int
    up: tuple[int, int] | None = None

    @property
    def line(self) -> str:
        """The curve from the one above to here, as the `d` of a path."""
        assert self.up is not None, "only asked of somebody below somebody"
        x, y = self.up
        middle = (x + self.x) // 2
        return f"M{x} {y}C{middle} {y} {middle} {self.y} {self.x} {self.y}"


@dataclass(frozen=True)
class Picture:
    """All dots, the first one first, and the size of the paper."""

    dots: tuple[Dot, ...]
    width: int
    height: int


def draw(root: Twig) -> Picture:
    """Lay a branch out: whoever brought people stands in the middle of them, and no two circles touch."""
    rows, places = count(), dict[int, tuple[int, int]]()
    _place(root, 0, rows, places)
    dots = [Dot(root, *places[root.id])]
    dots += [Dot(child, *places[child.id], places[twig.id]) for twig in root.walk() for child in twig.below]
    width = max(x for x, _ in places.values()) + COLUMN
    return Picture(tuple(dots), width, max(y for _, y in places.values()) + EDGE)


def _place(twig: Twig, level: int, rows: "count[int]", places: dict[int, tuple[int, int]]) -> int:
    if twig.below:
        ys = [_place(child, level + 1, rows, places) for child in twig.below]
        y = (ys[0] + ys[-1]) // 2
    else:
        y = EDGE + ROW * next(rows)
    places[twig.id] = (EDGE + COLUMN * level, y)
    return y
