"""The status page in every state a person can be in, and what can be done from it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.web.public.conftest import Hand
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.services import holding, launching
from waitlist.services.gathering import Audience


def change(world: World, noun: type, **values: object) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(noun).values(**values))


@both
def test_carol_sees_where_she_stands_and_why(hand: Hand, world: World) -> None:
    campus = world.launch(points=5)
    world.crowd(campus, 3)
    carol = world.waiting(campus, CAROL, name="Carol Lee")
    ben = world.waiting(campus, "ben@college.edu", by=carol, name="Ben Okri")
    world.join(campus, "chen@college.edu", by=carol)
    world.waiting(campus, "carol@COLLEGE.edu".replace("carol", "carol+2"), by=carol)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.id == ben.id).values(share_name=True))
    page = hand.open(hand.status(campus, carol))
    assert (page.status, page.state, page.h1) == (200, "waiting", "You are in line, Carol")
    assert "Place 1 of 6 people waiting" in page.text
    assert "Up 3 since you joined · Why?" in page.text
    numbers = [n.replace("−", "-") for n in re.findall(r'<dd class="number">(?:<strong>)?([−+\d]+)', page.text)]
    assert numbers == ["4", "-3", "1"]
    assert int(numbers[0]) + int(numbers[1]) == int(numbers[2])
    assert "Ben O. joined (+5 points)" in page.text
    assert "c•••@…" in page.text
    assert "Friends (2)" in page.text
    assert 'href="https://wa.me/?text=I%20am%20in%20line%20for%20Campus.' in page.text
    assert f"http://127.0.0.1:8000/r/{carol.slug}" in page.text
    assert 'aria-label="QR code for your link"' in page.text
    assert "Keep this link private - it opens your page." in page.text
    assert "No date yet. We e-mail you when there is one." in page.text
    assert page.follow("Refresh").state == "waiting"


def test_nobody_yet_is_an_invitation_to_share(hand: Hand, world: World) -> None:
    campus = world.launch()
    page = hand.open(hand.status(campus, world.waiting(campus)))
    assert "No friends yet. Share your link to move up." in page.text
    assert "since you joined" not in page.text


def test_where_friends_do_not_count_nobody_is_told_to_move_up(hand: Hand, world: World) -> None:
    campus = world.launch(points=0)
    page = hand.open(hand.status(campus, world.waiting(campus)))
    assert "Move up" not in page.text
    assert "Share your link" in page.text


def test_a_friend_who_is_not_counted_is_never_told_why(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    dan = world.waiting(campus, "dan@college.edu")
    world.waiting(campus, "erin+1@college.edu", by=dan)
    world.waiting(campus, "erin+2@college.edu", by=carol)
    page = hand.open(hand.status(campus, carol))
    assert 'data-testid="friend" data-state="withheld"' in page.text
    assert page.follow("how counting works").state == "how-it-works"


def test_going_back_is_said_as_plainly_as_moving_up(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol, dan = world.waiting(campus), world.waiting(campus, "dan@college.edu")
    world.waiting(campus, "erin@college.edu", by=dan)
    assert "Down 1 since you joined" in hand.open(hand.status(campus, carol)).text


@pytest.mark.parametrize(
    ("shown", "says"), [("hidden", "This list does not show places"), ("band", "Within the first 100")]
)
def test_places_are_shown_as_the_team_chose(hand: Hand, world: World, shown: str, says: str) -> None:
    campus = world.launch(places_shown=shown)
    page = hand.open(hand.status(campus, world.waiting(campus)))
    assert says in page.text
    assert "data-place=" not in page.text


def test_bob_has_an_invite_to_accept(hand: Hand, world: World) -> None:
    campus = world.launch()
    bob = world.waiting(campus, BOB)
    world.release(campus, 1)
    page = hand.open(hand.status(campus, bob))
    assert (page.state, page.h1) == ("invited", "Your invite is ready")
    assert "It works until" in page.text
    assert "(in 1 week)" in page.text
    [(_, href)] = [link for link in page.links if link[0] == "Accept your invite"]
    assert href.startswith("/i/")


def test_alice_is_in(hand: Hand, world: World) -> None:
    campus = world.launch(product_url="https://campus.example/app")
    page = hand.open(hand.status(campus, world.member(campus, ALICE)))
    assert (page.state, page.h1) == ("joined", "You are in")
    assert ("Open Campus", "https://campus.example/app") in page.links
    assert ("Invite friends", "/w/campus/me/invites") in page.links
    assert "Leave the line" not in page.text


def test_an_invite_that_ended_keeps_the_place_and_no_number(hand: Hand, world: World) -> None:
    campus = world.launch(contact_email="help@campus.example")
    bob = world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=8)
    page = hand.open(hand.status(campus, bob))
    assert (page.state, page.h1) == ("lapsed", "Your invite expired")
    assert "Your place is kept" in page.text
    assert "data-place=" not in page.text
    page = hand.send(page, "Ask for a new invite")
    assert "You asked for a new invite. We e-mail you what is decided." in page.text
    assert "You asked for a new invite on" in page.text
    assert [mail.to_key for mail in world.messages("invite_asked")] == ["help@campus.example"]
    assert hand.press(hand.status(campus, bob) + "/invite").state == "lapsed"


def test_a_launch_that_renews_once_sends_a_new_invite_at_once(hand: Hand, world: World) -> None:
    campus = world.launch(renew_once=True)
    bob = world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=8)
    page = hand.send(hand.open(hand.status(campus, bob)), "Ask for a new invite")
    assert "A new invite is on its way to your inbox." in page.text
    assert page.state == "invited"
    assert len(world.messages("invite", BOB)) == 2


def test_who_has_no_invite_cannot_ask_for_a_new_one(hand: Hand, world: World) -> None:
    campus = world.launch()
    page = hand.press(hand.status(campus, world.waiting(campus)) + "/invite")
    assert (page.state, "asked for a new invite" in page.text) == ("waiting", False)


def test_an_invite_that_was_taken_back_is_not_asked_for(hand: Hand, world: World) -> None:
    from waitlist.models.invite import Invite

    campus = world.launch()
    bob = world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=8)
    change(world, Invite, revoked_at=world.now)
    page = hand.press(hand.status(campus, bob) + "/invite")
    assert "We e-mail you what is decided." not in page.text


def test_somebody_held_sees_a_neutral_sentence_and_no_number(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL, name="Carol")
    with world.writing() as tx:
        holding.hold(tx, campus, carol.id, reason="looks odd", actor=TEAM, now=world.now)
    page = hand.open(hand.status(campus, carol))
    assert (page.state, page.h1) == ("held", "You are in line, Carol")
    assert "Your place is kept. We are checking some sign-ups." in page.text
    assert "data-place=" not in page.text
    assert "looks odd" not in page.text


def test_leaving_asks_first_and_can_be_undone_for_seven_days(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    carol = world.waiting(campus)
    world.waiting(campus, "dan@college.edu")
    page = hand.open(hand.status(campus, carol)).follow("Leave the line")
    assert page.state == "leave"
    assert world.place(CAROL) == 3
    page = hand.send(page, "Leave the line")
    assert (page.state, page.h1.startswith("You left the line on")) == ("left", True)
    assert world.place(CAROL) is None
    back = hand.send(page, "Undo")
    assert "Welcome back. You have your place again." in back.text
    assert world.place(CAROL) == 3
    assert hand.send(page, "Undo").state == "waiting"
    hand.send(hand.open(hand.status(campus, carol)).follow("Leave the line"), "Leave the line")
    twice = hand.press(hand.status(campus, carol) + "/leave")
    assert twice.state == "left"
    world.later(days=8)
    late = hand.send(page, "Undo")
    assert "The seven days to come back are over." in late.text
    assert "Undo" not in [words for form in late.forms for words, _, _ in form.buttons]
    assert late.follow("Join again").state == "open"


def test_leaving_with_an_open_invite_says_that_it_ends(hand: Hand, world: World) -> None:
    campus = world.launch()
    bob = world.waiting(campus, BOB)
    world.release(campus, 1)
    page = hand.open(hand.status(campus, bob)).follow("Leave the line")
    assert "Your open invite ends too, and does not come back." in page.text


def test_a_new_private_link_ends_the_old_one(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    old = hand.status(campus, carol)
    page = hand.send(hand.open(old).follow("Your data").follow("Make a new private link"), "Make a new private link")
    assert "This is your new private link. The old one stopped working." in page.text
    gone = hand.open(old)
    assert (gone.status, gone.state, gone.h1) == (410, "rotated", "You made a newer private link")
    assert hand.press(old + "/leave").status == 410
    assert world.place(CAROL) == 1
    assert hand.send(gone, "E-mail me my link", email=CAROL).state == "find-sent"


def test_who_has_not_confirmed_is_told_to(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.join(campus, CAROL)
    page = hand.open(hand.status(campus, world.entry(CAROL)) + "?done=confirmed")
    assert (page.state, page.h1) == ("unconfirmed", "Confirm your e-mail first")
    assert "Your place is confirmed." not in page.text


@pytest.mark.parametrize("how", ["altered", "removed", "unknown"])
def test_a_place_that_is_nobodys_leads_to_find_my_place(hand: Hand, world: World, how: str) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    path = hand.status(campus, carol)
    if how == "altered":
        path = path[:-6] + "AAAAAA"
    elif how == "removed":
        change(world, Entry, state=State.REMOVED)
    else:
        path = hand.link(__import__("waitlist.tokens", fromlist=["Purpose"]).Purpose.STATUS, campus, "ent_nobody")
    page = hand.open(path)
    assert (page.status, page.state, page.h1) == (404, "no-place", "We cannot find this place")
    assert hand.send(page, "E-mail me my link", email=CAROL).state == "find-sent"


def test_among_several_launches_an_unreadable_link_asks_which(hand: Hand, world: World) -> None:
    world.launch()
    world.launch("other")
    page = hand.open("/s/nonsense")
    assert (page.status, page.forms) == (404, [])
    assert page.follow("Find my place").state == "home"


def test_a_pause_is_told_with_its_reason(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="x", public_reason="Back at noon.", actor=TEAM, now=world.now)
    page = hand.open(hand.status(campus, carol))
    assert page.status == 200
    assert "This waitlist is paused. You keep your place." in page.text
    assert "Back at noon." in page.text


def test_once_it_is_open_to_all_the_page_leads_in(hand: Hand, world: World) -> None:
    campus = world.launch(product_url="https://campus.example/app")
    carol = world.waiting(campus)
    change(world, Launch, launched_at=world.now - timedelta(minutes=1))
    page = hand.open(hand.status(campus, carol))
    assert "You can come in now" in page.text
    assert ("Go to Campus", "https://campus.example/app") in page.links


def test_rules_that_changed_are_told_while_the_place_stays(hand: Hand, world: World) -> None:
    from waitlist.models.launch import GateRevision

    campus = world.launch()
    carol = world.waiting(campus)
    with world.writing() as tx:
        row = {"launch_id": campus.id, "revision": 2, "note": "Only other.edu from now on.", "created_at": world.now}
        tree = {"kind": "domain", "domains": ["other.edu"]}
        tx.execute(sa.insert(GateRevision).values(row | {"tree": tree, "created_by": "admin:1"}))
        tx.execute(sa.update(Launch).values(revision=2))
    page = hand.open(hand.status(campus, carol))
    assert "The rules changed: Use an address at other.edu. college.edu is not on the list." in page.text
    assert world.place(CAROL) == 1
    rules = page.follow("How this line works")
    assert "Only other.edu from now on." in rules.text


def test_moved_by_the_team_is_said(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    change(world, Entry, moved_at=world.now)
    assert "Moved by the team" in hand.open(hand.status(campus, carol)).text


def test_an_invite_that_was_asked_for_again_says_so(hand: Hand, world: World) -> None:
    from waitlist.models.invite import Invite

    campus = world.launch()
    bob = world.waiting(campus, BOB)
    world.release(campus, audience=Audience("selected", entry_ids=(bob.id,)))
    world.later(days=8)
    change(world, Invite, asked_at=world.now)
    page = hand.open(hand.status(campus, bob))
    assert "You asked for a new invite on" in page.text


def test_carol_is_named_to_friends_only_once_she_says_so(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL, name="Carol Lee")
    page = hand.open(hand.status(campus, carol)).follow("How others see you")
    assert (page.status, page.state, dict(page.form("name-form").values)) == (200, "name", {"name": "Carol Lee"})
    too_long = hand.send(page, "name-form", name="x" * 121, shown="yes")
    assert (too_long.status, too_long.text.count("Full name must be 120 characters or less")) == (422, 2)
    assert "Saved." in hand.send(page, "name-form", name="Carol Ann Lee", shown="yes").text
    assert (
        "Carol L. invited you. Carol L. gets credit when you confirm."
        in Hand(hand.app, world).open(f"/r/{carol.slug}").text
    )
    assert len(world.events("introducing.introduced")) == 1
    hand.send(page, "name-form", name="", shown="yes")
    assert world.entry(CAROL).share_name is False
