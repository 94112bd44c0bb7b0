"""Every public page in every state, seen by two people: a phone without JavaScript in French, a desk at night."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, expect

from tests.browser import visiting
from tests.browser.town import Town
from tests.browser.visiting import Person
from tests.world import CAROL, DAVE
from waitlist.models.launch import GateRevision, Launch
from waitlist.tokens import Purpose

STATIC = Path(__file__).resolve().parents[2] / "static"
SCRIPTS = ("js/say.js", "js/forms.js", "js/share.js", "js/standing.js")
PEOPLE = pytest.mark.parametrize("who", [visiting.PHONE, visiting.DESK], ids=["phone", "desk"])


@PEOPLE
def test_every_page_is_well_in_every_state(chromium: Browser, town: Town, who: dict[str, Any]) -> None:
    with visiting.person(chromium, town.home, who) as ada:
        for path, state in town.paths.values():
            ada.visit(path, state=state)
            ada.turn_round()
        language = ada.page.locator("html").get_attribute("lang")
    assert language == who["locale"][:2]


@PEOPLE
def test_every_answer_to_a_form_is_well_too(chromium: Browser, town: Town, who: dict[str, Any]) -> None:
    prefix = "p" if who is visiting.PHONE else "d"
    with visiting.person(chromium, town.home, who) as ada:
        page = ada.page
        ada.visit("/w/campus")
        join(ada, "nobody@")
        assert ada.check("open").title().startswith(("Error: ", "Erreur\N{NO-BREAK SPACE}: "))
        join(ada, DAVE)
        ada.check("wrong-domain")
        page.locator("form[action$='/suggestions'] button").click()
        ada.check("open")
        join(ada, "ada@gmial.com")
        ada.check("did-you-mean")
        page.locator("button.secondary").click()
        ada.check("wrong-domain")
        ada.visit("/w/campus")
        join(ada, f"{prefix}1@college.edu")
        ada.check("check-inbox")
        page.locator("#code").fill("12")
        page.locator("#code-form button").click()
        ada.check("check-inbox")
        page.locator("form[action$='/again'] button").click()
        ada.check("check-inbox")
        page.locator("#code").fill(town.hand.code())
        page.locator("#code-form button").click()
        ada.check("waiting")
        page.locator("summary").first.click()
        ada.check("waiting")
        page.locator("a[href$='/answers']").click()
        page.locator("input[type=checkbox]").first.check()
        page.locator("#answers button").click()
        ada.check("waiting")
        page.locator("a[href$='/leave']").click()
        page.locator("form[action$='/leave'] button").click()
        ada.check("left")
        page.locator("form[action$='/undo'] button").click()
        ada.check("waiting")
        ada.visit("/w/campus", state="open")  # this browser is known now
        ada.visit("/w/campus/find")
        page.locator("#email").fill(CAROL)
        page.locator("#find button").click()
        ada.check("find-sent")
        ada.visit(town.hand.settings_link(town.world.launch_of(), f"{prefix}1@college.edu"))
        page.locator("main form button").first.click()
        ada.check("unsubscribed")


def join(ada: Person, email: str) -> None:
    page = ada.page
    page.locator("#email").fill(email)
    page.locator("#q_use").check()
    page.locator("#join button").click()


@PEOPLE
def test_rules_that_change_before_the_press_have_a_page(chromium: Browser, town: Town, who: dict[str, Any]) -> None:
    world = town.world
    slug = "moving" if who is visiting.PHONE else "moved"
    launch: Launch = world.launch(slug)
    asked = world.join(launch, CAROL)
    with world.writing() as tx:
        tree = {"kind": "domain", "domains": ["other.edu"]}
        tx.execute(sa.update(GateRevision).where(GateRevision.launch_id == launch.id).values(tree=tree))
    with visiting.person(chromium, town.home, who) as ada:
        ada.visit(town.hand.link(Purpose.CONFIRM, launch, asked.attempt), state="ask")
        ada.page.locator("main form button").click()
        ada.check("rules-changed")
        ada.page.locator("main a.primary").click()
        ada.check("interest")


def test_the_form_is_on_the_first_screen_of_a_phone(chromium: Browser, town: Town) -> None:
    with visiting.person(chromium, town.home, visiting.PHONE, viewport={"width": 360, "height": 640}) as ada:
        page = ada.visit("/w/full", state="full")
        page = ada.visit("/w/soon", state="not_open")
        box = page.locator("#tell-me button").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 640


def test_a_link_is_copied_by_one_press(chromium: Browser, town: Town) -> None:
    permissions = ["clipboard-read", "clipboard-write"]
    with visiting.person(chromium, town.home, visiting.DESK, permissions=permissions) as ada:
        page = ada.visit(town.paths["waiting"][0], state="waiting")
        expect(page.locator("[data-testid=done]")).to_be_focused()
        page.get_by_role("button", name="Copy link").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        assert page.evaluate("navigator.clipboard.readText()") == page.locator("#share-link").input_value()


def test_a_place_that_moves_is_told_once_while_the_page_is_open(chromium: Browser, town: Town) -> None:
    world, campus = town.world, town.world.launch_of()
    somebody = world.entry("person9@college.edu", campus)
    with visiting.person(chromium, town.home, visiting.DESK) as ada:
        ada.page.clock.install()
        page = ada.visit(town.hand.status(campus, somebody), state="waiting")
        before = int(page.locator("#standing").get_attribute("data-place") or 0)
        world.waiting(campus, "friend.of.nine@college.edu", by=somebody)
        page.clock.run_for(70_000)
        expect(page.locator("#live")).to_contain_text("You moved up to place")
        assert int(page.locator("#standing").get_attribute("data-place") or 0) < before


def test_no_page_weighs_more_than_its_budget(town: Town) -> None:
    style, *scripts = (gzip.compress((STATIC / name).read_bytes()) for name in ("css/waitlist.css", *SCRIPTS))
    assert sum(map(len, scripts)) <= 12_000
    page = gzip.compress(town.hand.client.get("/w/campus").data)
    assert len(page) + len(style) + sum(map(len, scripts)) <= 60_000
