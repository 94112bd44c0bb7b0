"""Every public page in every state, seen by two people: a phone without JavaScript in French, a desk at night."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, expect

from tests.browser import visiting
from tests.browser.visiting import Person
from tests.parts.apps import dispose, migrate
from tests.parts.serving import served
from tests.web.public.conftest import Hand
from tests.web.public.test_joining import ask
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist import create_app
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.launch import GateRevision, Launch
from waitlist.services import changing, holding, launching, leaving
from waitlist.services.gathering import Audience
from waitlist.tokens import Purpose


@dataclass
class Town:
    """A house with somebody in each state, and the address where it answers."""

    home: str
    hand: Hand
    world: World
    paths: dict[str, tuple[str, str]]  # name -> path, state


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    environ = {
        "WAITLIST_INSTANCE": str(tmp_path_factory.mktemp("town") / "instance"),
        "WAITLIST_LIMITS": "false",
        "WAITLIST_MAIL_FROM": "Campus <hello@campus.example>",
    }
    migrate(environ)
    app: Flask = create_app(environ)
    world = World(app)
    hand = Hand(app, world)
    paths = {**launches(world), **people(world, hand)}
    with served(app) as home:
        yield Town(home, hand, world, paths)
    dispose(app)


def launches(world: World) -> dict[str, tuple[str, str]]:
    """One launch in each condition."""
    soon = {"opens_at": world.now + timedelta(days=3)}
    world.launch("soon", headline="Something new", **soon)
    world.launch("closed", closes_at=world.now - timedelta(days=1))
    world.launch("launched", launched_at=world.now, product_url="https://campus.example/app")
    full = world.launch("full", line_limit=1)
    world.waiting(full)
    paused = world.launch("paused")
    with world.writing() as tx:
        launching.pause(tx, paused, reason="x", public_reason="Back at noon.", actor=TEAM, now=world.now)
    world.launch("league", tree={"kind": "referred"}, name="The League", listed=True)
    world.launch("party", tree={"kind": "invited"}, name="The Party")
    names = {"soon": "not_open", "closed": "closed", "launched": "launched", "full": "full", "paused": "paused"}
    names |= {"league": "referral-only", "party": "invite-only"}
    return {name: (f"/w/{name}", state) for name, state in names.items()}


def people(world: World, hand: Hand) -> dict[str, tuple[str, str]]:
    """Somebody in each state, at one campus that asks questions."""
    campus = world.launch(
        headline="Study rooms, without the queue",
        pitch="Campus shows which room is **free right now** and keeps it for you while you walk over.",
        tz="Europe/Berlin",
        contact_email="hello@campus.example",
        product_url="https://campus.example/app",
        points=5,
        seats=500,
        show_count=True,
    )
    ask(world, campus.id,
        {"key": "use", "label": "Use", "kind": "one", "choices": ["Studying", "Work"], "required": True},
        {"key": "days", "label": "Which days?", "kind": "many", "choices": ["Monday", "Tuesday"], "most": 1},
        {"key": "why", "label": "reason", "kind": "long", "hint": "Two sentences are enough."})  # fmt: skip
    world.crowd(campus, 60)
    carol = world.waiting(campus, CAROL, name="Carol Lee")
    ben = world.waiting(campus, "ben@college.edu", by=carol, name="Ben Okri")
    world.waiting(campus, "fay+1@college.edu")
    world.waiting(campus, "fay+2@college.edu", by=carol)
    world.join(campus, "chen@college.edu", by=carol)
    bob, lea, hal = (world.waiting(campus, email) for email in (BOB, "lea@college.edu", "hal@college.edu"))
    world.release(campus, audience=Audience("selected", entry_ids=(bob.id,)))
    lapsed = world.waiting(campus, "lou@college.edu")
    world.release(campus, audience=Audience("selected", entry_ids=(lapsed.id,)), days=1)
    alice = world.member(campus, ALICE)
    moving = world.waiting(campus, "moe@college.edu")
    removed, gone = world.waiting(campus, "rem@college.edu"), world.waiting(campus, "rot@college.edu")
    with world.writing() as tx:
        leaving.leave(tx, campus, lea.id, actor=TEAM, now=world.now)
        holding.hold(tx, campus, hal.id, reason="x", actor=TEAM, now=world.now)
        tx.execute(sa.update(Entry).where(Entry.id == ben.id).values(share_name=True))
        tx.execute(sa.update(Entry).where(Entry.id == removed.id).values(state=State.REMOVED))
        tx.execute(sa.update(Entry).where(Entry.id == gone.id).values(link_version=2))
        tx.execute(
            sa.text("UPDATE invite SET expires_at = :then, ended_at = :then WHERE email_key = 'lou@college.edu'"),
            {"then": (world.now - timedelta(hours=1)).strftime("%Y-%m-%d %H:%M:%S.%f")},
        )
        new = world.application(campus, "moe.lee@college.edu")
        change = changing.ask(tx, campus, moving.id, new, actor=TEAM, now=world.now).attempt
    old = world.join(campus, "old@college.edu")
    twice = world.join(campus, "twice@college.edu")
    world.join(campus, "twice@college.edu")
    fresh = world.join(campus, "fresh@college.edu")
    with world.writing() as tx:
        tx.execute(sa.update(Attempt).where(Attempt.id == old.attempt_id).values(expires_at=world.now))

    def confirm(attempt: str) -> str:
        return hand.link(Purpose.CONFIRM, campus, attempt)

    def status(entry: Entry) -> str:
        return hand.status(campus, entry)

    return {
        "home": ("/", "home"),
        "open": ("/w/campus", "open"),
        "referral": (f"/r/{carol.slug}", "open"),
        "unknown referral": ("/r/7K2PM9QX4", "home"),
        "card": (f"/r/{carol.slug}/card", "card"),
        "find": ("/w/campus/find", "find"),
        "how it works": ("/w/campus/how-it-works", "how-it-works"),
        "privacy": ("/w/campus/privacy", "privacy"),
        "not found": ("/w/nowhere", "not_found"),
        "confirm": (confirm(fresh.attempt), "ask"),
        "not me": (confirm(fresh.attempt) + "/not-me", "not-me"),
        "expired": (confirm(old.attempt), "expired"),
        "replaced": (confirm(twice.attempt), "replaced"),
        "altered": ("/c/altered", "unknown-link"),
        "waiting": (status(carol) + "?done=confirmed", "waiting"),
        "held": (status(hal), "held"),
        "invited": (status(bob), "invited"),
        "lapsed": (status(lapsed), "lapsed"),
        "joined": (status(alice), "joined"),
        "left": (status(lea), "left"),
        "unconfirmed": (status(world.entry("chen@college.edu", campus)), "unconfirmed"),
        "removed": (status(removed), "no-place"),
        "rotated": (status(gone), "rotated"),
        "leave": (status(carol) + "/leave", "leave"),
        "name": (status(carol) + "/name", "name"),
        "new link": (status(carol) + "/link", "new-link"),
        "answers": (status(carol) + "/answers", "answers"),
        "choices": (hand.settings_link(campus, CAROL), "choices"),
        "only invites": (hand.settings_link(campus, "eve@college.edu") + "?only=invites", "choices"),
        "change": (hand.link(Purpose.CHANGE, campus, change), "ask"),
        "change undo": (hand.link(Purpose.UNDO_CHANGE, campus, change), "undo"),
    }


STATIC = Path(__file__).resolve().parents[2] / "static"
SCRIPTS = ("js/say.js", "js/forms.js", "js/share.js", "js/standing.js")
PEOPLE = pytest.mark.parametrize("who", [visiting.PHONE, visiting.DESK], ids=["phone", "desk"])


@PEOPLE
def test_every_page_is_well_in_every_state(chromium: Browser, town: Town, who: dict[str, Any]) -> None:
    with visiting.person(chromium, town.home, who) as ada:
        for path, state in town.paths.values():
            ada.visit(path, state=state)
        language = ada.page.locator("html").get_attribute("lang")
    assert language == who["locale"][:2]


@PEOPLE
def test_every_answer_to_a_form_is_well_too(chromium: Browser, town: Town, who: dict[str, Any]) -> None:
    prefix = "p" if who is visiting.PHONE else "d"
    with visiting.person(chromium, town.home, who) as ada:
        page = ada.page
        ada.visit("/w/campus")
        join(ada, "nobody@")
        assert ada.check("open").title().startswith(("Error: ", "Erreur : "))
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


def test_the_status_page_prints_its_place_link_and_code(chromium: Browser, town: Town, tmp_path: Path) -> None:
    with visiting.person(chromium, town.home, visiting.DESK) as ada:
        page = ada.visit(town.paths["waiting"][0], state="waiting")
        page.emulate_media(media="print", color_scheme="light")
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(page.locator(".place-number")).to_be_visible()
        expect(page.locator("#share-link")).to_be_visible()
        expect(page.get_by_role("img", name="QR code for your link")).to_be_visible()
        expect(page.get_by_role("link", name="Leave the line")).to_be_hidden()


def test_no_page_weighs_more_than_its_budget(town: Town) -> None:
    style, *scripts = (gzip.compress((STATIC / name).read_bytes()) for name in ("css/waitlist.css", *SCRIPTS))
    assert sum(map(len, scripts)) <= 12_000
    page = gzip.compress(town.hand.client.get("/w/campus").data)
    assert len(page) + len(style) + sum(map(len, scripts)) <= 60_000
