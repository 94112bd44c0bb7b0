"""One launch for one campus from the first visit to the first invite a member gives, by people at real browsers.

The service runs as `make run` starts it, and every mail is read at a real mail server.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import visiting
from tests.parts import service
from tests.parts.service import Service
from tests.parts.smtp import Catcher

CAROL, ERIN, FRANK = "carol@college.edu", "erin@college.edu", "frank@college.edu"
BARE_PHONE = {**visiting.PHONE, "locale": "en-GB"}  # 320 px and no JavaScript


@pytest.fixture
def campus(tmp_path: Path, smtp: Catcher) -> Iterator[Service]:
    instance = tmp_path / "instance"
    instance.mkdir()
    with service.running(instance, smtp) as running:
        yield running


@pytest.mark.parametrize("browser", [visiting.DESK, BARE_PHONE], ids=["desk", "phone-without-javascript"])
def test_a_campus_launch_from_the_first_visit_to_the_first_invite_of_a_member(
    chromium: Browser, campus: Service, browser: dict[str, Any]
) -> None:
    with visiting.person(chromium, campus.home, browser) as grace:
        set_up(grace, campus)
        with visiting.person(chromium, campus.home, browser) as first:
            confirm(join(first, campus, ERIN), campus, ERIN)
        with visiting.person(chromium, campus.home, browser) as carol:
            page = confirm(join(carol, campus, CAROL), campus, CAROL)
            expect_place(page, 2, of=2)
            link = page.get_by_role("textbox", name="Your link").input_value()
            with visiting.person(chromium, campus.home, browser) as frank:
                confirm(join(frank, campus, FRANK, by=link), campus, FRANK)
            carol.page.reload()
            expect_place(carol.check(), 1, of=3)  # Frank's confirmation brought Carol in front of Erin
            assert campus.link(campus.mail(CAROL, "joined"), "/s/")
            release(grace, 1)
            accept(carol, campus)
            invite(carol, campus, "heidi@college.edu")
        with visiting.person(chromium, campus.home, browser) as heidi:
            heidi.page.goto(campus.link(campus.mail("heidi@college.edu", "invited you"), "/i/"))
            heidi.check()
            expect(heidi.press("Accept invite").get_by_role("heading", level=1)).to_have_text("You are in")
    assert {row["email"]: row["state"] for row in campus.flask("people", "list", "campus", "--json")} == {
        ERIN: "waiting",
        FRANK: "waiting",
        CAROL: "joined",
        "heidi@college.edu": "joined",
    }


def set_up(grace: visiting.Person, campus: Service) -> None:
    """Grace opens the printed link, names herself and the campus, and is signed in."""
    printed = re.search(r"http://\S+/setup\S*", campus.said)
    assert printed, campus.said
    grace.page.goto(printed[0])
    page = grace.check()
    page.get_by_label("Your name").fill("Grace")
    page.get_by_label("E-mail address").fill("grace@college.edu")
    page.get_by_label("Password", exact=True).fill("a long and quiet sentence")
    page.get_by_label("Name of the waitlist").fill("Campus")
    page.get_by_label("One campus or company").check()
    page.get_by_label("Domain", exact=True).fill("college.edu")
    page.get_by_label("Contact e-mail").fill("help@college.edu")
    page.get_by_label("Time zone").select_option("Europe/Berlin")
    grace.press("Set up and sign in")
    assert "/admin" in page.url


def join(person: visiting.Person, campus: Service, email: str, *, by: str = "/w/campus") -> visiting.Person:
    """The form, and the page that says where to look."""
    person.page.goto(by if by.startswith("http") else campus.home + by)
    page = person.check("open")
    page.get_by_label("E-mail address").fill(email)
    expect(person.press("Join the waitlist").get_by_role("heading", level=1)).to_have_text("Check your inbox")
    return person


def confirm(person: visiting.Person, campus: Service, email: str) -> Page:
    """The mail, its link, the button, the place."""
    person.page.goto(campus.link(campus.mail(email, "Confirm"), "/c/"))
    page = person.check()
    page = person.press("Confirm my place", "waiting")
    expect(page.get_by_text("Your place is confirmed.")).to_be_visible()
    return page


def expect_place(page: Page, place: int, *, of: int) -> None:
    expect(page.get_by_text(f"Place {place} of {of} people waiting")).to_have_count(1)


def release(grace: visiting.Person, n: int) -> None:
    """The first n in line, checked, confirmed, and sent without waiting."""
    grace.page.goto(grace.home + "/admin/w/campus/waves/new")
    page = grace.check()
    page.get_by_label("The first in line", exact=True).check()
    page.get_by_label("How many of the first in line").fill(str(n))
    grace.press("Continue")
    page = grace.press("Continue")
    expect(page.get_by_test_id("will-invite")).to_have_text(str(n))
    page.get_by_role("link", name="Continue", exact=True).click()
    page.get_by_label("Minutes in which it can be undone").fill("0")
    page = grace.press("Continue")
    page.get_by_label(f"Type the number of people: {n}").fill(str(n))  # it is a third of the line
    expect(grace.press(f"Release {n} invite").get_by_test_id("tag").first).to_have_attribute("data-state", "holding")


def accept(carol: visiting.Person, campus: Service) -> None:
    carol.page.goto(campus.link(campus.mail(CAROL, "is ready"), "/i/"))
    carol.check()
    expect(carol.press("Accept invite").get_by_role("heading", level=1)).to_have_text("You are in")


def invite(carol: visiting.Person, campus: Service, email: str) -> None:
    """Carol signs in with the mailed code and sends her first invite."""
    carol.page.goto(campus.home + "/w/campus/me")
    page = carol.check()
    page.get_by_label("E-mail address").fill(CAROL)
    carol.press("E-mail me a sign-in link")
    carol.page.goto(campus.link(campus.mail(CAROL, "sign-in code"), "/w/campus/me/sign-in/"))
    page = carol.check()
    carol.press("Sign in")
    carol.page.goto(campus.home + "/w/campus/me/invites/new")
    page = carol.check()
    page.get_by_label("E-mail addresses").fill(email)
    carol.press("Continue")
    carol.press("Send 1 invite")
