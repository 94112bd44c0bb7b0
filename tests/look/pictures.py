"""Takes the pictures of the README from the made-up launch of `make demo`: `make screenshots`."""

from __future__ import annotations

import tempfile
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Browser, Page

from tests.parts import browser, service
from tests.parts.apps import dispose
from tests.parts.service import Service
from waitlist import create_app, db
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.tokens import Purpose

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "pictures"
GRACE, PASSWORD = "grace@college.example", "a long and quiet sentence"
PHONE = {"viewport": {"width": 390, "height": 780}, "device_scale_factor": 1.5}
DESK = {"viewport": {"width": 1280, "height": 800}}


def take() -> None:
    """Write every picture anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    owner = {"WAITLIST_ADMIN_EMAIL": GRACE, "WAITLIST_ADMIN_PASSWORD": PASSWORD}
    with tempfile.TemporaryDirectory() as folder, service.running(Path(folder), None, owner, after="seed-demo") as demo:
        slug = demo.flask("launch", "list", "--json")["slug"]
        with browser.chromium() as chromium:
            of_people(chromium, demo, slug)
            of_the_team(chromium, demo, slug)


def of_people(chromium: Browser, demo: Service, slug: str) -> None:
    with chromium.new_context(**PHONE) as context:
        page = context.new_page()
        shoot(page, f"{demo.home}/w/{slug}", "launch-page")
        shoot(page, f"{demo.home}/s/{status_token(demo, slug)}", "status-page")


def of_the_team(chromium: Browser, demo: Service, slug: str) -> None:
    with chromium.new_context(**DESK) as context:
        page = context.new_page()
        page.goto(f"{demo.home}/admin")
        page.get_by_label("E-mail address").fill(GRACE)
        page.get_by_label("Password", exact=True).fill(PASSWORD)
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in", exact=True).click()
        shoot(page, f"{demo.home}/admin/w/{slug}#numbers", "overview")
        shoot(page, f"{demo.home}/admin/w/{slug}/people", "people")
        page.goto(f"{demo.home}/admin/w/{slug}/referrals")
        with page.expect_navigation():
            page.get_by_test_id("inviters-row").first.locator("td a").first.click()
        shoot(page, page.url, "tree")
        page.goto(f"{demo.home}/admin/w/{slug}/waves/new")
        page.get_by_label("The first in line", exact=True).check()
        page.get_by_label("How many of the first in line").fill("50")
        for step in ("offer", "check"):
            page.get_by_role("button", name="Continue", exact=True).click()
            page.wait_for_url(f"**/{step}")
        shoot(page, page.url, "wave-check")


def shoot(page: Page, url: str, name: str) -> None:
    page.goto(url)
    page.screenshot(path=FOLDER / f"{name}.png")


def status_token(demo: Service, slug: str) -> str:
    """The private link of somebody in line who has brought friends."""
    app = create_app(demo.environ)
    with app.app_context(), db.reading() as rx:
        launch = rx.execute(sa.select(Launch.id, Launch.public_id).where(Launch.slug == slug)).one()
        person = rx.execute(
            sa.select(Entry.public_id, Entry.link_version)
            .where(Entry.launch_id == launch.id, Entry.state == State.WAITING, Entry.held_by.is_(None))
            .order_by(Entry.friends.desc(), Entry.id)
        ).first()
        assert person is not None, "the demo has people in line"
        token = runtime().tokens.sign(Purpose.STATUS, launch.public_id, person.public_id, person.link_version)
    dispose(app)
    return token


if __name__ == "__main__":
    take()
