"""Who has no way in asks for one: the team, or whoever's link was used up before they came."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.parts import both, forms
from tests.web.admin.conftest import Appoint, appoint
from tests.web.invites import links
from tests.web.invites.test_answering import ask_page
from tests.world import ALICE, CAROL, DAVE, World
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.services import appealing

__all__ = ["appoint"]  # a fixture

LATE = "late@college.edu"


def asked(world: World) -> list[Invite]:
    return list(world.rows(Invite, Invite.appeal.is_not(None)))


@pytest.fixture
def campus(world: World) -> Launch:
    return world.cast(world.launch(access_asked=True, contact_email="help@college.edu"))


@both
def test_dave_tells_the_team_why_he_should_have_access_and_is_let_in(
    client: FlaskClient, world: World, campus: Launch, appoint: Appoint
) -> None:
    refused = forms.visit(client, "/w/campus").submit("join", email=DAVE)
    assert refused.status == 403
    page = refused.submit("access", why="I teach here\nevery Monday")
    assert "The team was asked." in page.text
    refused.submit("access", why="I teach here\nevery Monday")
    (invite,) = asked(world)
    assert (invite.appeal, invite.email, invite.overrides_rules) == ("I teach here every Monday", DAVE, True)
    (mail,) = world.messages("invite_asked")
    assert mail.to_address == "help@college.edu"
    grace = appoint()
    listed = grace.get("/admin/w/campus/invites")
    assert "I teach here every Monday" in listed
    grace.press("/admin/w/campus/invites", f"/admin/w/campus/invites/{invite.public_id}/grant")
    (granted,) = asked(world)
    landing = forms.visit(client, links.mailed(world, campus, granted))
    assert landing.submit("Accept invite").state == "welcome"
    assert world.entry(DAVE).state == "joined"


def test_nobody_learns_who_is_known_by_asking(client: FlaskClient, world: World, campus: Launch) -> None:
    answers = set()
    for email in (ALICE, CAROL, DAVE, "nobody@elsewhere.edu"):
        form_id = dict(forms.visit(client, "/w/campus").submit("join", email=DAVE).form("access").values)["form_id"]
        sent = client.post("/w/campus/access", data={"form_id": form_id, "email": email, "why": "x"})
        answers.add((sent.status_code, sent.headers["Location"]))
    assert len(answers) == 1
    assert sorted(invite.email for invite in asked(world) if invite.email) == [CAROL, DAVE, "nobody@elsewhere.edu"]


def test_a_launch_that_takes_no_questions_has_no_such_page(client: FlaskClient, world: World) -> None:
    world.launch()
    page = forms.visit(client, "/w/campus").submit("join", email=DAVE)
    assert "I should have access" not in page.text
    assert client.post("/w/campus/access", data={"email": DAVE}).status_code == 404


def test_three_questions_a_day_are_enough(client: FlaskClient, world: World, campus: Launch) -> None:
    page = forms.visit(client, "/w/campus").submit("join", email=DAVE)
    for n in range(5):
        page.submit("access", why="please", email=f"d.a.v.e+{n}@gmail.com")
    assert len(asked(world)) == 3


def used_up(world: World, campus: Launch) -> Invite:
    link = links.from_member(world, campus, ALICE)
    with world.writing() as tx:
        tx.execute(sa.update(Invite).where(Invite.id == link.id).values(uses=1, ended_at=world.now))
    return link


@both
def test_who_comes_too_late_asks_alice_for_another(client: FlaskClient, world: World, campus: Launch) -> None:
    link = used_up(world, campus)
    left = world.entry(ALICE).allowance_left
    page = forms.visit(client, links.shown(world, campus, link))
    assert page.status == 410
    wrong = page.submit("Ask for another", email="late")
    assert (wrong.status, "correct format" in wrong.text) == (422, True)
    done = page.submit("Ask for another", email=LATE)
    assert (done.status, "If the answer is yes, an invite comes by e-mail." in done.text) == (200, True)
    page.submit("Ask for another", email=LATE)
    (invite,) = asked(world)
    (mail,) = world.messages("invite_asked")
    assert (mail.to_address, world.entry(ALICE).allowance_left) == (ALICE, left)
    question = forms.visit(client, ask_page(world, campus, invite))
    assert question.h1 == "l•••@college.edu asks for an invite"
    assert "All places on your link are taken" in question.text
    question.submit("Send a new invite")
    assert world.entry(ALICE).allowance_left == left - 1
    assert [message.to_address for message in world.messages("member_invite")][-1:] == [LATE]


def test_alice_need_not_let_herself_be_asked(client: FlaskClient, world: World, campus: Launch) -> None:
    link = used_up(world, campus)
    page = forms.visit(client, links.shown(world, campus, link))
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(asks_welcome=False))
    assert "Ask for another" not in forms.visit(client, links.shown(world, campus, link)).text
    assert page.submit("Ask for another", email=LATE).status == 200, "the page says the same"
    assert asked(world) == []


def test_a_flood_of_questions_fills_a_list_and_no_mailbox(client: FlaskClient, world: World, campus: Launch) -> None:
    link = used_up(world, campus)
    page = forms.visit(client, links.shown(world, campus, link))
    for n in range(appealing.MAILS_A_DAY + 2):
        page.submit("Ask for another", email=f"late{n}@college.edu", follow=False)
    assert len(asked(world)) == appealing.MAILS_A_DAY + 2
    assert len(world.messages("invite_asked")) == appealing.MAILS_A_DAY
