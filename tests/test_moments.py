"""What a clock on the wall means when daylight saving skips an hour, or shows one twice."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from waitlist.moments import after_quiet, local_moment


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "tz", "moment"),
    [
        ("2026-03-04 17:00", "Europe/Paris", "2026-03-04 16:00"),
        ("2027-03-14 02:30", "America/New_York", "2027-03-14 07:00"),  # never shown: the first moment after the gap
        ("2027-03-14 03:00", "America/New_York", "2027-03-14 07:00"),
        ("2026-11-01 01:30", "America/New_York", "2026-11-01 05:30"),  # shown twice: the first time
        ("2026-03-04 17:00", "UTC", "2026-03-04 17:00"),
    ],
)
def test_a_time_on_the_wall_is_one_moment(wall: str, tz: str, moment: str) -> None:
    assert local_moment(datetime.fromisoformat(wall), tz) == utc(moment)


@pytest.mark.parametrize(
    ("at", "moment"),
    [
        ("2026-03-04 20:59", "2026-03-04 20:59"),  # 21:59 in Paris
        ("2026-03-04 21:00", "2026-03-05 06:00"),
        ("2026-03-05 02:00", "2026-03-05 06:00"),
        ("2026-03-05 06:00", "2026-03-05 06:00"),
        ("2026-03-28 22:00", "2026-03-29 05:00"),  # the night is an hour shorter
    ],
)
def test_a_quiet_night_ends_in_the_morning(at: str, moment: str) -> None:
    assert after_quiet(utc(at), "22:00", "07:00", "Europe/Paris") == utc(moment)


def test_a_quiet_noon_ends_the_same_day() -> None:
    assert after_quiet(utc("2026-07-01 12:30"), "12:00", "13:00", "UTC") == utc("2026-07-01 13:00")
    assert after_quiet(utc("2026-07-01 11:59"), "12:00", "13:00", "UTC") == utc("2026-07-01 11:59")
