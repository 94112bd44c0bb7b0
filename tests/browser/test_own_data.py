"""A person takes their data away and erases themselves, in a real browser, and the tree stays whole."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, Page

from tests.browser import visiting
from tests.parts.serving import served
from tests.web.public.conftest import Hand
from tests.web.public.test_leaderboard import five
from tests.world import World
from waitlist import jobs
from waitlist.models.entry import Entry
from waitlist.models.message import MessageState
from waitlist.models.referral import ancestors
from waitlist.models.upkeep import DataExport
from waitlist.services import ranking, sealing, seating
from waitlist.tokens import Purpose

CAROL = "carol.whose.address.is.longer.than.most@college.edu"
PEOPLE = pytest.mark.parametrize("options", [visiting.PHONE, visiting.DESK], ids=["phone", "desk"])


@pytest.fixture
def home(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def press(page: Page, which: str) -> None:
    """The button of a form, whatever the language of its words."""
    page.locator(f"{which} button[type=submit]").first.click()
    page.wait_for_load_state()


@PEOPLE
def test_a_person_takes_their_data_and_erases_themselves_and_the_tree_stays_whole(
    chromium: Browser, home: str, app: Flask, world: World, tmp_path: Path, options: dict[str, Any]
) -> None:
    world.launch("small", leaderboard=10)
    campus, hand = world.launch(points=5, leaderboard=10, contact_email="hello@college.edu"), Hand(app, world)
    grandmother = world.waiting(campus, "grandmother@college.edu")
    carol = world.waiting(campus, CAROL, by=grandmother, name="Carol Cook")
    ben = world.waiting(campus, "ben@college.edu", by=carol)
    five(world, campus)
    private = hand.status(campus, carol)
    with visiting.person(chromium, home, options) as visitor:
        page = visitor.visit(f"{private}/data", state="own-data")
        press(page, "#copy")
        visitor.check("own-data")
        with app.app_context():
            jobs.tick()
        (export,) = world.rows(DataExport)
        visitor.visit(hand.link(Purpose.DATA, campus, export.public_id), state="ask")
        press(page, "main")
        visitor.check("open")
        with page.expect_download() as downloaded:
            page.locator("a[href$='my-data.zip']").click()
        downloaded.value.save_as(tmp_path / "mine.zip")
        assert "entry.csv" in zipfile.ZipFile(io.BytesIO((tmp_path / "mine.zip").read_bytes())).namelist()
        visitor.visit("/w/campus/leaderboard", state="leaderboard")
        visitor.visit("/w/small/leaderboard", state="too-few")
        visitor.visit(hand.settings_link(campus, CAROL))
        visitor.visit(f"{private}/name", state="name")
        visitor.visit(f"{private}/erase", state="erase")
        press(page, "#erase-form")
        visitor.check("erase-code")
        page.locator("#code").fill("12")
        press(page, "#erase-code")
        visitor.check("erase-code")
        page.locator("#code").fill(hand.code())
        press(page, "#erase-code")
        visitor.check("erased")
        page.goto(home + private)
        assert page.locator("main").get_attribute("data-state") != "waiting"
    the_tree_is_whole(world, grandmother, carol, ben)


def the_tree_is_whole(world: World, grandmother: Entry, carol: Entry, ben: Entry) -> None:
    with world.writing() as tx:
        assert [row[0] for row in tx.execute(ancestors(ben.id, 9))] == [carol.id, grandmother.id]
        assert tx.scalar(sa.select(Entry.email).where(Entry.id == carol.id)) == "erased"
        sealing.seal(tx, world.now, 1_000)
        assert sealing.verify(tx).broken_at is None
        assert ranking.recount(tx, grandmother.line_id) + seating.difference(tx, grandmother.launch_id) == 0
    assert (world.entry(grandmother.email).score, world.entry(grandmother.email).friends) == (5, 1)
    unsent = [message.kind for message in world.messages(to=CAROL) if message.state == MessageState.QUEUED]
    assert unsent == ["erased"]
