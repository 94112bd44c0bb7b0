"""A tired admin and a wave: released twice by two tabs, undone, recalled, stopped, and nobody hears a thing too much.

The service runs as `make run` starts it, and every mail is read at a real mail server.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import visiting
from tests.browser.visiting import Person
from tests.parts import service
from tests.parts.service import Service
from tests.parts.smtp import Catcher

GRACE, PASSWORD = "grace@college.edu", "a long and quiet sentence"
PEOPLE = [f"person{n}@college.edu" for n in range(1, 9)]


@pytest.fixture
def campus(tmp_path: Path, smtp: Catcher) -> Iterator[Service]:
    """Eight people in line at college.edu, and Grace, who may release them."""
    instance = tmp_path / "instance"
    instance.mkdir()
    people = tmp_path / "people.csv"
    people.write_text("email\n" + "\n".join(PEOPLE) + "\n")
    owner = {"WAITLIST_ADMIN_EMAIL": GRACE, "WAITLIST_ADMIN_PASSWORD": PASSWORD}
    with service.running(instance, smtp, owner) as running:
        running.flask("launch", "create", "campus", "--name", "Campus", "--domain", "college.edu", "--json")
        running.flask("people", "import", "campus", str(people), "--json")
        yield running


def test_a_wave_released_twice_undone_recalled_and_stopped(chromium: Browser, campus: Service) -> None:
    with visiting.person(chromium, campus.home) as grace:
        sign_in(grace)
        two_tabs(grace, campus)
        undo(grace, campus)
        recall(grace, campus)
        stop(grace, campus)
    assert [subject for _, subject in mails(campus)] == ["Your invite to Campus is ready"] * 3
    assert campus.flask("recount", "campus", "--json") == {"slug": "campus", "differences": 0, "seats": 0}


def sign_in(grace: Person) -> None:
    page = grace.visit("/admin")
    page.get_by_label("E-mail address").fill(GRACE)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    grace.press("Sign in")


def two_tabs(grace: Person, campus: Service) -> None:
    """The same check is open twice, and both buttons are pressed: three people are invited once."""
    page = check(grace, 3)
    other = page.context.new_page()
    other.goto(page.url)
    for tab in (page, other):
        fill_release(tab, 3, minutes=0)
    with other.expect_navigation():
        other.get_by_role("button", name="Release 3 invites").click()
    grace.press("Release 3 invites")
    other.close()
    campus.mail(PEOPLE[2], "is ready")
    assert sorted(to for to, _ in mails(campus)) == PEOPLE[:3]
    assert states(campus) == {"invited": 3, "waiting": 5}


def undo(grace: Person, campus: Service) -> None:
    """The next two are planned, and five minutes are enough to think better of it."""
    page = check(grace, 2)
    fill_release(page, 2, minutes=5)
    expect(grace.press("Release 2 invites").get_by_test_id("wave-sentence")).to_contain_text("Nothing has been sent.")
    expect(grace.press("Undo").get_by_text("Undone. It is a draft again")).to_be_visible()
    assert states(campus) == {"invited": 3, "waiting": 5}


def recall(grace: Person, campus: Service) -> None:
    """The first three have their place back, and their links are dead."""
    link = campus.link(campus.mail(PEOPLE[0], "is ready"), "/i/")
    page = grace.visit("/admin/w/campus/waves")
    page.get_by_role("link", name="Wave 1", exact=True).click()
    grace.check().locator("#recall summary").click()
    grace.page.get_by_label("Reason").last.fill("The product is not ready.")
    expect(grace.press("Recall 3 unused invites").get_by_text("Recalled: unused invites are over")).to_be_visible()
    assert states(campus) == {"waiting": 8}
    answer = grace.page.request.get(link)
    assert answer.status == 410
    assert "This invite is no longer available" in answer.text()


def stop(grace: Person, campus: Service) -> None:
    """A wave for tomorrow is stopped today."""
    page = check(grace, 2)
    page.get_by_label("At a date and time").check()
    page.locator("#starts_at").fill(f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}")
    fill_number(page, 2)
    page = grace.press("Release 2 invites")
    page.locator("#stop summary").click()
    page.get_by_label("Reason").first.fill("Not tomorrow.")
    expect(grace.press("Stop the wave").get_by_text("Stopped. Who was not invited yet")).to_be_visible()
    assert states(campus) == {"waiting": 8}


def check(grace: Person, n: int) -> Page:
    """The dry run of a wave for the first n."""
    page = grace.visit("/admin/w/campus/waves/new")
    page.get_by_label("The first in line", exact=True).check()
    page.get_by_label("How many of the first in line").fill(str(n))
    page = grace.press("Check")
    expect(page.get_by_test_id("will-invite")).to_have_text(str(n))
    return page


def fill_release(page: Page, n: int, *, minutes: int) -> None:
    page.get_by_label("Minutes in which it can be undone").fill(str(minutes))
    fill_number(page, n)


def fill_number(page: Page, n: int) -> None:
    """Asked for where a wave is more than a quarter of the line."""
    box = page.get_by_label(f"Type the number of people: {n}")
    if box.count():
        box.fill(str(n))


def mails(campus: Service) -> list[tuple[str, str]]:
    assert campus.mails is not None
    return [(mail.recipients[0], mail.subject) for mail in campus.mails.caught]


def states(campus: Service) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in campus.flask("people", "list", "campus", "--json"):
        found[row["state"]] = found.get(row["state"], 0) + 1
    return found
