"""The overview shows what happened, and what to do first where nothing has."""

from __future__ import annotations

import re

import sqlalchemy as sa

from tests.web.admin.conftest import Appoint, Desk
from tests.world import World
from waitlist.models.access import Role
from waitlist.models.wave import Wave

OVERVIEW = "/admin/w/campus"


def test_an_empty_waitlist_says_how_its_first_person_gets_in(world: World, grace: Desk) -> None:
    world.launch()
    page = grace.get(OVERVIEW)
    assert "Get your first person in" in page
    assert 'href="/admin/doctor"' in page


def test_a_tile_chooses_the_line_and_the_table_that_are_shown(world: World, grace: Desk) -> None:
    world.cast()
    page = grace.get(OVERVIEW)
    assert "Get your first person in" not in page
    assert "Asked to join: 3 in this period, nothing before to compare with." in page
    page = grace.get(f"{OVERVIEW}?show=accepted&days=7")
    assert "Accepted: 1 in this period" in page
    assert page.count('data-testid="days-row"') == 7
    assert 'role="img"' in page


def test_a_period_or_tile_that_does_not_exist_is_the_usual_one(world: World, grace: Desk) -> None:
    world.cast()
    page = grace.get(f"{OVERVIEW}?show=x&days=1000000")
    assert "Asked to join: 3 in this period" in page
    assert page.count('data-testid="days-row"') == 30


def test_a_viewer_sees_numbers_and_no_way_to_people(world: World, appoint: Appoint) -> None:
    campus = world.cast()
    page = appoint("vera@team.example", Role.VIEWER, campus).get(OVERVIEW)
    assert "college.edu" in page
    assert "/people?" not in page


def test_a_domain_leads_to_its_people(world: World, grace: Desk) -> None:
    campus = world.launch(domain=None)
    for email in ("ada@college.edu", "ben@state.edu"):
        world.waiting(campus, email)
    found = re.search(r'href="([^"]*)">state.edu</a>', grace.get(OVERVIEW))
    assert found
    people = grace.get(found[1])
    assert "ben@state.edu" in people
    assert "ada@college.edu" not in people


def test_a_wave_that_comes_by_itself_needs_nobody(world: World, grace: Desk) -> None:
    campus = world.cast()
    with world.writing() as tx:
        row = {"launch_id": campus.id, "state": "scheduled", "due_at": world.later(days=1)}
        tx.execute(sa.update(Wave).where(Wave.launch_id == campus.id).values(row))
    page = grace.get(OVERVIEW)
    assert "Next wave:" in page
    assert "Needs you" not in page
