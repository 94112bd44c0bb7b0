"""Grace makes single invites, hands on links and codes, and takes them back."""

from __future__ import annotations

import html
import re

import pytest

from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import ALICE, CAROL, TEAM, World
from waitlist.models.access import Role
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.services import asking, lapsing, launching

INVITES = "/admin/w/campus/invites"


def make(grace: Desk, status: int = 303, **typed: object) -> str:
    response = grace.press(f"{INVITES}/new", status=status, **typed)
    return response.location if status == 303 else response.text


def test_an_invite_for_one_address_is_mailed_and_holds_a_seat(grace: Desk, world: World) -> None:
    campus = world.launch(seats=1)
    at = make(grace, email=CAROL, note="Come in", days="3")
    assert at.endswith("?done=created")
    page = grace.get(at)
    assert CAROL in page
    assert "Come in" in page
    (invite,) = world.rows(Invite)
    assert (invite.max_uses, invite.holds_seat, invite.overrides_rules) == (1, True, False)
    assert world.messages("invite", CAROL)
    assert world.seats(campus) == 1
    full = make(grace, status=409, email="erin@college.edu")
    assert "No seat is left." in full


def test_somebody_in_line_is_found_by_the_address(grace: Desk, world: World) -> None:
    carol = world.waiting(world.launch())
    make(grace, email=CAROL)
    assert world.rows(Invite)[0].entry_id == carol.id


def test_a_code_for_ten_people_is_shown_with_its_link(grace: Desk, world: World) -> None:
    campus = world.launch()
    page = grace.get(make(grace, kind="open", uses="10"))
    code = re.search(r'data-testid="code">([^<]*)<', page)[1]
    assert re.fullmatch(r"CAMPUS(-\w{4}){3}-\w{2}", code)
    assert "/i/" in html.unescape(page)
    (invite,) = world.rows(Invite)
    assert (invite.max_uses, invite.email) == (10, None)
    assert world.messages("invite") == []
    world.redeem(campus, invite, ALICE)
    used = grace.get(f"{INVITES}/{invite.public_id}")
    assert ALICE in used
    assert "1 of 10" in used
    assert "··" in grace.get(INVITES)


def test_an_archived_waitlist_makes_no_invite_and_says_why(grace: Desk, world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        launching.archive(tx, campus, actor=TEAM, now=world.now)
    assert "This waitlist is over" in make(grace, status=409, email=CAROL)
    assert world.rows(Invite) == []


def test_pressing_twice_makes_one_invite(grace: Desk, world: World) -> None:
    world.launch()
    form = form_of(grace.get(f"{INVITES}/new"))
    data = dict(form["fields"]) | {"email": CAROL}
    answers = [grace.client.post(f"{INVITES}/new", data=data).location for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(world.rows(Invite)) == 1


def test_a_new_link_ends_the_old_one_and_a_revoked_invite_is_over(grace: Desk, world: World) -> None:
    world.launch()
    at = make(grace, email=CAROL).partition("?")[0]
    before = grace.get(at)
    assert "Sent again." in grace.get(grace.press(at, "/resend").location)
    assert world.rows(Invite)[0].version == 2
    assert re.search(r'id="invite-link"[^>]*', before)[0] != re.search(r'id="invite-link"[^>]*', grace.get(at))[0]
    form = form_of(grace.get(at), "/resend")
    revoked = grace.get(grace.press(at, "/revoke").location)
    assert "The invite is revoked." in revoked
    assert 'id="invite-link"' not in revoked
    late = grace.client.post(form["action"], data=dict(form["fields"]))
    assert late.location == at + "?done=over"
    assert "This invite was over already" in grace.get(late.location)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"kind": "nobody"}, "Select whom it is for"),
        ({"email": ""}, "Enter your e-mail address"),
        ({"kind": "open", "uses": ""}, "Enter for how many people"),
        ({"kind": "open", "uses": "0"}, "Enter a number from 1 to 10000"),
        ({"email": CAROL, "days": ""}, "Enter a number of days"),
        ({"email": CAROL, "allowance": "21"}, "Enter a number from 0 to 20"),
        ({"email": CAROL, "note": "x" * 281}, "Use 280 characters or fewer"),
    ],
)
def test_each_fault_has_its_words(grace: Desk, world: World, typed: dict[str, str], words: str) -> None:
    world.launch()
    assert words in make(grace, status=422, **typed)
    assert world.rows(Invite) == []


