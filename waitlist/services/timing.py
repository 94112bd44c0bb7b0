"""Timing: when a wave starts, how fast it goes, and the hours in which nobody is invited."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from waitlist.moments import after_quiet

PERIODS = {"hour": timedelta(hours=1), "day": timedelta(days=1)}
BURST = timedelta(seconds=60)  # what was missed for longer than this is not made up for at once


@dataclass(frozen=True)
class Timing:
    """A wave starts `at` a moment (None: once it is confirmed) and invites `pace` people per `period` (None: all).

    `hold`: minutes in which it can be undone. `fixed`: its people are those of the confirmation, not of the start.
    """

    at: datetime | None = None
    fixed: bool = True
    hold: int | None = None
    pace: int | None = None
    period: str = "hour"
    quiet_from: str = ""
    quiet_to: str = ""

    def to_json(self) -> dict[str, Any]:
        """Only what differs from a wave that goes at once, so that equal wishes give equal digests."""
        plain = vars(Timing())
        values = {name: value for name, value in vars(self).items() if value != plain[name]}
        return values | ({"at": self.at.isoformat()} if self.at is not None else {})

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Timing":
        at = data.get("at")
        return cls(**data | ({"at": datetime.fromisoformat(at)} if at else {}))

    @property
    def waits(self) -> bool:
        """Whether it does anything but invite everybody at once."""
        return self.pace is not None or self.has_quiet_hours

    @property
    def has_quiet_hours(self) -> bool:
        return bool(self.quiet_from and self.quiet_to)

    @property
    def interval(self) -> timedelta:
        """From one person to the next."""
        return PERIODS[self.period] / self.pace if self.pace else timedelta(0)

    def not_before(self, at: datetime, tz: str) -> datetime:
        """`at`, or the end of the quiet hours that it lies in."""
        return after_quiet(at, self.quiet_from, self.quiet_to, tz) if self.has_quiet_hours else at

    def room(self, due_at: datetime, now: datetime) -> tuple[int | None, datetime]:
        """How many may be invited now (None: all), and when the one after them may be."""
        if not self.pace:
            return None, now
        start = max(due_at, now - BURST)
        n = int((now - start) / self.interval) + 1
        return n, start + n * self.interval

    def ends(self, people: int, start: datetime, tz: str) -> datetime:
        """When the last of so many people is invited, if nothing comes between."""
        at = self.not_before(start, tz)
        if not self.pace:
            return at
        left = (people - 1) * self.interval
        while self.has_quiet_hours and left > timedelta(0):
            # From here to the evening, and on in the morning after it.
            step = min(left, self._until_quiet(at, tz))
            at, left = self.not_before(at + step, tz), left - step
        return at + left

    def _until_quiet(self, at: datetime, tz: str) -> timedelta:
        step = timedelta(minutes=15)
        until = at
        while self.not_before(until, tz) == until and until - at < timedelta(days=1):
            until += step
        return until - at
