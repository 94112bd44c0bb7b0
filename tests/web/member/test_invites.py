"""My invites: what became of each, lapsed ones stay visible, and every action says what it will do first."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.parts import forms
from tests.web.invites import links
from tests.web.member.conftest import SignIn
from tests.world import ALICE, BOB, TEAM, World
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.message import Message, MessageState
from waitlist.services import declining, inviting, lapsing, launching

MINE = "/w/campus/me/invites"
ERIN, FRED = "erin@college.edu", "fred@college.edu"


def newest(world: World, invite: Invite) -> Invite:
    (row,) = world.rows(Invite, Invite.id == invite.id)
    return row


def left(world: World) -> int:
    return world.entry(ALICE).allowance_left


def mail(world: World, campus: Launch, invite: Invite) -> None:
    with world.writing() as tx:
        inviting.send(tx, campus, invite, now=world.now)


def test_whoever_gave_none_yet_finds_two_ways_to_start(alice: FlaskClient) -> None:
    page = forms.visit(alice, MINE)
    assert (page.status, page.h1) == (200, "My invites")
    assert "3 of 3 invites left." in page.text
    assert "You have not invited anyone yet" in page.text
    assert page.follow("Invite by e-mail").h1 == "Invite by e-mail"
    assert page.follow("Get an invite link").h1 == "Get an invite link"


def test_every_kind_is_counted_and_lapsed_and_declined_look_the_same(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(allowance_left=9, allowance_given=9))
    lapsed = links.from_member(world, campus, ALICE, "lapsed@college.edu", days=1)
    declined = links.from_member(world, campus, ALICE, "declined@college.edu", days=30)
    accepted = links.from_member(world, campus, ALICE, "accepted@college.edu", days=30)
    revoked = links.from_member(world, campus, ALICE, "revoked@college.edu", days=30)
    link = links.from_member(world, campus, ALICE, uses=2, days=30)
    world.redeem(campus, accepted, "accepted@college.edu")
    world.redeem(campus, link, "first@college.edu")
    with world.writing() as tx:
        declining.decline(tx, campus, declined, actor=TEAM, now=world.now)
        inviting.revoke(tx, campus, revoked, actor=TEAM, now=world.now)
    world.later(days=2)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 10)
    with world.clock():
        page = forms.visit(alice, MINE)
        assert page.text.count('data-testid="invites-row"') == 5
        assert "1 of 2 used" in page.text
        counts = {
            words.rpartition(" ")[0]: words.rpartition(" ")[2]
            for words, _ in page.links
            if words[-1:].isdigit() and "··" not in words
        }
        assert counts == {
            "All": "5", "Waiting": "1", "Accepted": "1", "Expired or not accepted": "2", "Revoked": "1",
        }  # fmt: skip
        over = forms.visit(alice, f"{MINE}?show=over")
        assert over.text.count('data-testid="invites-row"') == 2
        assert over.text.count(">Not accepted<") == 2
        assert "Declined" not in over.text
        assert len([words for words, _ in over.links if words.startswith("Send again")]) == 2
        assert forms.visit(alice, f"{MINE}?show=nonsense&page=99").text.count('data-testid="invites-row"') == 5
    assert lapsed


def test_sending_again_ends_the_old_link_and_a_double_press_sends_once(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    mail(world, campus, invite)
    page = forms.visit(alice, MINE).follow(f"Send again for {ERIN}")
    assert "A new link is sent and the old one stops working. New end date:" in page.text
    assert newest(world, invite).version == 1, "the page only asks"
    done = page.submit("Send again")
    assert (done.h1, "Sent again. The old link stopped working." in done.text) == ("My invites", True)
    assert page.submit("Send again").h1 == "My invites"
    assert newest(world, invite).version == 2
    assert len(world.messages("member_invite", ERIN)) == 2


def test_a_lapsed_invite_costs_one_again(alice: FlaskClient, world: World, campus: Launch) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    assert left(world) == 2
    world.later(days=8)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 10)
    assert left(world) == 3
    with world.clock():
        page = forms.visit(alice, MINE).follow(f"Send again for {ERIN}")
        assert "It costs one of your invites again." in page.text
        page.submit("Send again")
    assert (left(world), newest(world, invite).ended_at) == (2, None)


def test_without_an_invite_left_or_against_a_wish_nothing_is_sent(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    poor, shy = links.from_member(world, campus, ALICE, ERIN), links.from_member(world, campus, ALICE, FRED)
    with world.writing() as tx:
        declining.decline(tx, campus, shy, never_again=True, actor=TEAM, now=world.now)
    world.later(days=8)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 10)
    with world.clock():
        asked = forms.visit(alice, f"{MINE}/{shy.public_id}/again").submit("Send again")
        assert (asked.status, "This address cannot be invited." in asked.text) == (409, True)
        with world.writing() as tx:
            tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(allowance_left=0))
        refused = forms.visit(alice, f"{MINE}/{poor.public_id}/again").submit("Send again")
        assert (refused.status, "You have no invites left." in refused.text) == (409, True)
        assert "No invites left" in forms.visit(alice, MINE).text


def test_cancelling_asks_first_and_gives_the_use_back_once(alice: FlaskClient, world: World, campus: Launch) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    page = forms.visit(alice, MINE).follow(f"Cancel invite for {ERIN}")
    assert "1 unused invite comes back to you." in page.text
    assert left(world) == 2
    for _ in range(2):
        assert page.submit("Cancel invite").h1 == "My invites"
        assert left(world) == 3
    assert newest(world, invite).revoked_at is not None


def test_the_qr_code_of_an_open_link_is_one_press_away(alice: FlaskClient, world: World, campus: Launch) -> None:
    assert "Show QR" not in forms.visit(alice, MINE).text
    links.from_member(world, campus, ALICE, uses=2)
    assert forms.visit(alice, MINE).follow("Show QR").h1 == "Your invite link"


def test_turning_a_link_off_keeps_who_came_in(alice: FlaskClient, world: World, campus: Launch) -> None:
    link = links.from_member(world, campus, ALICE, uses=3)
    world.redeem(campus, link, ERIN)
    page = forms.visit(alice, f"{MINE}/{link.public_id}/cancel")
    assert "2 unused invites come back to you." in page.text
    assert "Who came in by it stays in." in page.text
    page.submit("Turn off this link")
    assert left(world) == 2


def test_a_friend_is_reminded_once_and_not_before_two_days(alice: FlaskClient, world: World, campus: Launch) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    mail(world, campus, invite)
    assert "Remind" not in forms.visit(alice, MINE).text
    early = forms.visit(alice, f"{MINE}/{invite.public_id}/remind").submit("Remind")
    assert (early.status, "48 hours after" in early.text) == (409, True)
    world.later(hours=49)
    with world.clock():
        page = forms.visit(alice, MINE).follow(f"Remind for {ERIN}")
        assert "The reminder is on its way." in page.submit("Remind").text
        assert page.submit("Remind").h1 == "My invites"
        assert "Remind" not in [words.split(" for")[0] for words, _ in forms.visit(alice, MINE).links]
    assert len(world.messages("invite_reminder", ERIN)) == 1


def test_the_end_can_be_moved_within_a_year(alice: FlaskClient, world: World, campus: Launch) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    page = forms.visit(alice, MINE).follow(f"Change end date for {ERIN}")
    assert dict(page.form("Save").values)["until"] == invite.expires_at.date().isoformat()
    for wrong, why in (("tomorrow", "Enter a date"), ("2020-01-01", "Choose a day"), ("2999-01-01", "Choose a day")):
        refused = page.submit("Save", until=wrong)
        assert (refused.status, why in refused.text) == (422, True)
        assert dict(refused.form("Save").values)["until"] == wrong
    day = (world.now + timedelta(days=20)).date()
    assert "The new end date is set." in page.submit("Save", until=day.isoformat()).text
    assert newest(world, invite).expires_at.date() == day


@pytest.mark.parametrize(
    ("deed", "button"), [("again", "Send again"), ("remind", "Remind"), ("cancel", "Cancel invite")]
)
def test_who_was_first_is_told(alice: FlaskClient, world: World, campus: Launch, deed: str, button: str) -> None:
    invite = links.from_member(world, campus, ALICE, ERIN)
    mail(world, campus, invite)
    world.later(hours=49)
    with world.clock():
        page = forms.visit(alice, f"{MINE}/{invite.public_id}/{deed}")
        world.redeem(campus, invite, ERIN)
        over = page.submit(button)
        assert (over.status, over.h1) == (409, "This invite has changed")
        end = forms.visit(alice, f"{MINE}/{invite.public_id}/end")
        if deed == "cancel":
            day = (world.now + timedelta(days=9)).date().isoformat()
            assert end.submit("Save", until=day).status in (303, 200, 409)


def test_nobody_sees_or_changes_what_somebody_else_gave(
    world: World, campus: Launch, sign_in: SignIn, alice: FlaskClient
) -> None:
    world.member(campus, ERIN)
    invite = links.from_member(world, campus, ALICE, FRED)
    erin = sign_in(ERIN)
    for path in ("", "/again", "/cancel", "/remind", "/end", "/card", "/qr.png"):
        assert erin.get(f"{MINE}/{invite.public_id}{path}").status_code == 404
    token = dict(forms.visit(erin, "/w/campus/me/sessions").form("Sign out everywhere").values)["csrf_token"]
    for path in ("again", "cancel", "remind", "end"):
        assert erin.post(f"{MINE}/{invite.public_id}/{path}", data={"csrf_token": token}).status_code == 404
    assert alice.get(f"{MINE}/{world.invite_of(BOB).public_id}").status_code == 404, "a wave's is nobody's"


def test_a_mail_that_came_back_is_shown(alice: FlaskClient, world: World, campus: Launch) -> None:
    mail(world, campus, links.from_member(world, campus, ALICE, ERIN))
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.to_address == ERIN).values(state=MessageState.FAILED))
    assert "Not delivered" in forms.visit(alice, MINE).text


def test_a_pause_and_a_launch_to_all_are_told(alice: FlaskClient, world: World, campus: Launch) -> None:
    with world.writing() as tx:
        launching.pause(tx, campus, reason="x", public_reason="We move house.", actor=TEAM, now=world.now)
    assert "We move house." in forms.visit(alice, MINE).text
    with world.writing() as tx:
        tx.execute(sa.update(Launch).where(Launch.id == campus.id).values(launched_at=world.now - timedelta(hours=1)))
    assert "Everyone can join now" in forms.visit(alice, MINE).text


def test_more_than_fifty_have_pages(alice: FlaskClient, world: World, campus: Launch) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(allowance_left=60, allowance_given=60))
    for _ in range(51):
        links.from_member(world, campus, ALICE)
    first = forms.visit(alice, MINE)
    assert "(page 1 of 2)" in first.title
    assert first.follow("Next page").text.count('data-testid="invites-row"') == 1
