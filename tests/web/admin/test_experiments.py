"""Grace splits new members among arms, and reads who is in which."""

from __future__ import annotations

from tests.cli.conftest import Hand
from tests.web.admin.conftest import Desk
from tests.world import ALICE, World

PAGE = "/admin/w/campus/experiments"


def test_grace_splits_new_people_and_sees_them(grace: Desk, world: World) -> None:
    campus = world.launch()
    assert "No arms yet" in grace.get(PAGE)
    saved = grace.press(PAGE, "/arms", arms="new 62.5\nother 37.5", follow=True).text
    assert "who has an arm keeps it" in saved
    world.member(campus, ALICE)
    page = grace.get(PAGE)
    assert "62.5 %" in page
    assert "new 62.5\nother 37.5" in page
    assert {admission.arm for admission in [world.admission(ALICE)] if admission} <= {"new", "other"}


def test_arms_that_cannot_be_are_refused_with_the_way_out(grace: Desk, world: World) -> None:
    world.launch()
    page = grace.press(PAGE, "/arms", status=422, arms="new 60\nother 60").text
    assert "more than 100 %" in page
    assert "new 60" in page, "what was typed is kept"
    assert "has one of them only" in grace.press(PAGE, "/arms", status=422, arms="new").text
    assert world.events("splitting.changed") == []


def test_grace_asks_the_arms_and_ships_one(grace: Desk, world: World) -> None:
    world.launch()
    assert (
        "There are no arms to compare" in grace.press(PAGE, PAGE, status=422, key="a", outcome="b", min_people="9").text
    )
    grace.press(PAGE, "/arms", arms="new 50")
    refused = grace.press(PAGE, PAGE, status=422, key="", outcome="b").text
    assert "Enter a key" in refused
    assert "Say when it ends" in grace.press(PAGE, PAGE, status=422, key="a", outcome="b").text
    started = grace.press(PAGE, PAGE, key="new-start", outcome="first-invoice", min_people="800", follow=True).text
    assert "Too early: 0 of 800 people." in started
    assert "One runs already" in grace.press(PAGE, PAGE, status=422, key="b", outcome="b", min_people="9").text
    stopped = grace.press(PAGE, "/stop", ship="new", follow=True).text
    assert "Everybody new has been getting new since." in stopped
    assert grace.client.post(f"{PAGE}/new-start/stop").status_code == 422


def test_experiments_from_the_command_line(world: World) -> None:
    world.split(world.launch(), ("new", 500_000))
    hand = Hand(world.app)
    assert "--people" in hand.is_refused("experiment", "start", "campus", "a", "--outcome", "b")
    made = hand.gets_one("experiment", "start", "campus", "a", "--outcome", "b", "--people", "9")
    assert (made["key"], made["people"]) == ("a", 9)
    assert hand.gets("experiment", "show", "campus") == []
    assert "arms show" in hand.is_refused("experiment", "stop", "campus", "a", "--ship", "old")
    assert hand.gets_one("experiment", "stop", "campus", "a")["shipped"] == ""
    assert "No experiment a" in hand.is_refused("experiment", "stop", "campus", "a")
