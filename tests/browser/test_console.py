"""Grace at a real browser, at night and on a phone without JavaScript: she sets up, looks around, releases a wave."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser import visiting
from tests.parts.serving import served
from tests.services import bringing
from tests.web.admin.conftest import GRACE, PASSWORD, make_admin
from tests.world import ALICE, TEAM, World
from waitlist import pictures
from waitlist.jobs import imports
from waitlist.models.invite import InviteSource
from waitlist.models.launch import Launch
from waitlist.models.sweep import Deed
from waitlist.models.upkeep import ImportRun
from waitlist.models.wave import Wave
from waitlist.services import (
    broadcasting,
    drafting,
    experimenting,
    guarding,
    holding,
    installing,
    minting,
    reporting,
    rewording,
    staging,
    sweeping,
    tagging,
)
from waitlist.services.cutting import Audience
from waitlist.services.inviting import Keys, Order
from waitlist.services.releasing import Offer
from waitlist.tokens import Purpose
from waitlist.words import Words

ADMIN = "/admin/w/campus"
LONG = "somebody.whose.address.is.longer.than.most@college.edu"
BOTH = pytest.mark.parametrize("options", [visiting.PHONE, visiting.DESK], ids=["phone", "desk"])

WORDS = Words("Your seat is free until {{ until }}.\n\n[Sit down]({{ accept_url }})", "Sit down")


@pytest.fixture
def home(app: Flask) -> Iterator[str]:
    with served(app) as address:
        yield address


def sign_in(grace: visiting.Person) -> Page:
    page = grace.visit("/admin/sign-in", state="sign_in")
    page.locator("#email").fill(GRACE)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button.primary").click()
    page.wait_for_url("**/admin")
    return page


def furnish(world: World) -> list[str]:
    """A waitlist with something on every page; returns the addresses of its pages."""
    campus = world.cast(world.launch(seats=40, tz="Europe/Paris", name="Campus with a long name"))
    people = [world.waiting(campus, email) for email in ("first@college.edu", LONG)] + world.crowd(campus, 4)
    world.waiting(campus, "friend@college.edu", by=people[1], name="Freya")
    with world.writing() as tx:
        holding.hold(tx, campus, people[4].id, reason="odd", actor=TEAM, now=world.now)
        offer = Offer(days=7, allowance=3, lapse_policy="keep")
        draft = drafting.draft(tx, campus, Audience("first", n=3), offer, actor=TEAM, now=world.now)
    held = world.plan_wave(campus, 1, hold=timedelta(minutes=30))
    done = world.rows(Wave)[0]
    invite = world.issue(campus, uses=10)
    order = Order(InviteSource.ADMIN, uses=2, prefix="TALK", domain="college.edu")
    keys = Keys(world.runtime.codes_key, world.runtime.secrets.pepper)
    with world.writing() as tx:
        batch = minting.mint(tx, campus, order, 3, keys=keys, actor=TEAM, now=world.now)
    mail = world.messages("confirm")[0]
    with world.writing() as tx:
        tagging.put(tx, campus, people[1].id, "founder", actor=TEAM, now=world.now)
        drafted = sweeping.draft(tx, campus, [person.id for person in people[:3]], Deed.MOVE, actor=TEAM, now=world.now)
        swept = sweeping.draft(tx, campus, [people[5].id], Deed.HOLD, words="@college.edu", actor=TEAM, now=world.now)
        sweeping.confirm(tx, campus, swept, reason="odd", params={}, actor=TEAM, now=world.now)
        written = broadcasting.draft(tx, campus, [person.id for person in people[:5]], actor=TEAM, now=world.now)
        rewording.save(tx, campus, "invite", "en", WORDS, over=0, actor=TEAM, now=world.now)
    sides = ("place", "referrals", "invites", "messages", "answers", "consent")
    pages = ["", "/people", f"/people/{people[1].public_id}", f"/people/{people[4].public_id}", "/waves", "/waves/new"]
    steps = ("audience", "offer", "check", "when", "confirm")
    pages += [f"/waves/{draft.public_id}/{step}" for step in steps]
    pages += [f"/waves/{held.public_id}/holding", f"/waves/{done.public_id}/releasing"]
    pages += [
        f"/waves/{draft.public_id}/people",
        "/invites",
        "/invites/new",
        f"/invites/{invite.public_id}",
        "/rules",
    ]
    pages += [
        "/deny",
        "/team",
        "/outbox",
        f"/outbox/{mail.public_id}",
        "/keys",
        "/audit?verify=yes",
        "/settings",
        "/questions",
    ]
    pages += ["/plan", "/plan/presets", "/plan/new", "/holds", "/reports", "/experiments"]
    pages += [
        "?source=direct&domain=college.edu&days=7",
        "/referrals?friends=1",
        "/referrals/tree",
        f"/referrals/tree?from={people[1].public_id}",
    ]
    pages += [f"/referrals/{people[1].public_id}/hold"]
    pages += [f"/people/{people[1].public_id}/{side}" for side in sides]
    pages += ["/people?state=waiting&since=2020-01-01&col=tags&col=mail&col=place&sort=friends"]
    pages += [f"/sweeps/{sweep.public_id}" for sweep in (drafted, swept)]
    with world.writing() as tx:
        draft_stage = staging.Draft("dorms", None, world.now, mode="release", quota=5, every_minutes=60)
        staging.add(tx, campus, draft_stage, actor=TEAM, now=world.now)
    pages += ["/plan", "/plan/stages/dorms", "/plan/new?who=country", "/plan/presets", "/plan/presets/vip", "/holds"]
    world.split(campus, ("new", 500_000))
    alice, said = world.entry(ALICE), reporting.Said("bug", "blocks", "It stays white after “Save”.", "An invoice")
    screen = pictures.read(pictures.card("Campus", "A screen", None), within=(1600, 1600))
    with world.writing() as tx:
        asked = experimenting.Question("new-start", "first-invoice", 800)
        experimenting.start(tx, campus, asked, actor=TEAM, now=world.now)
        report = reporting.report(tx, campus, alice.id, said, screen, actor=TEAM, now=world.now)
        assert not isinstance(report, reporting.TooMany)
        reporting.answer(tx, campus, report.public_id, "planned", note="Soon.", actor=TEAM, now=world.now)
        guarding.guard(tx, campus, "problems", 50_000, "hold", actor=TEAM, now=world.now)
    pages += ["/experiments", "/guardrails", "/reports", f"/reports/{report.public_id}"]
    pages += ["/mails", "/mails/invite/en", "/mails/invite/en/versions", f"/broadcasts/{written.public_id}"]
    pages += ["/codes/new", f"/codes/{batch}", f"/codes/{batch}/cards"]
    pages += ["/imports", *(f"/imports/{run.public_id}" for run in bring_files(world, campus))]
    return ["/admin", "/admin/launches/new", "/admin/doctor", "/admin/account", *(ADMIN + page for page in pages)]


def bring_files(world: World, campus: Launch) -> list[ImportRun]:
    """A file whose columns are to be chosen, one that was looked at, and one under way."""
    content = b"E-mail,Full name\nnina@college.edu,Nina\nnobody,Nemo\ndave@elsewhere.edu,Dave\n"
    runs = [bringing.uploaded(world, campus, content, name) for name in ("fair.csv", "stand.csv", "friends.csv")]
    for run in runs[1:]:
        bringing.choose(world, run, source="our stand")
    with world.app.app_context():
        imports.read_files(threading.Event())
    bringing.begin(world, campus, runs[2])
    return runs


@BOTH
def test_every_page_is_open_to_everybody(
    chromium: Browser, home: str, world: World, options: dict[str, object]
) -> None:
    make_admin(world)
    pages = furnish(world)
    with visiting.person(chromium, home, options) as grace:
        sign_in(grace)
        for path in pages:
            grace.visit(path)
            grace.turn_round()
        write_rules(grace)


def write_rules(grace: visiting.Person) -> None:
    """One more rule, sentence by sentence, up to what it would change."""
    page = grace.visit(f"{ADMIN}/rules/draft")
    page.locator("#kind").select_option("country")
    page.locator("[value=add]").click()
    page.locator("#countries").wait_for()
    grace.check()
    page.locator("#countries").fill("Germany")
    page.locator("[value=put]").click()
    page.locator("[value='edit:1']").wait_for()
    grace.check()
    page.locator("form[action$='/check'] button").click()
    page.get_by_test_id("effect").wait_for()
    grace.check()


@BOTH
def test_grace_sets_up_from_the_printed_link(
    chromium: Browser, home: str, world: World, options: dict[str, object]
) -> None:
    with world.writing() as tx:
        version = installing.prepare(tx, fingerprint=world.runtime.secrets.fingerprint())
    assert version is not None
    link = "/setup?token=" + world.runtime.tokens.sign(Purpose.SETUP, "", "setup", version)
    with visiting.person(chromium, home, options) as grace:
        page = grace.visit(link, state="setup")
        page.locator("main form button.primary").click()
        grace.check("setup")
        assert page.locator("#error-summary").is_visible()
        fields = {"name": "Grace", "email": GRACE, "password": PASSWORD, "launch_name": "Campus"}
        for name, value in (fields | {"contact_email": "hi@college.edu", "domains": "college.edu"}).items():
            page.locator(f"#{name}").fill(value)
        page.locator("#preset").check()
        page.locator("#tz").select_option("Europe/Paris")
        page.locator("main form button.primary").click()
        page.wait_for_url("**/admin/w/campus?done=setup")
        grace.check()


def test_a_password_can_be_looked_at_and_the_time_zone_is_guessed(chromium: Browser, home: str, world: World) -> None:
    with world.writing() as tx:
        installing.prepare(tx, fingerprint="x")
    with visiting.person(chromium, home, visiting.DESK, timezone_id="Europe/Berlin") as grace:
        page = grace.visit("/setup")
        expect(page.locator("#tz")).to_have_value("Europe/Berlin")
        page.locator("#password").fill("a sentence")
        page.get_by_role("button", name="Show").click()
        expect(page.locator("#password")).to_have_attribute("type", "text")
        expect(page.locator("#password")).to_have_value("a sentence")
        page.get_by_role("button", name="Hide").click()
        expect(page.locator("#password")).to_have_attribute("type", "password")


@BOTH
def test_a_wave_is_released_and_undone(chromium: Browser, home: str, world: World, options: dict[str, object]) -> None:
    make_admin(world)
    campus = world.launch()
    world.crowd(campus, 9)
    with visiting.person(chromium, home, options) as grace:
        page = sign_in(grace)
        grace.visit(f"{ADMIN}/waves/new")
        page.locator("#n").fill("2")
        page.locator("main form button.primary").click()
        for step in ("offer", "check", "when", "confirm"):
            page.wait_for_url(f"**/{step}")
            if step != "confirm":
                page.locator("main .primary").click()
        expect(page.get_by_test_id("will-invite")).to_contain_text("2")
        page.locator("#release button.primary").click()
        page.wait_for_url("**/holding?done=released")
        grace.check()
        page.locator("form[action$='/undo'] button").click()
        page.wait_for_url("**?done=undo")
        grace.check()
    assert world.rows(Wave)[0].state == "draft"
    assert world.messages("invite") == []
