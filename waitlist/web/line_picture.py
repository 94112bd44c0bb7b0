"""The picture of a series: a line for the period and a dashed one for the period before, as points of an SVG."""

from dataclasses import dataclass

from waitlist.queries.trends import Series

WIDTH, HEIGHT, EDGE = 720, 180, 4


@dataclass(frozen=True)
class Lines:
    """The `points` of both lines and of the area below the first, and the number at the top."""

    now: str
    before: str
    area: str
    top: int
    step: float  # from one day to the next


def draw_lines(series: Series) -> Lines:
    """Both periods on one scale that begins at zero."""
    top = max(1, *(max(day.n, day.before) for day in series.days))
    now = _points([day.n for day in series.days], top)
    before, area = _points([day.before for day in series.days], top), f"0,{HEIGHT} {now} {WIDTH},{HEIGHT}"
    return Lines(now, before, area, top, round(WIDTH / len(series.days), 2))


def _points(values: list[int], top: int) -> str:
    step, tall = WIDTH / max(len(values) - 1, 1), HEIGHT - 2 * EDGE
    return " ".join(f"{round(i * step)},{round(EDGE + tall * (1 - value / top))}" for i, value in enumerate(values))
