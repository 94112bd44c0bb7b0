"""The picture of a plan: a bar for each stage on one scale of time, as numbers of an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from waitlist.queries.plans import Shown

WIDTH, ROW, BAR, EDGE = 720, 34, 20, 8
WORDS = 150  # so much room the name of a stage takes
LEAST = 10  # a wave that takes a minute is seen, too


@dataclass(frozen=True)
class Bar:
    """One stage: where it stands in the picture; `open` where it has no end. No width: nobody knows when it starts."""

    shown: Shown
    x: int
    y: int
    width: int
    open: bool
    label_x: int
    label_ends: bool  # the words end there, before the bar; else they begin


@dataclass(frozen=True)
class Picture:
    """All bars, the line of the present, and the days at both ends."""

    bars: tuple[Bar, ...]
    height: int
    now_x: int
    begins: datetime
    ends: datetime


def draw_plan(stages: Sequence[Shown], now: datetime) -> Picture | None:
    """The picture of every stage whose start is known or reckoned; None where no start is."""
    known = [shown for shown in stages if shown.starts_at is not None and shown.state != "skipped"]
    if not known:
        return None
    moments = [now, *(shown.starts_at for shown in known if shown.starts_at), *(s.ends_at for s in known if s.ends_at)]
    begins = min(moments)
    ends = max(moments) + max((max(moments) - begins) / 6, timedelta(days=1))

    def x_of(moment: datetime) -> int:
        return round(WIDTH * ((moment - begins) / (ends - begins)))

    bars = []
    for n, shown in enumerate(known):
        x = x_of(shown.starts_at or begins)
        width = max((WIDTH if shown.ends_at is None else x_of(shown.ends_at)) - x, LEAST)
        inside, before = width >= WORDS, x > WIDTH - WORDS
        label_x = x + EDGE if inside else x - EDGE if before else x + width + EDGE
        bars.append(Bar(shown, x, n * ROW + EDGE, width, shown.ends_at is None, label_x, before and not inside))
    return Picture(tuple(bars), len(known) * ROW + EDGE, x_of(now), begins, ends)