def test_only_an_admin_overrides_the_rules(appoint: Appoint, grace: Desk, world: World) -> None:
    campus = world.launch()
    releaser = appoint("linus@team.example", Role.RELEASER, campus)
    assert "overrides_rules" not in releaser.get(f"{INVITES}/new")
    make(releaser, email=CAROL, overrides_rules="yes", language="xx")
    make(grace, email="x@elsewhere.edu", overrides_rules="yes", language="fr")
    assert [(row.overrides_rules, row.language) for row in world.rows(Invite)] == [(False, "en"), (True, "fr")]


def test_an_analyst_sees_no_code(appoint: Appoint, grace: Desk, world: World) -> None:
    campus = world.launch()
    at = make(grace, kind="open", uses="2").partition("?")[0]
    analyst = appoint("linus@team.example", Role.ANALYST, campus)
    assert "New invite" not in analyst.get(INVITES)
    analyst.get(at, status=403)
    world.launch("beta")
    grace.get(at.replace("/campus/", "/beta/"), status=404)


def test_older_invites_are_on_the_next_page(grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    campus = world.launch()
    assert "No single invite yet" in grace.get(INVITES)
    for _ in range(3):
        world.issue(campus, uses=2)
    monkeypatch.setattr("waitlist.web.admin.invites.PAGE", 2)
    page = grace.get(INVITES)
    following = re.search(r'rel="next" href="([^"]*)"', page)
    assert grace.get(following[1]).count('data-testid="invites-row"') == 1


def test_who_asks_for_a_new_invite_is_answered_once(grace: Desk, world: World) -> None:
    campus = world.launch()
    for email in (CAROL, "erin@college.edu"):
        ask_again(world, campus, email)
    page = grace.get(INVITES)
    assert page.count('data-testid="asks-row"') == 2
    grant, refuse = form_of(page, "/grant"), form_of(page.partition("erin@college.edu")[2], "/refuse")
    assert "Granted: a new link is on its way" in grace.get(grace.press(INVITES, "/grant").location)
    late = grace.client.post(grant["action"], data=dict(grant["fields"]) | {"form_id": ""})
    assert "Somebody answered before you." in grace.get(late.location)
    refused = grace.client.post(refuse["action"], data=dict(refuse["fields"]))
    assert "Refused. The place stays as it is." in grace.get(refused.location)
    assert 'data-testid="asks-row"' not in grace.get(INVITES)


def test_a_new_invite_without_a_seat_is_told(grace: Desk, world: World) -> None:
    campus = world.launch(seats=1)
    ask_again(world, campus, CAROL)
    world.invited(campus, "erin@college.edu")
    told = grace.get(grace.press(INVITES, "/grant").location)
    assert re.search(r"No seat is left\.|back in line", told)


def ask_again(world: World, campus: Launch, email: str) -> None:
    """Somebody's invite lapsed, and they ask for another."""
    world.waiting(campus, email)
    world.invited(campus, email, days=1)
    with world.writing() as tx:
        tx.execute(Invite.__table__.update().where(Invite.email_key == email).values(expires_at=world.now))
    world.later(minutes=1)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 10)
    with world.writing() as tx:
        asking.ask(tx, campus, world.invite_of(email), keys=world.keys, actor=TEAM, now=world.now)


def test_who_is_inside_or_invited_already_gets_no_second_invite(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    assert "This person is inside already." in make(grace, status=409, email=ALICE)
    make(grace, email=CAROL)
    assert "This person has an invite that works." in make(grace, status=409, email=CAROL)
