"""An admin releases 200 of 1,000 with VIPs through the wizard: released once, undone, paused, recalled.

The service runs as `make run` starts it, and every mail is read at a real mail server.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import visiting
from tests.browser.visiting import Person
from tests.parts import service
from tests.parts.service import Service
from tests.parts.smtp import Catcher
from waitlist.web.admin.outbox import hidden

GRACE, PASSWORD = "grace@college.edu", "a long and quiet sentence"
PEOPLE = [f"person{n}@college.edu" for n in range(1, 1_001)]
VIPS = [PEOPLE[899], "stranger@college.edu"]
WRITTEN = ("entry", "wave", "wave_member", "invite", "admission", "message", "event")
CLOCK = re.compile(r"\d\d:\d\d")  # a minute may pass between looking and sending


@pytest.fixture
def campus(tmp_path: Path, smtp: Catcher) -> Iterator[Service]:
    """A thousand people in line at college.edu, and Grace, who may release them."""
    instance = tmp_path / "instance"
    instance.mkdir()
    people = tmp_path / "people.csv"
    people.write_text("email\n" + "\n".join(PEOPLE) + "\n")
    owner = {"WAITLIST_ADMIN_EMAIL": GRACE, "WAITLIST_ADMIN_PASSWORD": PASSWORD}
    with service.running(instance, smtp, owner) as running:
        running.flask("launch", "create", "campus", "--name", "Campus", "--domain", "college.edu", "--json")
        running.flask("people", "import", "campus", str(people), "--json")
        yield running


def test_an_admin_releases_200_of_1000_with_vips_through_the_wizard(chromium: Browser, campus: Service) -> None:
    with visiting.person(chromium, campus.home) as grace:
        sign_in(grace)
        vips_in_two_tabs(grace, campus)
        shown = the_first_200(grace, campus)
        undo(grace, campus)
        send(grace, campus, shown)
        pause_and_stop(grace, campus)
        recall(grace, campus)
    invited = invites(campus)
    assert len(invited) == len(set(invited)) == 2 + 200 + 1
    assert campus.flask("recount", "campus", "--json") == {"slug": "campus", "differences": 0, "seats": 0}


def sign_in(grace: Person) -> None:
    page = grace.visit("/admin")
    page.get_by_label("E-mail address").fill(GRACE)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    grace.press("Sign in")


def vips_in_two_tabs(grace: Person, campus: Service) -> None:
    """Two people who are dear to the team, one of them not in line; both open confirmations are pressed, twice each."""
    page = grace.visit("/admin/w/campus/waves/new")
    page.get_by_label("A list of e-mail addresses", exact=True).check()
    page.get_by_text("The list", exact=True).click()
    page.locator("#list").fill(", ".join(VIPS))
    expect(page.get_by_test_id("count")).to_have_text("2 people")  # by itself, and nothing is kept yet
    to_confirm(grace, minutes=0)
    other = page.context.new_page()
    other.goto(page.url)
    with other.expect_navigation():
        other.get_by_role("button", name="Release 2 invites").dblclick()
    with page.expect_navigation():
        page.get_by_role("button", name="Release 2 invites").dblclick()
    other.close()
    for vip in VIPS:
        campus.mail(vip, "is ready")


def the_first_200(grace: Person, campus: Service) -> str:
    """The dry run writes nothing; the mail of the first person is shown, and Grace gets it as a test."""
    page = grace.visit("/admin/w/campus/waves/new")
    page.get_by_label("How many of the first in line").fill("200")
    grace.press("Continue")
    grace.press("Continue")
    before = written(campus)
    page.reload()
    page = grace.check()
    expect(page.locator("[aria-current=step]")).to_have_text("Check")
    expect(page.get_by_test_id("will-invite")).to_have_text("200")
    expect(page.get_by_test_id("mail-to")).to_have_text(f"Person 1 of 200: {PEOPLE[0]}")
    expect(page.frame_locator("iframe.letter").get_by_role("link", name="Accept your invite")).to_be_visible()
    shown = page.get_by_test_id("mail-text").text_content() or ""
    page.get_by_role("link", name="Next", exact=True).click()
    expect(page.get_by_test_id("mail-to")).to_have_text(f"Person 2 of 200: {PEOPLE[1]}")
    assert written(campus) == before
    grace.press("Send me a test")
    test = campus.mail(GRACE, "[TEST] Your invite to Campus is ready")
    answer = page.request.get(campus.link(test, "/i/"))
    assert answer.status == 404
    page.get_by_role("link", name="Continue").click()
    page.get_by_label("Minutes in which it can be undone").fill("5")
    expect(grace.press("Continue").get_by_test_id("will-invite")).to_have_text("200 people")
    grace.press("Release 200 invites")
    return shown


def undo(grace: Person, campus: Service) -> None:
    """Five minutes are enough to think better of it."""
    expect(grace.page.get_by_test_id("wave-sentence")).to_contain_text("Nothing has been sent.")
    expect(grace.press("Undo").get_by_text("Undone. It is a draft again")).to_be_visible()
    assert len(invites(campus)) == 2, "nobody but the VIPs has a mail so far"


def send(grace: Person, campus: Service, shown: str) -> None:
    """Released after all: what the first person reads is what was shown, but for the secrets in it."""
    page = grace.page
    if page.locator("[aria-current=step]").text_content() != "Confirm":
        page.get_by_role("link", name="Confirm", exact=True).click()
    grace.press("Release 200 invites")
    grace.press("Send now")
    sent = campus.mail(PEOPLE[0], "is ready")
    campus.mail(PEOPLE[199], "is ready")
    assert CLOCK.sub("", shown) == CLOCK.sub("", hidden(sent.text.replace("\r\n", "\n")))


def pause_and_stop(grace: Person, campus: Service) -> None:
    """One person a minute: paused after the first, and then stopped for good."""
    page = grace.visit("/admin/w/campus/waves/new")
    page.get_by_label("How many of the first in line").fill("10")
    to_confirm(grace, minutes=0, pace=60)
    grace.press("Release 10 invites")
    campus.mail(PEOPLE[200], "is ready")
    page = grace.visit(wave_path(page))
    expect(grace.press("Pause").get_by_text("Paused. What was sent stays valid")).to_be_visible()
    page.locator("#stop summary").click()
    page.get_by_label("Reason").first.fill("Not tomorrow.")
    page = grace.press("Stop the wave")
    expect(page.get_by_text("Stopped. Who was not invited yet")).to_be_visible()
    expect(page.get_by_test_id("sent")).to_have_text("1")
    take_back(grace, 1)


def recall(grace: Person, campus: Service) -> None:
    """The 200 have their place back, and their links are dead."""
    link = campus.link(campus.mail(PEOPLE[0], "is ready"), "/i/")
    for name, n in (("Wave 2", 200), ("Wave 1", 2)):
        grace.visit("/admin/w/campus/waves").get_by_role("link", name=name, exact=True).click()
        take_back(grace, n)
    answer = grace.page.request.get(link)
    assert answer.status == 410
    assert "This invite is no longer available" in answer.text()


def take_back(grace: Person, n: int) -> None:
    page = grace.page
    page.locator("#recall summary").click()
    page.get_by_label("Reason").last.fill("The product is not ready.")
    page = grace.press(f"Recall unused invites ({n})")
    expect(page.get_by_text("Recalled: unused invites are over")).to_be_visible()


def to_confirm(grace: Person, *, minutes: int, pace: int | None = None) -> Page:
    """From the first step on, with what the steps offer, to the confirmation."""
    grace.press("Continue")
    page = grace.press("Continue")
    page.get_by_role("link", name="Continue").click()
    page.get_by_label("Minutes in which it can be undone").fill(str(minutes))
    if pace is not None:
        page.get_by_label("So many people per hour").check()
        page.get_by_label("How many people per hour or day").fill(str(pace))
    return grace.press("Continue")


def wave_path(page: Page) -> str:
    found = re.search(r"/admin/w/campus/waves/wav_\w+", page.url)
    assert found is not None, page.url
    return found[0]


def invites(campus: Service) -> list[str]:
    """Whose mailboxes an invite reached; the test and the team's own mails are none."""
    return [to for to, subject in mails(campus) if subject == "Your invite to Campus is ready"]


def mails(campus: Service) -> list[tuple[str, str]]:
    assert campus.mails is not None
    return [(mail.recipients[0], mail.subject) for mail in campus.mails.caught]


def written(campus: Service) -> dict[str, int]:
    """How many rows there are of everything that a wave writes."""
    file = Path(campus.environ["WAITLIST_INSTANCE"]) / "waitlist.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        return {noun: database.execute(f"SELECT count(*) FROM {noun}").fetchone()[0] for noun in WRITTEN}
