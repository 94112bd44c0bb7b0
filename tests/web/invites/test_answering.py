"""Saying no, asking for another one, and deciding about it: each button does one thing, once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.parts import forms
from tests.web.invites import links
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import inviting, lapsing
from waitlist.tokens import Purpose

ERIN = "erin@college.edu"


@pytest.fixture
def campus(world: World) -> Launch:
    return world.cast(world.launch(contact_email="help@college.edu"))


def newest(world: World, invite: Invite) -> Invite:
    (row,) = world.rows(Invite, Invite.id == invite.id)
    return row


def lapse(world: World, days: float = 8) -> None:
    world.later(days=days)
    with world.writing() as tx:
        while lapsing.lapse_due(tx, world.now, 100):
            pass


def ask_page(world: World, launch: Launch, invite: Invite) -> str:
    return "/ask/" + world.runtime.tokens.sign(Purpose.ASK, launch.public_id, invite.public_id, invite.version)


def test_bob_says_no_and_takes_it_back(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.invite_of(BOB)
    page = forms.visit(client, links.mailed(world, campus, invite))
    no = page.submit("This is not for me")
    assert (no.status, no.state, no.h1) == (200, "declined", "You said no to this invite")
    assert world.entry(BOB).state == State.LEFT
    assert page.submit("This is not for me").state == "declined", "a second press is no error"
    assert forms.visit(client, links.mailed(world, campus, invite)).status == 410
    back = no.submit("Keep my place in line", follow=False)
    assert back.status == 303
    assert "/s/" in back.headers["Location"]
    assert world.entry(BOB).state == State.WAITING
    once_more = client.post(links.mailed(world, campus, invite) + "/undo")
    assert once_more.status_code == 200
    assert "Keep my place in line" not in once_more.text


def test_a_friend_may_ask_never_to_be_invited_again(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    left = world.entry(ALICE).allowance_left
    page = forms.visit(client, links.mailed(world, campus, invite))
    page.submit("This is not for me", never_again="yes")
    assert world.entry(ALICE).allowance_left == left + 1
    (choice,) = world.rows(MailboxChoice, MailboxChoice.email == ERIN)
    assert choice.do_not_invite_at is not None
    assert client.post(links.mailed(world, campus, invite) + "/undo").status_code == 410, "she stood in no line"


@pytest.mark.parametrize("press", ["decline", "undo"])
def test_a_stranger_with_a_shown_link_cannot_answer_for_bob(
    client: FlaskClient, world: World, campus: Launch, press: str
) -> None:
    invite = world.invite_of(BOB)
    client.post(links.shown(world, campus, invite) + f"/{press}", data={"never_again": "yes"})
    assert newest(world, invite).declined_at is None
    assert world.entry(BOB).state == State.INVITED


def test_nobody_says_no_to_what_was_used(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.invite_of(BOB)
    world.redeem(campus, invite, BOB)
    answer = client.post(links.mailed(world, campus, invite) + "/decline")
    assert "You are already in" in answer.text
    assert forms.visit(client, links.mailed(world, campus, invite) + "/declined").h1 == "You are already in"


@pytest.mark.parametrize("press", ["decline", "undo", "ask", "again"])
def test_an_altered_link_presses_nothing(client: FlaskClient, world: World, campus: Launch, press: str) -> None:
    assert client.post(f"/i/nonsense/{press}").status_code == 404
    assert world.entry(BOB).state == State.INVITED


@pytest.mark.parametrize("page", ["declined", "sent", "asked"])
def test_the_page_after_a_press_that_nobody_made_is_the_invite(
    client: FlaskClient, world: World, campus: Launch, page: str
) -> None:
    assert forms.visit(client, f"/i/nonsense/{page}").status == 404
    link = links.shown(world, campus, world.issue(campus))
    assert forms.visit(client, f"{link}/{page}").state == "open"


def test_an_expired_invite_asks_the_team(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.invite_of(BOB)
    lapse(world)
    with world.clock():
        page = forms.visit(client, links.mailed(world, campus, invite))
        assert (page.status, page.state) == (410, "expired")
        assert page.h1.startswith("This invite expired on ")
        assert "Invites last 7 days." in page.text
        assert "You keep your place in line." in page.text
        asked = page.submit("Ask for a new invite")
        assert (asked.status, asked.state, asked.h1) == (200, "asked", "We passed it on")
        again = forms.visit(client, links.mailed(world, campus, invite))
        assert "You asked for a new one." in again.text
        assert page.submit("Ask for a new invite").state == "asked", "a second press finds the first result"
    assert [mail.to_address for mail in world.messages("invite_asked")] == ["help@college.edu"]


def test_a_launch_that_renews_once_sends_a_new_one_at_once(client: FlaskClient, world: World) -> None:
    campus = world.cast(world.launch(renew_once=True))
    invite = world.invite_of(BOB)
    lapse(world)
    with world.clock():
        page = forms.visit(client, links.mailed(world, campus, invite))
        assert "A new one is e-mailed to you at once" in page.text
        assert page.submit("Ask for a new invite").state == "sent"
        newer = newest(world, invite)
        assert forms.visit(client, links.mailed(world, campus, newer)).state == "open"


def test_a_link_for_anybody_has_nobody_to_ask_for(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.issue(campus)
    lapse(world)
    with world.clock():
        page = forms.visit(client, links.shown(world, campus, invite))
        assert page.state == "expired"
        assert not page.forms
        assert client.post(links.shown(world, campus, invite) + "/ask").status_code == 410


def test_nothing_is_mailed_again_that_is_over_or_was_mailed_enough(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    invite = world.invited(campus, ERIN)
    link = links.mailed(world, campus, invite)
    answers = [client.post(link + "/again").status_code for _ in range(6)]
    assert answers[-1] == 429
    with world.writing() as tx:
        inviting.revoke(tx, campus, invite, actor=TEAM, now=world.now)
    assert client.post(link + "/again").status_code == 410


def test_alice_decides_about_her_friends_question(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    lapse(world)
    with world.clock():
        forms.visit(client, links.mailed(world, campus, invite)).submit("Ask for a new invite")
        assert [mail.to_address for mail in world.messages("invite_asked")] == [ALICE]
        question = forms.visit(client, ask_page(world, campus, invite))
        assert (question.status, question.state) == (200, "ask")
        assert question.h1 == "e•••@college.edu asks for a new invite"
        assert ERIN not in question.text
        yes = question.submit("Send a new invite")
        assert (yes.status, yes.state, yes.h1) == (200, "renewed", "A new invite was sent")
        assert question.submit("Send a new invite").state == "renewed"
        assert question.submit("Do not send one").state == "renewed", "somebody was first"
        assert forms.visit(client, links.mailed(world, campus, newest(world, invite))).state == "open"


def test_no_is_an_answer_and_the_invite_says_so(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.invite_of(BOB)
    lapse(world)
    with world.clock():
        link = links.mailed(world, campus, invite)
        forms.visit(client, link).submit("Ask for a new invite")
        question = forms.visit(client, ask_page(world, campus, invite))
        assert question.submit("Do not send one").state == "refused"
        assert question.submit("Do not send one").state == "refused"
        assert question.submit("Send a new invite").state == "refused"
        assert "the answer was no" in forms.visit(client, link).text


def test_a_yes_without_an_invite_left_costs_nothing(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    lapse(world)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(allowance_left=0))
    with world.clock():
        forms.visit(client, links.mailed(world, campus, invite)).submit("Ask for a new invite")
        question = forms.visit(client, ask_page(world, campus, invite))
        refused = question.submit("Send a new invite")
        assert (refused.status, refused.state) == (409, "none_left")
        assert forms.visit(client, ask_page(world, campus, invite)).state == "ask", "the question stays open"


def test_a_yes_without_a_seat_leads_back_into_the_line(client: FlaskClient, world: World) -> None:
    campus = world.cast(world.launch(seats=2, contact_email="help@college.edu"))
    bobs = world.invite_of(BOB)
    lapse(world)
    world.invited(campus, "grace@college.edu")
    with world.clock():
        forms.visit(client, links.mailed(world, campus, bobs)).submit("Ask for a new invite")
        back = forms.visit(client, ask_page(world, campus, bobs)).submit("Send a new invite")
        assert (back.status, back.state) == (200, "returned")
        assert world.entry(BOB).state == State.WAITING
    assert world.place(BOB) == 1
    assert world.place(CAROL) == 2


def test_a_yes_to_somebody_who_stood_in_no_line_needs_a_seat(client: FlaskClient, world: World) -> None:
    full = world.launch(seats=1, contact_email="help@college.edu")
    invite = world.invited(full, ERIN)
    lapse(world)
    world.invited(full, "grace@college.edu")
    with world.clock():
        forms.visit(client, links.mailed(world, full, invite)).submit("Ask for a new invite")
        refused = forms.visit(client, ask_page(world, full, invite)).submit("Send a new invite")
        assert (refused.status, refused.state) == (409, "full")
        assert forms.visit(client, ask_page(world, full, invite)).state == "ask"


@pytest.mark.parametrize("press", ["", "/yes", "/no"])
def test_a_question_that_nobody_asked_is_not_found(
    client: FlaskClient, world: World, campus: Launch, press: str
) -> None:
    page = ask_page(world, campus, world.invite_of(BOB))
    for path in ("/ask/nonsense", page):
        answer = client.post(path + press) if press else client.get(path)
        assert answer.status_code == 404
