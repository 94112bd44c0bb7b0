"""Grace holds all of a filter by keyboard alone and takes it back; Ann, an analyst, is refused what is not hers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser import visiting
from tests.parts.serving import served
from tests.web.admin.conftest import GRACE, PASSWORD, make_admin
from tests.world import World
from waitlist.models.access import Role

PEOPLE = "/admin/w/campus/people"
ANN = "ann@team.example"


@pytest.fixture
def home(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def sign_in(person: visiting.Person, email: str) -> Page:
    page = person.visit("/admin/sign-in", state="sign_in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin")
    return page


def tab_to(page: Page, name: str) -> None:
    """Go on with the Tab key until the focus stands on what is called so."""
    for _ in range(120):
        page.keyboard.press("Tab")
        words = page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()")
        if words == name:
            return
    raise AssertionError(f"no {name} on the way of the Tab key")


def test_everybody_of_a_filter_is_held_and_released_by_keyboard_alone(
    chromium: Browser, home: str, world: World
) -> None:
    make_admin(world)
    campus = world.launch()
    world.crowd(campus, 3)
    world.crowd(campus, 2, prefix="other")
    with visiting.person(chromium, home, visiting.DESK) as grace:
        page = sign_in(grace, GRACE)
        grace.visit("/admin/w/campus")
        page.keyboard.press("g")
        page.keyboard.press("p")
        page.wait_for_url(f"**{PEOPLE}")
        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("Escape")
        page.keyboard.press("/")
        expect(page.locator("#q")).to_be_focused()
        page.keyboard.type("person*")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("total")).to_contain_text("address begins with “person”: 3 people")
        bar = page.get_by_role("region", name="Selected people")
        expect(bar).to_contain_text("Nobody is selected")
        tab_to(page, "Select all 3 that match")
        page.keyboard.press("Enter")
        expect(bar).to_contain_text("All 3 who match are selected")
        expect(page.locator("#live")).to_have_text("All 3 who match are selected")
        tab_to(page, "Action")
        page.keyboard.type("Hold")
        tab_to(page, "Continue")
        page.keyboard.press("Enter")
        page.wait_for_url("**/sweeps/swp_*")
        expect(page.get_by_role("heading", level=1)).to_have_text("Hold 3 people")
        grace.check()
        tab_to(page, "Reason")
        page.keyboard.type("a ring of friends")
        page.keyboard.press("Enter")
        page.wait_for_url("**?done=swept")
        expect(page.get_by_text("Done for 3 people.")).to_be_visible()
        grace.check()
        assert [world.place(f"person{n}@college.edu") for n in (1, 2, 3)] == [None] * 3
        tab_to(page, "Undo")
        page.keyboard.press("Enter")
        page.wait_for_url("**?done=unswept")
        expect(page.get_by_text("Undone for 3 people.")).to_be_visible()
        grace.check()
    assert [world.place(f"person{n}@college.edu") for n in (1, 2, 3)] == [1, 2, 3]


def test_what_a_person_sees_can_be_looked_at_and_not_pressed(chromium: Browser, home: str, world: World) -> None:
    make_admin(world)
    carol = world.waiting(world.launch())
    with visiting.person(chromium, home, visiting.PHONE, locale="en-GB") as grace:
        page = sign_in(grace, GRACE)
        grace.visit(f"{PEOPLE}/{carol.public_id}")
        page.locator("form[action$='/looking'] button").click()
        grace.check()
        expect(page.get_by_test_id("looking")).to_contain_text("You are looking as carol@college.edu.")
        assert page.locator("fieldset.still a[href]").count() == 0
        assert page.locator("fieldset.still button:not(:disabled)").count() == 0


def test_an_analyst_is_refused_what_is_not_theirs(chromium: Browser, home: str, world: World) -> None:
    make_admin(world)
    campus = world.launch()
    carol = world.waiting(campus)
    make_admin(world, ANN, Role.ANALYST)
    with visiting.person(chromium, home, visiting.DESK) as ann:
        page = sign_in(ann, ANN)
        ann.visit(PEOPLE)
        assert page.locator("#deed option").all_inner_texts() == ["Select an action", "Export as CSV"]
        page.evaluate("document.querySelector('#deed').append(new Option('Hold', 'hold'))")
        page.locator("input[name=entry]").first.check()
        page.locator("#deed").select_option("hold")
        with page.expect_response("**/people/selection") as answered:
            page.get_by_role("button", name="Continue").click()
        assert answered.value.status == 403
        ann.check()
        ann.visit(f"{PEOPLE}/{carol.public_id}")
        assert page.locator("#actions").count() == 0
        for deed in ("place", "vip", "address", "hold", "remove", "note", "tags", "bounce", "looking"):
            answer = page.request.post(f"{home}{PEOPLE}/{carol.public_id}/{deed}")
            assert answer.status == 403, deed
    assert world.place("carol@college.edu") == 1
