"""Alice pastes a list, sees a verdict for every address, and sends once: who went, who did not and why."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.parts import forms
from tests.parts.forms import Page
from tests.web.invites import links
from tests.web.member.conftest import SignIn
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.message import Message, MessageState
from waitlist.services import declining, inviting, launching

NEW = "/w/campus/me/invites/new"
ERIN, FRED = "erin@college.edu", "fred@college.edu"


def give(world: World, n: int) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(allowance_left=n, allowance_given=n))


def review(alice: FlaskClient, emails: str, **fields: str) -> Page:
    return forms.visit(alice, NEW).submit("Continue", emails=emails, **fields)


def sent_to(world: World) -> list[str]:
    return [mail.to_address for mail in world.messages("member_invite")]


def test_two_friends_get_one_invite_each_however_often_it_is_pressed(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    page = review(alice, f"Erin <{ERIN}>; {FRED}", note="See you there")
    assert (page.status, page.h1) == (200, "Check before sending")
    assert "Nothing is sent yet." in page.text
    assert page.text.count("Will be sent") == 2
    assert not world.messages("member_invite")
    result = page.submit("Send 2 invites")
    assert (result.status, result.h1) == (200, "2 invites sent")
    assert "You have 1 invite left." in result.text
    assert page.submit("Send 2 invites").h1 == "2 invites sent"
    assert sent_to(world) == [ERIN, FRED]
    assert forms.visit(alice, result.url).h1 == "2 invites sent", "a reload sends nothing"
    assert world.entry(ALICE).allowance_left == 1
    (invite,) = world.rows(Invite, Invite.email == ERIN)
    assert (invite.note, invite.language) == ("See you there", "en")


def test_every_address_gets_its_verdict(alice: FlaskClient, world: World, campus: Launch) -> None:
    give(world, 9)
    world.member(campus, "member@college.edu")
    shy = links.from_member(world, campus, ALICE, "shy@college.edu")
    with world.writing() as tx:
        declining.decline(tx, campus, shy, never_again=True, actor=TEAM, now=world.now)
    links.from_member(world, campus, ALICE, FRED)
    pasted = "\n".join([ERIN, CAROL, "member@college.edu", BOB, DAVE, "x@@y", "shy@college.edu", FRED, ERIN.upper()])
    page = review(alice, pasted)
    rows = page.text.split('data-testid="review-row"')[1:]
    verdicts = [
        ("Will be sent", ""),
        ("Already in line - your invite lets them in now", ""),
        ("Already a member", ""),
        ("Cannot be invited", ""),  # Bob has an invite of the team
        ("Wrong domain", "college.edu"),
        ("Check the address", "in the correct format"),
        ("Cannot be invited", ""),
        ("You invited them already", ""),
        ("Twice in your list", ""),
    ]
    assert len(rows) == len(verdicts)
    for row, (verdict, why) in zip(rows, verdicts, strict=True):
        assert verdict in row
        assert why in row
    result = page.submit("Send 2 invites")
    assert result.h1 == "2 invites sent"
    assert result.text.count('data-testid="skipped-row"') == 5, "who could be read and was passed over"


def test_who_is_over_the_limit_is_told_before(alice: FlaskClient, world: World, campus: Launch) -> None:
    give(world, 1)
    page = review(alice, f"{ERIN}\n{FRED}")
    assert "Over your limit" in page.text
    assert page.submit("Send 1 invite").h1 == "1 invite sent"
    none = review(alice, FRED)
    assert none.form("Change the list")
    assert "Send 1 invite" not in none.text


def test_a_friend_who_was_invited_in_between_is_not_written_to(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    page = review(alice, f"{ERIN}\n{FRED}")
    world.invited(campus, ERIN)
    result = page.submit("Send 2 invites")
    assert result.h1 == "1 invite sent"
    assert "Cannot be invited" in result.text
    assert sent_to(world) == [FRED]


def test_the_daily_limit_of_one_member_is_told(
    alice: FlaskClient, world: World, campus: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inviting, "A_DAY", 1)
    result = review(alice, f"{ERIN}\n{FRED}").submit("Send 2 invites")
    assert result.h1 == "1 invite sent"
    assert "Over your limit" in result.text
    assert world.entry(ALICE).allowance_left == 2, "who was passed over cost nothing"


def test_the_mail_is_shown_as_it_will_be_and_links_are_taken_out_of_the_note(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    page = review(alice, ERIN, note="Look at http://evil.example/x <b>now</b>")
    assert "Links were taken out of your note." in page.text
    assert "evil.example" not in page.text.split('<pre class="mail"')[1].split("</pre>")[0]
    assert "invited you to Campus" in page.text
    assert f"for {ERIN}" in page.text.replace("\n", " ")
    page.submit("Send 1 invite")
    (invite,) = world.rows(Invite, Invite.email == ERIN)
    assert "evil" not in invite.note


def test_a_french_invite_is_french(alice: FlaskClient, world: World, campus: Launch) -> None:
    page = review(alice, ERIN, language="fr")
    assert "Bonjour" in page.text
    page.submit("Send 1 invite")
    assert world.messages("member_invite", ERIN)[0].language == "fr"


def test_changing_the_list_keeps_everything_typed(alice: FlaskClient, campus: Launch) -> None:
    back = review(alice, f"{ERIN}\n{DAVE}", note="Hello").submit("Change the list")
    values = dict(back.form("Continue").values)
    assert values["emails"].split() == [ERIN, DAVE]
    assert values["note"] == "Hello"


@pytest.mark.parametrize(
    ("emails", "note", "why"),
    [
        ("", "", "Enter one e-mail address or more"),
        (" ,;\n", "", "Enter one e-mail address or more"),
        ("\n".join(f"p{n}@college.edu" for n in range(51)), "", "Enter 50 addresses or fewer at a time"),
        (ERIN, "x" * 281, "Personal note must be 280 characters or less"),
    ],
)
def test_a_form_that_does_not_fit_is_told_and_kept(
    alice: FlaskClient, world: World, campus: Launch, emails: str, note: str, why: str
) -> None:
    page = review(alice, emails, note=note)
    assert (page.status, why in page.text) == (422, True)
    assert dict(page.form("Continue").values)["note"] == note
    assert not world.messages("member_invite")


def test_a_review_left_open_for_two_days_is_asked_again(alice: FlaskClient, world: World, campus: Launch) -> None:
    page = review(alice, ERIN)
    world.later(days=2)
    with world.clock():
        stale = page.submit("Send 1 invite")
    assert (stale.status, "Your session timed out" in stale.text) == (422, True)
    assert not world.messages("member_invite")


def test_a_mail_that_could_not_be_delivered_is_told_on_the_result(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    result = review(alice, f"{ERIN}\n{FRED}").submit("Send 2 invites")
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.to_address == FRED).values(state=MessageState.FAILED))
    later = forms.visit(alice, result.url)
    assert later.h1 == "1 invite sent"
    assert "1 e-mail could not be delivered" in later.text
    assert later.follow(f"Try again for {FRED}").h1 == "Send the invite again"


def test_the_result_of_somebody_else_is_not_shown(
    alice: FlaskClient, world: World, campus: Launch, sign_in: SignIn
) -> None:
    world.member(campus, "other@college.edu")
    result = review(alice, ERIN).submit("Send 1 invite")
    other = sign_in("other@college.edu")
    assert forms.visit(other, result.url).h1 == "My invites"
    assert forms.visit(alice, "/w/campus/me/invites/sent/nonsense").h1 == "My invites"


def test_a_pause_is_told_before_anybody_types(alice: FlaskClient, world: World, campus: Launch) -> None:
    with world.writing() as tx:
        launching.pause(tx, campus, reason="x", public_reason="y", actor=TEAM, now=world.now)
    assert "Invites are paused." in forms.visit(alice, NEW).text


def test_alice_writes_from_her_own_mail_app_and_nothing_is_sent_for_her(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    page = review(alice, f"{ERIN}, {FRED}, {DAVE}", how="app", note="See you there")
    assert page.text.count("Can be invited") == 2
    assert not world.rows(Invite, Invite.inviter_id.is_not(None))
    result = page.submit("Make a link for 2 people")
    assert (result.status, result.h1) == (200, "A link for 2 people is ready")
    ((_, address),) = [link for link in result.links if link[1].startswith("mailto:?bcc=")]
    assert address.startswith(f"mailto:?bcc={ERIN},{FRED}&subject=Your%20invite%20to%20Campus&body=See%20you%20there")
    assert page.submit("Make a link for 2 people").h1 == result.h1
    (invite,) = world.rows(Invite, Invite.inviter_id.is_not(None))
    assert (invite.max_uses, invite.email) == (2, None)
    assert world.entry(ALICE).allowance_left == 1
    assert not world.messages("member_invite")


def test_her_own_mail_is_in_the_language_she_chose(alice: FlaskClient, world: World, campus: Launch) -> None:
    result = review(alice, ERIN, how="app", language="fr").submit("Make a link for 1 person")
    assert "Votre%20invitation" in next(link for _, link in result.links if link.startswith("mailto:?bcc="))
