"""Moments: what a clock on somebody's wall means, whatever daylight saving does to it that day."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
STEP = timedelta(minutes=1)


def local_moment(wall: datetime, tz: str) -> datetime:
    """The moment, in UTC, at which clocks of this time zone show `wall` (without a zone of its own).

    A time that is skipped in spring is the first moment after the gap; one that comes twice in autumn is the first.
    """
    zone = ZoneInfo(tz)
    moment = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == wall:
        return moment
    # Read by the clock of after the gap, the time lies before it; from there to the first minute that is in summer.
    first = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    before = first.astimezone(zone).utcoffset()
    while first.astimezone(zone).utcoffset() == before:
        first += STEP
    return first.replace(second=0, microsecond=0)


def after_quiet(at: datetime, start: str, end: str, tz: str) -> datetime:
    """`at`, or when the quiet hours from `start` to `end` ("22:00", "07:00", on walls of `tz`) are over."""
    local = at.astimezone(ZoneInfo(tz)).replace(tzinfo=None)
    begins, ends = time.fromisoformat(start), time.fromisoformat(end)
    now = local.time()
    over_night = begins > ends
    quiet = (now >= begins or now < ends) if over_night else begins <= now < ends
    if not quiet:
        return at
    day = local.date() + DAY if over_night and now >= begins else local.date()
    return max(at, local_moment(datetime.combine(day, ends), tz))
