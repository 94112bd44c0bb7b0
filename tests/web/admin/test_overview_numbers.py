"""The overview shows what happened, and what to do first where nothing has."""

from __future__ import annotations

from tests.web.admin.conftest import Appoint, Desk
from tests.world import World
from waitlist.models.access import Role

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
    assert "/people?domain" not in page
