"""A date is shown only where a scheduled wave covers the place."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from tests.parts import both
from tests.world import TEAM, World
from waitlist.models.launch import Launch
from waitlist.queries.planned import Planned, wave_for
from waitlist.services import releasing
from waitlist.services.gathering import Audience

pytestmark = both


def planned(world: World, campus: Launch, n: int) -> Planned | None:
    with world.reading() as rx:
        return wave_for(rx, world.launch_of(), world.entry(f"person{n}@college.edu", campus).id, world.now)


def test_people_read_of_their_wave_and_of_no_guess(world: World) -> None:
    campus = world.launch(show_plan=True)
    world.crowd(campus, 6)
    assert planned(world, campus, 1) is None
    soon, later = world.now + timedelta(days=2), world.now + timedelta(days=5)
    world.plan_wave(campus, 2, starts_at=soon)
    with world.writing() as tx:
        terms = releasing.Terms(None, timedelta(0), starts_at=later, fixed=False)
        offer = releasing.Offer(days=7, allowance=3, lapse_policy="keep")
        releasing.confirm(tx, campus, Audience("first", n=4), offer, terms, actor=TEAM, now=world.now)
    assert planned(world, campus, 2) == Planned("Wave 1", 2, soon)
    assert planned(world, campus, 3) == Planned("Wave 2", 4, later)
    assert planned(world, campus, 5) is None
    with world.writing() as tx:
        tx.execute(sa.update(Launch).values(show_plan=False))
    assert planned(world, campus, 2) is None
