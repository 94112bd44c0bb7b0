"""Invites and members' pages in a real browser, for two people, and for a mail scanner that presses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser import visiting
from tests.parts.serving import served
from tests.web.invites import links
from tests.world import ALICE, BOB, TEAM, World
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.event import Event
from waitlist.models.invite import Invite, Redemption
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.services import declining, inviting
from waitlist.tokens import Purpose

PEOPLE = pytest.mark.parametrize("options", [visiting.PHONE, visiting.DESK], ids=["phone", "desk"])
ERIN = "erin@college.edu"


@pytest.fixture
def home(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


@pytest.fixture
def campus(world: World) -> Launch:
    return world.cast(world.launch(contact_email="help@college.edu", allowance=6))


def press(page: Page, which: str) -> None:
    """The button of a form, whatever the language of its words."""
    page.locator(f"{which} button[type=submit]").first.click()
    page.wait_for_load_state()


def digits(world: World) -> str:
    attempt = world.rows(Attempt)[-1]
    return world.runtime.stationery.six_digits(attempt.public_id, attempt.version)


def me(world: World) -> Entry:
    return world.entry(ERIN)


def walk_the_tree(page: Page) -> None:
    """By keyboard alone: into the tree, to its end, and the fourth level comes in where it belongs."""
    tree = page.get_by_role("tree")
    expect(tree.get_by_role("treeitem")).to_have_count(5)  # Erin, three levels, and "Show more"
    tree.get_by_role("treeitem").first.focus()
    page.keyboard.press("ArrowLeft")
    expect(tree.get_by_role("treeitem")).to_have_count(1)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("End")
    expect(page.locator(":focus")).to_contain_text("Show more")
    page.keyboard.press("Enter")
    expect(tree.get_by_role("treeitem")).to_have_count(5)
    expect(page.locator(":focus")).not_to_contain_text("Show more")
    page.keyboard.press("Home")
    expect(page.locator(":focus > .twig")).to_contain_text("You")
    page.keyboard.press("1")
    expect(page.locator(":focus > .twig")).to_contain_text("1 person")


@PEOPLE
def test_somebody_comes_in_by_a_link_and_invites_others(
    chromium: Browser, home: str, world: World, campus: Launch, options: dict[str, Any]
) -> None:
    link = links.shown(world, campus, world.issue(campus, uses=2))
    with visiting.person(chromium, home, options) as erin:
        page = erin.visit(link, state="open")
        page.locator("#email").fill("dave@elsewhere.edu")
        press(page, "#accept")
        erin.check("wrong_domain")
        page.locator("#email").fill("erin")
        press(page, "#accept")
        erin.check("open")
        page.locator("#email").fill(ERIN)
        press(page, "#accept")
        erin.check("code")
        page.locator("#code").fill("1")
        press(page, "main form.card")
        erin.check("code")
        page.locator("#code").fill(digits(world))
        press(page, "main form.card")
        erin.check("welcome")
        assert world.entry(ERIN).state == State.JOINED
        press(page, "main form[action$='sign-in']")
        erin.check("code")
        page.locator("#code").fill(digits(world))
        press(page, "main form.card")
        assert urlsplit(page.url).path == "/w/campus/me/invites"
        erin.check("ok")
        erin.visit("/w/campus/me/settings")
        erin.visit("/w/campus/me/invites/new")
        page.locator("#emails").fill("ben@college.edu, dave@elsewhere.edu; x@@y")
        press(page, "main form.card")
        erin.check("ok")
        press(page, "main form[action$='/send']")
        erin.check("ok")
        erin.visit("/w/campus/me/links/new")
        page.locator("#uses").fill("2")
        press(page, "main form.card")
        erin.check("ok")
        for path in ("/card", "/end", "/cancel"):
            erin.visit(urlsplit(page.url).path.split("/inv_")[0] + f"/{world.rows(Invite)[-1].public_id}{path}")
        erin.visit("/w/campus/me/invites")
        erin.visit("/w/campus/me/sessions")
        grandchild = world.waiting(
            campus, "grand@college.edu", by=world.waiting(campus, "kid@college.edu", by=me(world))
        )
        world.waiting(campus, "fourth@college.edu", by=world.waiting(campus, "great@college.edu", by=grandchild))
        erin.visit("/w/campus/me/people")
        page = erin.visit("/w/campus/me/chain")
        if options["java_script_enabled"]:
            walk_the_tree(page)
            erin.check()
    assert [mail.to_address for mail in world.messages("member_invite")] == ["ben@college.edu"]


@PEOPLE
def test_every_dead_end_can_be_read_by_everybody(
    chromium: Browser, home: str, world: World, campus: Launch, options: dict[str, Any]
) -> None:
    used, revoked, replaced = world.issue(campus), world.invited(campus, ERIN), world.invited(campus, "gr@college.edu")
    declined = links.from_member(world, campus, ALICE, "hal@college.edu")
    world.redeem(campus, used, "zoe@college.edu")
    with world.writing() as tx:
        inviting.revoke(tx, campus, revoked, actor=TEAM, now=world.now)
        inviting.resend(tx, campus, replaced, keys=world.keys, actor=TEAM, now=world.now)
        declining.decline(tx, campus, declined, actor=TEAM, now=world.now)
    pages = {
        links.shown(world, campus, used): "used_up",
        links.mailed(world, campus, revoked): "revoked",
        links.mailed(world, campus, replaced): "replaced",
        links.mailed(world, campus, declined) + "/declined": "declined",
        links.mailed(world, campus, world.invite_of(ALICE)): "used",
        links.mailed(world, campus, world.invite_of(BOB)): "open",
        "/i/nonsense": "altered",
        "/redeem": "redeem",
        "/w/campus/me/sign-in": "sign_in",
    }
    with visiting.person(chromium, home, options) as reader:
        for path, state in pages.items():
            reader.visit(path, state=state)


def test_a_mail_scanner_opens_every_link_first_and_changes_nothing(
    app: Flask, chromium: Browser, home: str, world: World, campus: Launch
) -> None:
    """HEAD, GET, and a headless browser that waits for scripts; afterwards everything still works for the person."""
    invite = links.from_member(world, campus, ALICE, ERIN)
    with world.writing() as tx:
        inviting.send(tx, campus, invite, now=world.now)
    mailed = links.mailed(world, campus, invite)
    tokens = world.runtime.tokens
    scanner = app.test_client()
    scanner.post(links.shown(world, campus, world.issue(campus)), data={"email": "kim@college.edu"})
    scanner.post("/w/campus/me/sign-in", data={"email": ALICE})
    signing = world.rows(Attempt, Attempt.kind == "sign_in")[-1]
    proof = world.rows(Attempt, Attempt.kind == "redeem")[-1]
    admission = world.admission(ALICE)
    assert admission is not None
    every_link = [
        mailed,
        mailed + "#decline",
        links.mailed(world, campus, world.invite_of(BOB)),
        "/w/campus/me/sign-in/" + tokens.sign(Purpose.SIGN_IN, campus.public_id, signing.public_id, 1),
        "/proof/" + tokens.sign(Purpose.PROOF, campus.public_id, proof.public_id, 1),
        "/welcome/" + tokens.sign(Purpose.WELCOME, campus.public_id, admission.public_id),
        "/redeem",
    ]
    before = snapshot(world)
    for link in every_link:
        assert scanner.head(link.partition("#")[0]).status_code == 200
        assert scanner.get(link.partition("#")[0]).status_code == 200
    with chromium.new_context() as context:
        page = context.new_page()
        for link in every_link:
            page.goto(home + link)
            page.wait_for_timeout(1_500)
    assert snapshot(world) == before
    person = app.test_client()
    assert person.post(mailed).headers["Location"].startswith("/welcome/")
    assert person.post(every_link[3]).headers["Location"] == "/w/campus/me/invites"
    assert person.post(every_link[4]).headers["Location"].startswith("/welcome/")


def snapshot(world: World) -> list[Any]:
    """Everything that a press could have changed."""
    nouns = (Invite, Redemption, Attempt, Message, Event)
    return [list(world.rows(noun)) for noun in nouns]
