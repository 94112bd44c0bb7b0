"""Reading the step "When": the start, the pace, the quiet hours, and how long it can be undone."""

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext

from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services.timing import Timing
from waitlist.web.admin.fields import Fields

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def fastest(launch: Launch) -> int:
    """How many mails an hour may leave for this launch."""
    host = runtime().settings.mails_per_hour
    return min(launch.mails_per_hour or host, host)


def read_timing(fields: Fields, launch: Launch, now: datetime) -> Timing:
    """What the form asks for; what is wrong stands in `fields.errors`."""
    later = fields.choice("when", ("now", "later"), missing=gettext("Select when it starts")) == "later"
    at = _start(fields, launch, now) if later else None
    quiet = _quiet(fields)
    pace, period = _pace(fields, launch)
    if quiet[0] and pace is None:
        pace, period = fastest(launch), "hour"  # so that no mail of it still waits when the quiet hours begin
    return Timing(
        at=at,
        fixed=not later or fields.choice("pick", ("now", "start")) != "start",
        hold=fields.number("hold", 0, 60, missing=gettext("Enter a number of minutes")),
        pace=pace,
        period=period,
        quiet_from=quiet[0],
        quiet_to=quiet[1],
    )


def typed_timing(timing: Timing, launch: Launch) -> dict[str, Any]:
    """What the form shows first."""
    local = timing.at.astimezone(ZoneInfo(launch.tz)) if timing.at is not None else None
    hold = runtime().settings.hold_seconds // 60 if timing.hold is None else timing.hold
    return {
        "when": "later" if local is not None else "now",
        "starts_at": f"{local:%Y-%m-%dT%H:%M}" if local is not None else "",
        "pick": "now" if timing.fixed else "start",
        "hold": hold,
        "speed": timing.period if timing.pace else "all",
        "pace": timing.pace or "",
        "quiet_from": timing.quiet_from,
        "quiet_to": timing.quiet_to,
    }


def _start(fields: Fields, launch: Launch, now: datetime) -> datetime | None:
    before = len(fields.errors)
    at = fields.moment("starts_at", launch.tz)
    if at is None and len(fields.errors) == before:
        fields.wrong("starts_at", gettext("Enter a date and time, like 2026-03-04 17:00"))
    elif at is not None and at <= now:
        fields.wrong("starts_at", gettext("Enter a date and time in the future"))
    return at


def _pace(fields: Fields, launch: Launch) -> tuple[int | None, str]:
    speed = fields.choice("speed", ("all", "hour", "day"), missing=gettext("Select how fast it goes"))
    if speed not in ("hour", "day"):
        return None, "hour"
    most = fastest(launch) * (24 if speed == "day" else 1)
    return fields.number("pace", 1, most, missing=gettext("Enter how many people")), speed


def _quiet(fields: Fields) -> tuple[str, str]:
    start, end = fields.text("quiet_from", most=5), fields.text("quiet_to", most=5)
    if not start and not end:
        return "", ""
    for name, typed in (("quiet_from", start), ("quiet_to", end)):
        if not _CLOCK.fullmatch(typed):
            fields.wrong(name, gettext("Enter a time of day, like 22:00"))
    if start == end:
        fields.wrong("quiet_to", gettext("Enter another time than the one they begin at"))
    return start, end
