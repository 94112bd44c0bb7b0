"""Grace splits new members among arms, and reads who is in which."""

from __future__ import annotations

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
