"""A member signs in by one address and one mail; the page tells nobody who is a member."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import forms
from tests.parts.forms import Page
from tests.web.member.conftest import SignIn
from tests.world import ALICE, BOB, CAROL, DAVE, World
from waitlist.models.access import WebSession
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.queries.letter import gather
from waitlist.services import proving
from waitlist.tokens import Purpose
from waitlist.web import inboxes

HERE = "/w/campus/me/sign-in"


def ask(client: FlaskClient, email: str) -> Page:
    return forms.visit(client, HERE).submit("E-mail me a sign-in link", email=email)


def mailed_link(world: World, launch: Launch) -> str:
    attempt = world.rows(Attempt, Attempt.kind == "sign_in")[-1]
    return f"{HERE}/" + world.runtime.tokens.sign(Purpose.SIGN_IN, launch.public_id, attempt.public_id, attempt.version)


def test_alice_signs_in_by_the_code_of_her_mail(
    client: FlaskClient, world: World, campus: Launch, digits: Callable[[], str]
) -> None:
    code = ask(client, "  Alice@College.edu ")
    assert (code.status, code.h1) == (200, "Check your inbox")
    assert world.messages("sign_in", ALICE)
    inside = code.submit("Continue", code=digits())
    assert inside.h1 == "My invites"
    assert forms.visit(client, HERE).h1 == "My invites", "who is signed in is not asked again"
    assert forms.visit(client, "/w/campus/me").h1 == "My invites"


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile Safari/604.1", "Safari, iPhone"),
        ("<b>curl</b>/8", ""),
        ("", ""),
    ],
)
def test_the_mail_says_from_which_device_it_was_asked_for(
    client: FlaskClient, world: World, campus: Launch, agent: str, said: str
) -> None:
    client.environ_base["HTTP_USER_AGENT"] = agent
    page = ask(client, ALICE)
    (mail,) = world.messages("sign_in", ALICE)
    with world.reading() as rx:
        facts = gather(rx, [mail], world.runtime.stationery, world.now)[mail.id].letter.facts
    assert facts["where"] == said
    world.later(minutes=2)
    with world.clock():
        page.submit("Send it again")
    again = world.messages("sign_in", ALICE)[-1]
    assert again.id != mail.id
    assert again.params.get("where", "") == said


def test_the_mailed_link_shows_a_button_and_signs_in_elsewhere(
    app: Flask, client: FlaskClient, world: World, campus: Launch
) -> None:
    ask(client, ALICE)
    phone = app.test_client()
    page = forms.visit(phone, mailed_link(world, campus))
    assert (page.status, page.h1) == (200, "Sign in")
    assert page.headers["Cache-Control"] == "no-store"
    assert not world.rows(WebSession), "looking signs nobody in"
    assert page.submit("Sign in").h1 == "My invites"
    assert forms.visit(phone, "/w/campus/me/invites").h1 == "My invites"
    assert "You are in line." in forms.visit(phone, "/w/campus").text, "this browser is known, and is not asked to join"
    spent = forms.visit(client, mailed_link(world, campus))
    assert (spent.status, spent.state) == (410, "used")
    assert spent.submit("Send me a new code").h1 == "Check your inbox"


def test_a_double_press_signs_in_and_a_later_one_does_not(
    app: Flask, client: FlaskClient, world: World, campus: Launch, digits: Callable[[], str]
) -> None:
    code = ask(client, ALICE)
    assert code.submit("Continue", code=digits()).h1 == "My invites"
    code.client = app.test_client()  # the browser gave up on the first answer and with it on its cookie
    assert code.submit("Continue", code=digits()).h1 == "My invites"
    world.later(seconds=40)
    with world.clock():
        code.client = app.test_client()
        later = code.submit("Continue", code=digits())
    assert (later.status, later.state) == (410, "used")
    link = forms.visit(app.test_client(), mailed_link(world, campus))
    assert link.state == "used"


def test_a_double_press_on_the_link_is_one_sign_in(app: Flask, world: World, campus: Launch) -> None:
    ask(app.test_client(), ALICE)
    page = forms.visit(app.test_client(), mailed_link(world, campus))
    assert page.submit("Sign in").h1 == "My invites"
    page.client = app.test_client()
    assert page.submit("Sign in").h1 == "My invites"
    world.later(seconds=40)
    with world.clock():
        page.client = app.test_client()
        assert page.submit("Sign in").state == "used"


def test_nobody_learns_by_the_page_who_is_a_member(client: FlaskClient, world: World, campus: Launch) -> None:
    everybody = (ALICE, BOB, CAROL, DAVE)
    pages = [ask(client, email) for email in everybody]
    texts = {
        re.sub(r'(value|action|href)="[^"]{60,}"', "", page.text.replace(email, "x"))
        for page, email in zip(pages, everybody, strict=True)
    }
    assert len(texts) == 1
    assert {page.status for page in pages} == {200}
    wrong = [
        re.sub(r'(value|action|href)="[^"]{60,}"', "", page.submit("Continue", code="000000").text) for page in pages
    ]
    assert len({text.replace(email, "x") for text, email in zip(wrong, everybody, strict=True)}) == 1
    assert [mail.to_address for mail in world.messages("sign_in")] == [ALICE]


def test_five_wrong_codes_end_it(client: FlaskClient, world: World, campus: Launch, digits: Callable[[], str]) -> None:
    page = ask(client, ALICE)
    wrong = f"{(int(digits().replace(' ', '')) + 1) % 1_000_000:06d}"
    assert "Enter the 6 numbers" in page.submit("Continue", code="12345").text
    for _ in range(5):
        page = page.submit("Continue", code=wrong)
        assert page.status == 422
    over = page.submit("Continue", code=digits())
    assert (over.status, over.state) == (410, "tries")
    assert not world.rows(WebSession)
    assert over.submit("Send me a new code").submit("Continue", code=digits()).h1 == "My invites"


def test_send_it_again_waits_a_minute(
    client: FlaskClient, world: World, campus: Launch, digits: Callable[[], str]
) -> None:
    page = ask(client, ALICE)
    early = page.submit("Send it again")
    assert (early.status, "then try again" in early.text) == (429, True)
    world.later(seconds=150)
    with world.clock():
        again = page.submit("Send it again")
        assert "Sent again" in again.text
        assert again.submit("Continue", code=digits()).h1 == "My invites"


def test_an_address_is_mailed_five_times_a_day_and_then_no_more(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    page = ask(client, ALICE)
    answers = []
    for _ in range(8):
        world.later(seconds=150)
        with world.clock():
            answers.append(page.submit("Send it again"))
    assert answers[-1].status == 429
    assert "as many e-mails to this address" in answers[-1].text


def test_six_asks_an_hour_are_too_many(client: FlaskClient, world: World, campus: Launch) -> None:
    answers = [ask(client, DAVE) for _ in range(6)]
    assert [page.status for page in answers] == [200] * 5 + [429]
    assert "Enough e-mails for now" in answers[-1].text


@pytest.mark.parametrize("typed", ["", "alice", "alice@college.edu."])
def test_what_is_no_address_is_told_and_kept(client: FlaskClient, campus: Launch, typed: str) -> None:
    page = ask(client, typed)
    assert (page.status, page.title[:7]) == (422, "Error: ")
    assert dict(page.form("E-mail me a sign-in link").values)["email"] == typed


def test_a_form_left_open_for_two_days_is_shown_again(client: FlaskClient, world: World, campus: Launch) -> None:
    page = forms.visit(client, HERE)
    world.later(days=2)
    with world.clock():
        stale = page.submit("E-mail me a sign-in link", email=ALICE)
    assert (stale.status, "Your session timed out" in stale.text) == (422, True)
    assert dict(stale.form("E-mail me a sign-in link").values)["email"] == ALICE


def test_altered_and_old_addresses_lead_to_a_new_mail(client: FlaskClient, world: World, campus: Launch) -> None:
    code = ask(client, ALICE)
    for path in (f"{HERE}/code", f"{HERE}/code?t=x"):
        assert forms.visit(client, path).h1 == "Sign in"
        assert client.post(path).status_code == 303
        assert client.post(path.replace("/code", "/code/again")).status_code == 303
    world.launch("other")
    link = mailed_link(world, campus)
    for path in (f"{HERE}/nonsense", link.replace("/campus/", "/other/"), link[:-3] + "AAA"):
        page = forms.visit(client, path)
        assert (page.status, page.h1) == (404, "Check the link")
        assert client.post(path).status_code == 404
    missing = world.runtime.tokens.sign(Purpose.SIGN_IN, campus.public_id, "att_none")
    assert client.get(f"{HERE}/{missing}").status_code == 404
    assert client.post(f"{HERE}/{missing}").status_code == 410
    with world.writing() as tx:
        tx.execute(sa.delete(Message))
        tx.execute(sa.delete(Attempt))
    assert code.submit("Send it again").h1 == "Sign in"


def test_a_link_is_over_after_fifteen_minutes_and_after_a_newer_one(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    code = ask(client, ALICE)
    old = mailed_link(world, campus)
    world.later(minutes=2)
    with world.clock():
        code.submit("Send it again")
        assert forms.visit(client, old).state == "replaced"
    newest = mailed_link(world, campus)
    world.later(minutes=16)
    with world.clock():
        assert forms.visit(client, newest).state == "expired"


def test_a_proof_for_something_else_signs_nobody_in(client: FlaskClient, world: World, campus: Launch) -> None:
    """A six-digit code of another kind may be typed here by a mixed-up page: it proves, and opens nothing."""
    with world.writing() as tx:
        asked = proving.ask(tx, campus, "member_action", world.application(campus, ALICE), language="en", now=world.now)
    assert isinstance(asked, proving.Asked)
    attempt = world.rows(Attempt)[-1]
    with client.application.test_request_context("/"):
        t = inboxes.carried(campus, inboxes.Inbox(asked.attempt, ALICE), world.now)
    code = world.runtime.stationery.six_digits(attempt.public_id, attempt.version)
    assert client.post(f"{HERE}/code?t={t}", data={"code": code}).status_code == 410
    assert not world.rows(WebSession)


def test_a_page_of_another_site_cannot_sign_anybody_in(client: FlaskClient, world: World, campus: Launch) -> None:
    ask(client, ALICE)
    foreign = {"Origin": "https://elsewhere.example"}
    assert client.post(mailed_link(world, campus), headers=foreign).status_code == 403
    assert client.post(HERE, data={"email": ALICE}, headers=foreign).status_code == 403


def test_who_is_a_member_no_longer_is_asked_to_sign_in(world: World, campus: Launch, sign_in: SignIn) -> None:
    alice = sign_in()
    world.launch("other")
    assert alice.get("/w/other/me/invites").status_code == 303, "a session belongs to one launch"
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(state=State.REMOVED))
    assert alice.get("/w/campus/me/invites").headers["Location"] == HERE


def test_signing_in_speaks_french(client: FlaskClient, campus: Launch) -> None:
    page = forms.visit(client, HERE, headers={"Accept-Language": "fr"})
    assert page.h1 == "Se connecter"
