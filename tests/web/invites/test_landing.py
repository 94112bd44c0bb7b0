"""Whoever opens an invite learns what it is, and gets one button, or the way out of what it became."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.parts import forms
from tests.web.invites import links
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.invite import Invite, Redemption, Wish
from waitlist.models.launch import GateRevision, Launch
from waitlist.services import denying, holding, inviting, launching
from waitlist.tokens import Purpose

ERIN = "erin@college.edu"


@pytest.fixture
def campus(world: World) -> Launch:
    return world.cast(world.launch(contact_email="help@college.edu"))


def uses(world: World, invite: Invite) -> int:
    return world.rows(Invite, Invite.id == invite.id)[0].uses


def test_bob_accepts_what_was_mailed_to_him_with_one_press(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.invite_of(BOB)
    page = forms.visit(client, links.mailed(world, campus, invite))
    assert (page.status, page.state, page.h1) == (200, "open", "Your invite to Campus")
    assert BOB in page.text, "his own link shows his address in full"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["X-Robots-Tag"] == "noindex"
    welcome = page.submit("Accept invite")
    assert (welcome.status, welcome.h1, welcome.state) == (200, "You are in", "welcome")
    assert world.entry(BOB).state == State.JOINED
    again = forms.visit(client, links.mailed(world, campus, invite))
    assert (again.status, again.h1, again.state) == (200, "You are already in", "used")
    assert page.submit("Accept invite").h1 == "You are in", "a second press finds the first result"
    assert len(world.rows(Redemption, Redemption.invite_id == invite.id)) == 1


def test_a_shown_link_hides_the_address_and_asks_for_six_digits_there(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    invite = world.invite_of(BOB)
    page = forms.visit(client, links.shown(world, campus, invite))
    assert BOB not in page.text
    assert "b•••@college.edu" in page.text
    assert "This is not for me" not in page.text, "a stranger with the link cannot say no for Bob"
    code = page.submit("Accept invite")
    assert (code.h1, code.state) == ("Check your inbox", "code")
    assert world.messages("proof", BOB)
    assert uses(world, invite) == 0
    assert code.submit("Continue", code=links.digits(world)).h1 == "You are in"
    assert uses(world, invite) == 1


def test_a_link_for_anybody_asks_for_the_address_then_the_digits(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    invite = world.issue(campus, uses=2)
    page = forms.visit(client, links.shown(world, campus, invite))
    assert "2 of 2 left" in page.text
    code = page.submit("accept", email=ERIN)
    assert code.h1 == "Check your inbox"
    assert ERIN in code.text
    assert code.submit("Continue", code=links.digits(world)).h1 == "You are in"
    assert world.entry(ERIN).state == State.JOINED
    assert client.get_cookie("wl_on-campus") is not None, "the browser knows her from now on"
    mine = forms.visit(client, links.shown(world, campus, invite))
    assert (mine.status, mine.h1) == (200, "You are already in")


@pytest.mark.parametrize("typed", ["", "erin", "erin@@college.edu", "erin@college.edu."])
def test_what_is_no_address_is_told_and_kept(client: FlaskClient, world: World, campus: Launch, typed: str) -> None:
    page = forms.visit(client, links.shown(world, campus, world.issue(campus)))
    refused = page.submit("accept", email=typed)
    assert refused.status == 422
    assert refused.title.startswith("Error: ")
    assert "There is a problem" in refused.text
    assert dict(refused.form("accept").values)["email"] == typed
    assert not world.rows(Attempt, Attempt.kind == "redeem")


def test_dave_of_the_wrong_campus_is_told_which_address_would_do(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    invite = world.issue(campus)
    page = forms.visit(client, links.shown(world, campus, invite))
    refused = page.submit("accept", email=DAVE)
    assert (refused.status, refused.state) == (403, "wrong_domain")
    assert refused.h1 == "Campus is open to @college.edu addresses"
    assert DAVE in refused.text
    assert not world.messages("proof", DAVE), "nobody is mailed for nothing"
    assert refused.submit("accept", email=ERIN).h1 == "Check your inbox"
    assert uses(world, invite) == 0


def test_a_slip_in_the_domain_is_one_press_from_right(client: FlaskClient, world: World, campus: Launch) -> None:
    page = forms.visit(client, links.shown(world, campus, world.issue(campus)))
    refused = page.submit("accept", email="erin@colege.edu")
    assert refused.status == 403
    assert refused.submit("Use erin@college.edu").h1 == "Check your inbox"
    assert world.messages("proof", ERIN)


def test_rules_that_changed_since_the_mail_are_asked_again(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.invite_of(BOB)
    page = forms.visit(client, links.mailed(world, campus, invite))
    with world.writing() as tx:
        tx.execute(sa.update(GateRevision).values(tree={"kind": "listed", "list": "vip"}))
    refused = page.submit("Accept invite")
    assert (refused.status, refused.state) == (403, "wrong_domain")
    assert refused.h1 == "This address is not among those let in"
    assert not [form for form in refused.forms if "email" in form.controls], "the invite is his alone"
    assert world.entry(BOB).state == State.INVITED


def test_a_blocked_person_reads_that_it_is_no_longer_available(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    block(world, campus, ERIN)
    page = forms.visit(client, links.shown(world, campus, world.issue(campus)))
    refused = page.submit("accept", email=ERIN)
    assert (refused.status, refused.h1) == (410, "This invite is no longer available")


def block(world: World, launch: Launch, email: str) -> None:
    with world.writing() as tx:
        denying.deny(
            tx,
            launch,
            kind="address",
            value=world.newcomer(launch, email).abuse_key,
            shown=email,
            reason="test",
            until=None,
            actor=TEAM,
            now=world.now,
        )


def test_ada_names_herself_in_what_she_mails_and_her_note_is_plain(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(name="Ada Lovelace"))
    invite = links.from_member(world, campus, ALICE, ERIN, note="<b>Come</b> & see")
    page = forms.visit(client, links.mailed(world, campus, invite))
    assert page.h1 == "Ada Lovelace invited you to Campus"
    assert "&lt;b&gt;Come&lt;/b&gt; &amp; see" in page.text
    assert "Who is Ada Lovelace?" in page.text
    shared = links.from_member(world, campus, ALICE)
    link = forms.visit(client, links.shown(world, campus, shared))
    assert "Ada Lovelace" not in link.text, "a link that anybody may have names nobody who did not allow it"
    assert "Who sent this?" in link.text


def test_carol_who_waits_uses_an_invite_now_and_keeps_who_brought_her(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    bob_invite = world.invite_of(BOB)
    world.redeem(campus, bob_invite, BOB)
    erin = world.waiting(campus, ERIN, by=world.entry(BOB))
    invite = links.from_member(world, campus, ALICE, ERIN)
    page = forms.visit(client, links.mailed(world, campus, invite))
    assert page.submit("Use this invite now and leave the line").h1 == "You are in"
    entry = world.entry(ERIN)
    assert (entry.state, entry.referrer_id) == (State.JOINED, erin.referrer_id)
    assert world.place(ERIN) is None
    assert world.messages("invite_accepted", ALICE)


def test_somebody_known_here_need_not_type_the_address_again(client: FlaskClient, world: World, campus: Launch) -> None:
    know(client, world, campus, CAROL)
    page = forms.visit(client, links.shown(world, campus, world.issue(campus)))
    assert CAROL not in page.text
    assert "c•••@college.edu" in page.text
    code = page.submit("accept-known")
    assert CAROL in code.text
    assert world.messages("proof", CAROL), "being known is no proof"
    assert code.submit("Continue", code=links.digits(world)).h1 == "You are in"


def know(client: FlaskClient, world: World, launch: Launch, email: str) -> None:
    """This browser proved the mailbox before."""
    token = world.runtime.tokens.sign(Purpose.DEVICE, launch.public_id, world.entry(email, launch).public_id)
    client.set_cookie(f"wl_on-{launch.slug}", token)


def test_a_member_who_opens_somebody_elses_link_is_told_they_are_in(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    know(client, world, campus, ALICE)
    invite = world.issue(campus)
    page = forms.visit(client, links.shown(world, campus, invite))
    assert (page.status, page.h1, page.state) == (200, "You are already a member", "member")
    assert "Share your own invites" in page.text
    pressed = client.post(links.shown(world, campus, invite))
    assert pressed.status_code == 200
    assert uses(world, invite) == 0


def test_a_member_by_address_is_told_so_after_the_proof(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.issue(campus)
    page = forms.visit(client, links.shown(world, campus, invite))
    code = page.submit("accept", email=ALICE)
    answer = code.submit("Continue", code=links.digits(world))
    assert (answer.status, answer.h1) == (200, "You are already a member")
    assert uses(world, invite) == 0


def test_the_last_place_goes_and_the_invite_is_kept(client: FlaskClient, world: World) -> None:
    full = world.launch(seats=1)
    invite, other = world.issue(full), world.issue(full)
    page = forms.visit(client, links.shown(world, full, invite))
    code = page.submit("accept", email=ERIN)
    world.redeem(full, other, CAROL)
    refused = code.submit("Continue", code=links.digits(world))
    assert (refused.status, refused.state) == (409, "no_seat")
    assert refused.h1 == "The last place was taken a moment ago."
    assert "Your invite is kept; we will e-mail you." in refused.text
    assert uses(world, invite) == 0
    before = forms.visit(client, links.shown(world, full, invite))
    assert (before.status, before.state) == (200, "no_seat")
    assert [wish.email for wish in world.rows(Wish)] == [ERIN]


def test_a_pause_stops_the_clock_and_the_button(client: FlaskClient, world: World, campus: Launch) -> None:
    invite, link = world.invite_of(BOB), world.issue(campus)
    open_page = forms.visit(client, links.mailed(world, campus, invite))
    with world.writing() as tx:
        launching.pause(tx, campus, reason="moving", public_reason="We move house.", actor=TEAM, now=world.now)
    page = forms.visit(client, links.mailed(world, campus, invite))
    assert (page.status, page.state) == (200, "paused")
    assert "Yours stays valid: the pause does not use up its time." in page.text
    assert "We move house." in page.text
    assert [form.id for form in page.forms] == [""], "only saying no is left"
    pressed = open_page.submit("Accept invite")
    assert (pressed.status, pressed.state) == (409, "paused")
    assert client.post(links.shown(world, campus, link), data={"email": ERIN}).status_code == 409
    world.later(days=30)
    with world.clock():
        assert forms.visit(client, links.mailed(world, campus, invite)).state == "paused"


def test_a_held_person_is_told_about_the_check(client: FlaskClient, world: World, campus: Launch) -> None:
    page = forms.visit(client, links.mailed(world, campus, world.invite_of(BOB)))
    with world.writing() as tx:
        holding.hold(tx, campus, world.entry(BOB).id, reason="look", actor=TEAM, now=world.now)
    held = page.submit("Accept invite")
    assert (held.status, held.state, held.h1) == (409, "held", "We are checking some sign-ups.")


def test_an_invite_that_starts_later_says_when(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.issue(campus, starts_at=world.now + timedelta(days=2), days=9)
    page = forms.visit(client, links.shown(world, campus, invite))
    assert (page.status, page.state) == (200, "not_yet")
    assert "It opens on" in page.text
    assert client.post(links.shown(world, campus, invite), data={"email": ERIN}).status_code == 409
    soon = world.launch("soon", opens_at=world.now + timedelta(days=5))
    bound = world.invited(soon, ERIN)
    early = forms.visit(client, links.mailed(world, soon, bound))
    assert (early.status, early.state) == (200, "not_yet")
    assert client.post(links.mailed(world, soon, bound)).status_code == 409


def test_after_the_launch_to_all_the_link_leads_on(client: FlaskClient, world: World) -> None:
    campus = world.launch(product_url="https://product.example/start")
    invite = world.invited(campus, ERIN)
    with world.writing() as tx:
        tx.execute(sa.update(Launch).where(Launch.id == campus.id).values(launched_at=world.now - timedelta(hours=1)))
    page = forms.visit(client, links.mailed(world, campus, invite))
    assert (page.status, page.state, page.h1) == (200, "launched", "Everyone can join now. No waiting.")
    assert ("Go to Campus", "https://product.example/start") in page.links


def test_a_used_up_link_says_whose_places_are_taken(client: FlaskClient, world: World, campus: Launch) -> None:
    one, two = world.issue(campus), world.issue(campus, uses=2)
    world.redeem(campus, one, ERIN)
    for email in ("f@college.edu", "g@college.edu"):
        world.redeem(campus, two, email)
    page = forms.visit(client, links.shown(world, campus, one))
    assert (page.status, page.state, page.h1) == (410, "used_up", "This invite has been used")
    assert "Join the waitlist" in page.text
    assert forms.visit(client, links.shown(world, campus, two)).h1 == "All 2 places on this link are taken"
    assert client.post(links.shown(world, campus, two), data={"email": CAROL}).status_code == 410


def test_a_revoked_invite_is_neutral(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.invited(campus, ERIN)
    page = forms.visit(client, links.mailed(world, campus, invite))
    with world.writing() as tx:
        inviting.revoke(tx, campus, invite, actor=TEAM, now=world.now)
    gone = forms.visit(client, links.mailed(world, campus, invite))
    assert (gone.status, gone.state, gone.h1) == (410, "revoked", "This invite is no longer available")
    assert "admin" not in gone.text.lower()
    pressed = page.submit("Accept invite")
    assert (pressed.status, pressed.state) == (410, "revoked")


def test_a_replaced_link_sends_the_newest_again(client: FlaskClient, world: World, campus: Launch) -> None:
    invite = world.invited(campus, ERIN)
    old = links.mailed(world, campus, invite)
    with world.writing() as tx:
        inviting.resend(tx, campus, invite, keys=world.keys, actor=TEAM, now=world.now)
    page = forms.visit(client, old)
    assert (page.status, page.state) == (410, "replaced")
    assert page.h1.startswith("A newer invite was sent on ")
    before = len(world.messages("invite", ERIN))
    sent = page.submit("Send it to me again")
    assert (sent.status, sent.state, sent.h1) == (200, "sent", "Check your inbox")
    assert len(world.messages("invite", ERIN)) == before + 1
    assert forms.visit(client, links.mailed(world, campus, invite, version=2)).state == "open", "it still works"


def test_an_altered_link_offers_the_typed_code(client: FlaskClient, world: World, campus: Launch) -> None:
    link = links.mailed(world, campus, world.invite_of(BOB))
    for altered in ("/i/nonsense", link[:-4] + "AAAA", link.replace(".", "x.", 1)):
        page = forms.visit(client, altered)
        assert (page.status, page.state, page.h1) == (404, "altered", "Check the link")
        assert page.form("/redeem").controls == {"code"}
        assert client.post(altered).status_code == 404
    newer = links.mailed(world, campus, world.invite_of(BOB), version=9)
    assert forms.visit(client, newer).status == 404, "a version that was never sent"


def test_enough_mails_for_one_address_is_a_page(client: FlaskClient, world: World, campus: Launch) -> None:
    page = forms.visit(client, links.shown(world, campus, world.issue(campus)))
    for _ in range(5):
        assert page.submit("accept", email=ERIN).h1 == "Check your inbox"
    refused = page.submit("accept", email=ERIN)
    assert refused.status == 429
    assert int(refused.headers["Retry-After"]) > 0
