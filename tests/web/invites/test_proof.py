"""Six digits or the link of the same mail prove a mailbox; a wrong one costs a try, and both work once."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import forms
from tests.parts.forms import Page
from tests.web.invites import links
from tests.world import ALICE, TEAM, World
from waitlist.models.entry import Attempt, State
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.services import declining
from waitlist.tokens import Purpose
from waitlist.web import inboxes

ERIN = "erin@college.edu"


@pytest.fixture
def campus(world: World) -> Launch:
    return world.launch()


@pytest.fixture
def invite(world: World, campus: Launch) -> Invite:
    return world.issue(campus, uses=3)


@pytest.fixture
def code_page(client: FlaskClient, world: World, campus: Launch, invite: Invite) -> Page:
    """Erin has typed her address and is asked for the six digits."""
    return forms.visit(client, links.shown(world, campus, invite)).submit("accept", email=ERIN)


def test_five_wrong_codes_end_it_and_a_new_one_is_one_press_away(code_page: Page, world: World) -> None:
    page = code_page
    for left in ("4 tries", "3 tries", "2 tries", "1 try"):
        page = page.submit("Continue", code=links.wrong_digits(world))
        assert page.status == 422
        assert f"You have {left} left" in page.text
        assert page.title.startswith("Error: ")
    last = page.submit("Continue", code=links.wrong_digits(world))
    assert "it was the last try" in last.text
    over = last.submit("Continue", code=links.digits(world))
    assert (over.status, over.state) == (410, "tries")
    fresh = over.submit("Send me a new code")
    assert fresh.h1 == "Check your inbox"
    assert fresh.submit("Continue", code=links.digits(world)).h1 == "You are in"


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef"])
def test_anything_but_six_numbers_costs_no_try(code_page: Page, typed: str) -> None:
    for _ in range(6):
        refused = code_page.submit("Continue", code=typed)
        assert refused.status == 422
        assert "Enter the 6 numbers from the e-mail" in refused.text


def test_the_code_of_a_mail_that_is_too_old_says_so(code_page: Page, world: World) -> None:
    code = links.digits(world)
    world.later(minutes=16)
    with world.clock():
        over = code_page.submit("Continue", code=code)
    assert (over.status, over.state, over.h1) == (410, "expired", "This code has expired")


def test_a_double_press_leads_in_once_and_an_old_code_nowhere(code_page: Page, world: World, invite: Invite) -> None:
    code = links.digits(world)
    assert code_page.submit("Continue", code=code).h1 == "You are in"
    assert code_page.submit("Continue", code=code).h1 == "You are in"
    assert world.rows(Invite, Invite.id == invite.id)[0].uses == 1
    wrong = code_page.submit("Continue", code=f"{(int(code.replace(' ', '')) + 1) % 1_000_000:06d}")
    assert (wrong.status, wrong.state) == (410, "used")
    world.later(minutes=2)
    with world.clock():
        assert code_page.submit("Continue", code=code).state == "used"


def test_send_it_again_waits_a_minute_and_ends_the_old_code(code_page: Page, world: World) -> None:
    early = code_page.submit("Send it again")
    assert early.status == 429
    assert "then try again" in early.text
    old = links.digits(world)
    world.later(seconds=150)
    with world.clock():
        again = code_page.submit("Send it again")
        assert (again.status, "Sent again" in again.text) == (200, True)
        assert again.submit("Continue", code=old).status == 422 or old == links.digits(world)
        assert again.submit("Continue", code=links.digits(world)).h1 == "You are in"


def test_the_mailed_link_shows_a_button_and_works_on_another_device(
    code_page: Page, world: World, campus: Launch, app: Flask
) -> None:
    assert code_page.status == 200
    phone = app.test_client()
    page = forms.visit(phone, links.proof(world, campus))
    assert (page.status, page.state) == (200, "proof")
    assert world.rows(Invite)[0].uses == 0, "looking does nothing"
    assert page.submit("Accept invite").h1 == "You are in"
    assert world.entry(ERIN).state == State.JOINED
    assert page.submit("Accept invite").h1 == "You are in", "a double press"
    later = forms.visit(phone, links.proof(world, campus))
    assert (later.status, later.state) == (410, "used")
    world.later(minutes=2)
    with world.clock():
        assert page.submit("Accept invite").state == "used"


def test_an_old_mailed_link_says_that_a_newer_one_was_sent(
    client: FlaskClient, code_page: Page, world: World, campus: Launch
) -> None:
    old = links.proof(world, campus)
    page = forms.visit(client, old)
    world.later(seconds=150)
    with world.clock():
        code_page.submit("Send it again")
        assert forms.visit(client, old).state == "replaced"
        assert page.submit("Accept invite").state == "replaced"


def test_altered_and_foreign_addresses_are_not_found(
    client: FlaskClient, code_page: Page, world: World, campus: Launch
) -> None:
    world.launch("other")
    foreign = code_page.url.replace("/w/campus/", "/w/other/")
    for path in ("/w/campus/code?t=x", "/w/campus/code", foreign):
        page = forms.visit(client, path)
        assert (page.status, page.state) == (404, "altered")
        assert client.post(path, data={"code": "123456"}).status_code == 404
        assert client.post(path.replace("/code", "/code/again")).status_code == 404
    for token in ("x", links.proof(world, campus)[7:-3] + "AAA"):
        assert client.get(f"/proof/{token}").status_code == 404
        assert client.post(f"/proof/{token}").status_code == 404
    world.later(days=2)
    with world.clock():
        assert forms.visit(client, code_page.url).status == 404, "the page itself ends after a day"


def test_what_another_page_carries_opens_nothing_here(
    client: FlaskClient, world: World, campus: Launch, invite: Invite
) -> None:
    data = [campus.public_id, "att_x", ERIN, int(world.now.timestamp()), None]
    carried = world.runtime.tokens.sign_data(Purpose.CHECK_INBOX, data)
    assert client.get(f"/w/campus/code?t={carried}").status_code == 404


def test_whoever_said_that_it_was_not_them_is_left_alone(
    client: FlaskClient, code_page: Page, world: World, campus: Launch
) -> None:
    attempt = world.rows(Attempt)[-1]
    with world.writing() as tx:
        declining.not_me(tx, campus, attempt.id, do_not_invite=False, actor=TEAM, now=world.now)
    page = forms.visit(client, links.proof(world, campus))
    assert (page.status, page.state) == (410, "declined")
    assert code_page.submit("Continue", code=links.digits(world)).state == "declined"


def test_a_sign_in_mail_accepts_no_invite(client: FlaskClient, world: World, campus: Launch) -> None:
    world.member(campus, ALICE)
    client.post("/w/campus/me/sign-in", data={"email": ALICE})
    assert client.get(links.proof(world, campus)).status_code == 404


def test_a_proof_for_one_invite_opens_no_other(
    client: FlaskClient, code_page: Page, world: World, campus: Launch
) -> None:
    """The carrier of the page is signed, so this takes two real pages and somebody who mixes them."""
    other = world.issue(campus)
    attempt = world.rows(Attempt)[-1]
    token = links.shown(world, campus, other)[3:]
    with client.application.test_request_context("/"):
        t = inboxes.carried(campus, inboxes.Inbox(attempt.public_id, ERIN, token), world.now)
    mixed = client.post(f"/w/campus/code?t={t}", data={"code": links.digits(world)})
    assert mixed.status_code == 410
    assert not world.rows(Invite, Invite.uses > 0)


def test_nobody_learns_by_the_page_who_is_removed_or_known(client: FlaskClient, world: World, campus: Launch) -> None:
    world.member(campus, ALICE)
    link = links.shown(world, campus, world.issue(campus))
    pages = [forms.visit(client, link).submit("accept", email=email) for email in (ALICE, ERIN)]
    texts = [page.text.replace(email, "x") for page, email in zip(pages, (ALICE, ERIN), strict=True)]
    assert masked(texts[0]) == masked(texts[1])


def masked(text: str) -> str:
    """The page without what is drawn anew for each."""
    return re.sub(r'(value|action|href)="[^"]{60,}"', "", text)


def test_an_attempt_that_was_purged_leads_back_to_the_invite(code_page: Page, world: World) -> None:
    with world.writing() as tx:
        tx.execute(sa.delete(Message))
        tx.execute(sa.delete(Attempt))
    assert code_page.submit("Send it again").state == "open"
