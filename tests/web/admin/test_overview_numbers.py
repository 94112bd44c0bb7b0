"""The overview shows what happened, and what to do first where nothing has."""

from __future__ import annotations

import re

import sqlalchemy as sa

from tests.web.admin.conftest import Appoint, Desk
from tests.world import World
from waitlist.gates.answers import Trust
from waitlist.models.access import Role
from waitlist.models.entry import StoredFact
from waitlist.models.wave import Wave

OVERVIEW = "/admin/w/campus"


def test_an_empty_waitlist_says_how_its_first_person_gets_in(world: World, grace: Desk) -> None:
    world.launch()
    page = grace.get(OVERVIEW)
    assert "Get your first person in" in page
    assert 'href="/admin/doctor"' in page
    assert 'data-refresh data-every="5"' in page
    assert f'href="{OVERVIEW}">Refresh</a>' in page, "and without a script"
    assert page.count(">To do<") == 3
    assert page.count(">Done<") == 1, "the domain rule"


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


def address(text: str, words: str) -> str:
    """Where a link with these words leads."""
    found = re.search(rf'href="([^"]*)">{words}<', text)
    assert found, words
    return found[1].replace("&amp;", "&")


def test_a_domain_narrows_the_page_and_leads_to_its_people(world: World, grace: Desk) -> None:
    campus = world.launch(domain=None)
    for email in ("ada@college.edu", "ben@state.edu"):
        world.waiting(campus, email)
    narrowed = address(grace.get(f"{OVERVIEW}?days=7&show=confirmed"), "state.edu")
    page = grace.get(narrowed)
    assert "Confirmed: 1 in this period" in page
    assert page.count('data-testid="days-row"') == 7
    assert "Visits (about):" not in page, "a visit has no domain"
    people = grace.get(address(page, "See the people of state.edu"))
    assert "ben@state.edu" in people
    assert "ada@college.edu" not in people
    assert "Confirmed: 2 in this period" in grace.get(address(page, "Remove"))
    assert "Confirmed: 0 in this period" in grace.get(f"{OVERVIEW}?show=confirmed&domain=x.edu&country=DE")


def test_sources_and_countries_narrow_every_number(world: World, grace: Desk) -> None:
    campus = world.launch(domain=None)
    ada = world.waiting(campus, "ada@college.edu")
    world.waiting(campus, "ben@state.edu", by=ada, first_touch={"source": {"source": "news"}})
    world.redeem(campus, world.invited(campus, "ben@state.edu"), "ben@state.edu")
    fact = {"name": "country", "value": "DE", "trust": int(Trust.AUTHORITATIVE), "source": "import"}
    with world.writing() as tx:
        row = fact | {"entry_id": world.entry("ben@state.edu").id, "observed_at": world.now}
        tx.execute(sa.insert(StoredFact).values(row))
    page = grace.get(OVERVIEW)
    assert "ada@college.edu" in page, "who brought most"
    assert "country=DE" in address(page, "Germany")
    for narrowed in (f"{OVERVIEW}?country=DE", f"{OVERVIEW}?source=news"):
        told = {key: grace.get(f"{narrowed}&show={key}") for key in ("joined", "invited", "accepted", "friends")}
        for key, label in (("joined", "Asked to join"), ("invited", "Invited"), ("accepted", "Accepted")):
            assert f"{label}: 1 in this period" in told[key]
        assert "K = 1" in told["joined"]
    assert "Asked to join: 0 in this period" in grace.get(f"{OVERVIEW}?source=other")


def test_a_viewer_reads_no_name_among_who_brought_most(world: World, appoint: Appoint) -> None:
    campus = world.launch()
    carol = world.waiting(campus, "carol@college.edu")
    world.waiting(campus, "erin@college.edu", by=carol)
    assert "carol@" not in appoint("vera@team.example", Role.VIEWER, campus).get(OVERVIEW)


def test_a_wave_that_comes_by_itself_needs_nobody(world: World, grace: Desk) -> None:
    campus = world.cast()
    with world.writing() as tx:
        row = {"launch_id": campus.id, "state": "scheduled", "due_at": world.later(days=1)}
        tx.execute(sa.update(Wave).where(Wave.launch_id == campus.id).values(row))
    page = grace.get(OVERVIEW)
    assert "Next wave:" in page
    assert "Needs you" not in page
