"""The overview's numbers say what happened, day by day in the launch's own time zone, on both engines."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import sqlalchemy as sa

from tests.world import BOB, CAROL, World
from waitlist.models.entry import Entry
from waitlist.models.upkeep import Observation
from waitlist.queries import trends
from waitlist.web.line_picture import draw_lines

pytestmark = pytest.mark.parametrize("engine", ["sqlite", "postgres"])


def moved(world: World, email: str, moment: datetime) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == email).values(created_at=moment, confirmed_at=moment))


def test_a_period_counts_what_happened_in_it(world: World) -> None:
    campus = world.cast(world.launch())
    carol = world.entry(CAROL)
    world.waiting(campus, "erin@college.edu", by=carol)
    world.join(campus, "soon@college.edu")
    with world.reading() as rx:
        told = trends.trends(rx, campus, world.now, days=7)
    totals = {name: series.total for name, series in told.series.items()}
    assert totals == {"joined": 5, "confirmed": 4, "invited": 2, "accepted": 1, "friends": 1}
    assert told.k == 1 / 4
    assert [(bar.name, bar.joined) for bar in told.domains] == [("college.edu", 5)]


def test_a_day_is_a_day_where_the_launch_is(world: World) -> None:
    campus = world.launch(tz="Asia/Kolkata")
    world.waiting(campus, BOB)
    world.waiting(campus, CAROL)
    moved(world, BOB, datetime(2026, 3, 4, 18, 35, tzinfo=UTC))  # 00:05 on the fifth
    moved(world, CAROL, datetime(2026, 3, 4, 18, 25, tzinfo=UTC))  # 23:55 on the fourth
    with world.reading() as rx:
        told = trends.trends(rx, campus, datetime(2026, 3, 10, 12, tzinfo=UTC), days=7)
    joined = {day.day: day.n for day in told.series["joined"].days if day.n}
    assert joined == {date(2026, 3, 4): 1, date(2026, 3, 5): 1}


def test_a_period_is_compared_with_the_one_before(world: World) -> None:
    campus = world.launch()
    for i, day in enumerate((1, 2, 8, 9, 10)):
        world.waiting(campus, f"p{i}@college.edu")
        moved(world, f"p{i}@college.edu", datetime(2026, 3, day, 12, tzinfo=UTC))
    with world.reading() as rx:
        series = trends.trends(rx, campus, datetime(2026, 3, 14, 12, tzinfo=UTC), days=7).series
    joined = series["joined"]
    assert (joined.total, joined.before, joined.change) == (3, 2, 50)
    assert joined.best.day == date(2026, 3, 8)
    assert series["accepted"].change is None
    lines = draw_lines(joined)
    assert lines.top == 1
    assert lines.now.split()[0] == "0,4"
    assert lines.now.split()[-1] == "720,176"


def test_sources_hold_visits_beside_who_joined_by_them(world: World) -> None:
    campus = world.launch()
    touch = {"slug": "", "source": {"source": "newsletter"}, "at": 0}
    world.waiting(campus, CAROL, first_touch=touch)
    world.waiting(campus, BOB)
    world.waiting(campus, "erin@college.edu", first_touch=touch | {"slug": "abc"})
    with world.writing() as tx:
        for name, n in (("visit", 9), ("visit:newsletter", 5), ("visit:direct", 4)):
            row = {"launch_id": campus.id, "day": world.now.date(), "name": name, "n": n}
            tx.execute(sa.insert(Observation).values(row))
    with world.reading() as rx:
        told = trends.trends(rx, campus, world.now, days=7)
    assert told.visits == 9
    assert {(bar.name, bar.joined, bar.visits) for bar in told.sources} == {
        ("newsletter", 1, 5),
        ("direct", 1, 4),
        ("link", 1, 0),
    }


def test_what_needs_the_team_is_counted(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    with world.reading() as rx:
        assert not trends.needs(rx, campus)
    wave = world.plan_wave(campus, 1, starts_at=world.later(hours=1))
    with world.reading() as rx:
        found = trends.needs(rx, campus)
    assert found.next_wave is not None
    assert found.next_wave.public_id == wave.public_id
