"""When people may be invited: the window of the week, blackouts, and what daylight saving does to both."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from waitlist.windows import Hours, next_open

OFFICE = Hours.of("0123", "09:00", "16:00")  # Monday to Thursday
NEW_YORK = "America/New_York"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-25 08:59", "2026-11-25 09:00"),  # Wednesday, before the window
        ("2026-11-25 09:00", "2026-11-25 09:00"),
        ("2026-11-25 15:59", "2026-11-25 15:59"),
        ("2026-11-25 16:00", "2026-11-26 09:00"),
        ("2026-11-26 16:00", "2026-11-30 09:00"),  # Thursday evening: Monday
        ("2026-11-28 12:00", "2026-11-30 09:00"),
    ],
)
def test_a_window_opens_on_its_days_between_its_times(now: str, opens: str) -> None:
    assert next_open(at(now), OFFICE, [], "UTC") == at(opens)


def test_without_a_window_it_is_always_open() -> None:
    assert next_open(at("2026-11-28 03:00"), Hours.of("", "", ""), [], "UTC") == at("2026-11-28 03:00")
    assert next_open(at("2026-11-28 03:00"), Hours.of("0", "", ""), [], "UTC") == at("2026-11-30 00:00")


def test_a_blackout_beats_the_window_and_ends_into_the_next_one() -> None:
    quarter = [(at("2026-11-30 00:00"), at("2026-12-01 17:00")), (at("2026-12-02 09:00"), at("2026-12-02 10:30"))]
    assert next_open(at("2026-11-28 12:00"), OFFICE, quarter, "UTC") == at("2026-12-02 10:30")
    assert next_open(at("2026-11-25 12:00"), OFFICE, quarter, "UTC") == at("2026-11-25 12:00")


def test_a_wall_time_that_a_spring_night_skips_is_the_first_moment_after_it() -> None:
    night = Hours.of("", "02:30", "05:00")
    assert next_open(at("2027-03-14 05:00"), night, [], NEW_YORK) == at("2027-03-14 07:00")  # 03:00 EDT


def test_a_wall_time_that_comes_twice_counts_the_first_time() -> None:
    night = Hours.of("", "01:30", "05:00")
    assert next_open(at("2026-11-01 05:00"), night, [], NEW_YORK) == at("2026-11-01 05:30")  # 01:30 EDT, fold 0
