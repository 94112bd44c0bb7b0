"""Windows: the hours of the week in which people are invited, and the days on which nobody is, by a wall clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo

from waitlist.moments import DAY, local_moment

WEEK = frozenset(range(7))


@dataclass(frozen=True)
class Hours:
    """On these weekdays (0 is Monday), from one wall time to another; the default is at any time."""

    days: frozenset[int] = WEEK
    opens: time = time.min
    closes: time | None = None  # None: until midnight

    @classmethod
    def of(cls, days: str, opens: str, closes: str) -> "Hours":
        """As a launch keeps them: "0123", "09:00", "16:00", each empty where it does not matter."""
        return cls(
            frozenset(map(int, days)) if days else WEEK,
            time.fromisoformat(opens) if opens else time.min,
            time.fromisoformat(closes) if closes else None,
        )

    def not_before(self, at: datetime, tz: str) -> datetime:
        """`at`, or the next moment in the window; a wall time that a spring night skips is the first one after it."""
        local = at.astimezone(ZoneInfo(tz)).replace(tzinfo=None)
        is_over = self.closes is not None and local.time() >= self.closes
        if local.weekday() in self.days and self.opens <= local.time() and not is_over:
            return at
        day = local.date() + DAY if is_over or local.time() >= self.opens else local.date()
        while day.weekday() not in self.days:
            day += DAY
        return max(at, local_moment(datetime.combine(day, self.opens), tz))


def next_open(at: datetime, hours: Hours, blackouts: Sequence[tuple[datetime, datetime]], tz: str) -> datetime:
    """`at`, or the first moment after it that lies in the window and in no blackout: a blackout beats the window."""
    while True:
        moved = hours.not_before(at, tz)
        moved = max((end for start, end in blackouts if start <= moved < end), default=moved)
        if moved == at:
            return at
        at = moved
