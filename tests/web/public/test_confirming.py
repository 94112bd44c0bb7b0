"""Confirming: the link, the six digits, what became of a link, and a mail that is sent again."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.parts.forms import Page
from tests.web.public.conftest import Hand
from tests.world import CAROL, TEAM, World
from waitlist.models.entry import Entry, State
from waitlist.models.launch import GateRevision, Launch
from waitlist.services import launching, leaving
from waitlist.tokens import Purpose


def joined(hand: Hand, email: str = CAROL) -> Page:
    return hand.send(hand.open("/w/campus"), "join", email=email)


@both
def test_opening_the_link_changes_nothing_and_pressing_twice_is_harmless(hand: Hand, world: World) -> None:
    campus = world.launch()
    joined(hand)
    link = hand.confirm_link(campus)
    for method in ("get", "head", "get"):
        with world.clock():
            assert getattr(hand.client, method)(link).status_code == 200
    assert world.entry(CAROL).state == State.UNCONFIRMED
    page = hand.open(link)
    assert (page.state, page.h1) == ("ask", "Confirm your place")
    assert "for carol@college.edu on Campus" in page.text
    first, second = (hand.send(page, "Confirm my place") for _ in range(2))
    assert "Your place is confirmed." in first.text
    assert "Already confirmed." in second.text
    again = hand.open(link)
    assert (again.status, again.h1) == (200, "Already confirmed")
    assert "Already confirmed." in hand.send(again, "See my place").text
    assert len(world.messages("in_line")) == 1


def test_token_pages_are_secrets(hand: Hand, world: World) -> None:
    campus = world.launch()
    inbox = joined(hand)
    for page in (inbox, hand.open(hand.confirm_link(campus)), hand.open(hand.status(campus, world.waiting(campus)))):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex"
        assert page.url.rpartition("/")[2][-20:] not in page.title


def test_an_expired_link_has_a_button_for_a_new_one(hand: Hand, world: World) -> None:
    campus = world.launch()
    joined(hand)
    old = hand.confirm_link(campus)
    world.later(hours=49)
    page = hand.open(old)
    assert (page.status, page.h1) == (410, "This link has expired")
    assert "Links work for 48 hours. Yours was sent on" in page.text
    assert hand.press(old).status == 410
    page = hand.send(page, "Send me a new link")
    assert page.state == "check-inbox"
    assert "Sent again at" in page.text
    assert hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place").state == "waiting"


def test_a_newer_mail_replaces_the_older_link(hand: Hand, world: World) -> None:
    campus = world.launch()
    joined(hand)
    old = hand.confirm_link(campus)
    world.later(minutes=5)
    joined(hand)
    page = hand.open(old)
    assert (page.status, page.state) == (410, "replaced")
    assert "We sent a newer e-mail at" in page.text
    assert "Use that one." in page.text
    assert hand.press(old).status == 410
    hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert hand.open(old).h1 == "Already confirmed"


def test_the_mail_can_be_sent_again_after_a_minute_five_times_a_day(hand: Hand, world: World) -> None:
    campus = world.launch(contact_email="help@campus.example")
    page = joined(hand)
    early = hand.send(page, "Send it again")
    assert early.status == 429
    assert "Wait 60 seconds, then try again" in early.text
    assert early.headers["Retry-After"] == "60"
    for _ in range(4):
        world.later(seconds=61)
        page = hand.send(page, "Send it again")
        assert "Sent again at" in page.text
        assert "Use the newest e-mail." in page.text
    assert len(world.messages("confirm")) == 5
    world.later(seconds=61)
    page = hand.send(page, "Send it again")
    assert (page.status, "Contact help@campus.example." in page.text) == (429, True)
    assert hand.open(hand.confirm_link(campus)).state == "ask"


def test_after_the_last_mail_of_a_day_one_comes_back_tomorrow(hand: Hand, world: World) -> None:
    world.launch()
    page = joined(hand)
    for _ in range(5):
        world.later(seconds=61)
        page = hand.send(page, "Send it again")
    assert "Try again tomorrow." in page.text


def test_the_inbox_page_survives_a_reload_and_ends_after_two_days(hand: Hand, world: World) -> None:
    world.launch()
    page = joined(hand)
    assert hand.open(page.url).state == "check-inbox"
    world.later(hours=49)
    assert hand.open(page.url).status == 404
    assert hand.open("/w/campus/check-inbox?t=made-up").status == 404
    assert hand.open("/w/campus/check-inbox").status == 404


def test_the_token_of_another_launch_opens_nothing(hand: Hand, world: World) -> None:
    world.launch()
    page = joined(hand)
    world.launch("other")
    assert hand.open(page.url.replace("campus", "other")).status == 404


@both
def test_the_six_digits_take_the_place_too(hand: Hand, world: World) -> None:
    world.launch()
    page = joined(hand)
    page = hand.send(page, "code-form", code=hand.code())
    assert (page.state, "Your place is confirmed." in page.text) == ("waiting", True)
    assert "You are in line." in hand.open("/w/campus").text


def test_a_code_that_is_none_costs_no_try_and_a_wrong_one_does(hand: Hand, world: World) -> None:
    world.launch()
    page = joined(hand)
    wrong = hand.send(page, "code-form", code="12 34")
    assert (wrong.status, wrong.text.count("Enter the 6 numbers from the e-mail")) == (422, 2)
    code = hand.code().replace(" ", "")
    other = f"{(int(code) + 1) % 1_000_000:06d}"
    for left in (4, 3, 2, 1, 0):
        wrong = hand.send(page, "code-form", code=other)
        assert wrong.status == 422
        assert f"You can try {left} more" in wrong.text
    spent = hand.send(page, "code-form", code=code)
    assert (spent.status, "This code does not work any more." in spent.text) == (410, True)
    assert world.entry(CAROL).state == State.UNCONFIRMED


def test_the_rules_may_change_between_the_form_and_the_press(hand: Hand, world: World) -> None:
    campus = world.launch()
    joined(hand)
    with world.writing() as tx:
        tx.execute(sa.update(GateRevision).values(tree={"kind": "domain", "domains": ["other.edu"]}))
    page = hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert (page.status, page.state) == (403, "rules-changed")
    assert world.place(CAROL) is None
    assert page.follow("See my page").state == "interest"
    again = hand.send(hand.open(hand.confirm_link(campus)), "See my place")
    assert (again.status, again.state) == (403, "rules-changed")


@pytest.mark.parametrize("condition", ["paused", "closed", "launched"])
def test_who_joined_in_time_confirms_whatever_the_launch_is_by_now(hand: Hand, world: World, condition: str) -> None:
    campus = world.launch()
    joined(hand)
    with world.writing() as tx:
        if condition == "paused":
            launching.pause(tx, campus, reason="x", public_reason="", actor=TEAM, now=world.now)
        else:
            column = {"closed": "closes_at", "launched": "launched_at"}[condition]
            tx.execute(
                sa.update(Launch).where(Launch.id == campus.id).values({column: world.now - timedelta(minutes=1)})
            )
    page = hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert (page.status, page.state) == (200, "waiting")
    if condition == "launched":
        assert "You can come in now" in page.text
    if condition == "paused":
        assert "This waitlist is paused. You keep your place." in page.text


def test_somebody_removed_sees_a_neutral_page(hand: Hand, world: World) -> None:
    campus = world.launch()
    joined(hand)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state=State.REMOVED))
    page = hand.open(hand.confirm_link(campus))
    assert (page.status, page.h1) == (410, "This link has expired")


def test_who_left_comes_to_their_page_by_the_old_link(hand: Hand, world: World) -> None:
    campus = world.launch()
    joined(hand)
    link = hand.confirm_link(campus)
    hand.send(hand.open(link), "Confirm my place")
    with world.writing() as tx:
        leaving.leave(tx, campus, world.entry(CAROL).id, actor=TEAM, now=world.now)
    assert hand.send(hand.open(link), "See my place").state == "left"


@pytest.mark.parametrize("press", ["", "/again"])
def test_an_altered_link_asks_for_the_address(hand: Hand, world: World, press: str) -> None:
    campus = world.launch()
    joined(hand)
    link = hand.confirm_link(campus)
    for page in (hand.open(link + "x"), hand.press(link + "x" + press)):
        assert (page.status, page.state, page.h1) == (404, "unknown-link", "Check the link")
        assert "If you pasted it, check you copied all of it." in page.text
    assert hand.send(page, "E-mail me my link", email=CAROL).state == "find-sent"


def test_a_purged_attempt_is_an_expired_link(hand: Hand, world: World) -> None:
    campus = world.launch()
    gone = hand.link(Purpose.CONFIRM, campus, "att_gone")
    page = hand.open(gone)
    assert (page.status, page.h1) == (410, "This link has expired")
    assert page.follow("Join again").state == "open"
    assert hand.press(gone).status == 410
    assert hand.press(gone + "/again").status == 410


def test_a_link_of_another_kind_confirms_nothing(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    assert hand.open(hand.status(campus, carol).replace("/s/", "/c/")).status == 404
    assert hand.open(hand.link(Purpose.CONFIRM, campus, carol.public_id)).status == 410
