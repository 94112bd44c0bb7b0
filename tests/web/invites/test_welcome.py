"""Welcome: they are in, and one press carries them into the product with a code that works once."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.parts import forms
from tests.world import ALICE, World
from waitlist import keys
from waitlist.models.entry import Attempt, Entry
from waitlist.models.invite import Admission, AdmissionState, Handoff
from waitlist.models.launch import Launch
from waitlist.tokens import Purpose

PRODUCT = "https://product.example/start?from=waitlist"


@pytest.fixture
def campus(world: World) -> Launch:
    launch = world.launch(product_url=PRODUCT)
    world.member(launch, ALICE)
    return launch


def welcome(world: World, launch: Launch) -> str:
    admission = world.admission(ALICE, launch)
    assert admission is not None
    return "/welcome/" + world.runtime.tokens.sign(Purpose.WELCOME, launch.public_id, admission.public_id)


def test_one_press_leads_into_the_product_with_a_code_of_five_minutes(
    client: FlaskClient, world: World, campus: Launch
) -> None:
    page = forms.visit(client, welcome(world, campus))
    assert (page.status, page.h1) == (200, "You are in")
    assert "form-action 'self' https://product.example" in page.headers["Content-Security-Policy"]
    assert page.headers["Cache-Control"] == "no-store"
    assert "You can invite 3 friends" in page.text
    gone = page.submit("Continue to Campus", follow=False)
    assert gone.status == 303
    there = urlsplit(gone.headers["Location"])
    query = parse_qs(there.query)
    assert (there.netloc, there.path, query["from"]) == ("product.example", "/start", ["waitlist"])
    (handoff,) = world.rows(Handoff)
    assert handoff.code_hash == keys.handoff_hash(world.runtime.secrets.pepper, query["wl_code"][0])
    assert 0 < (handoff.expires_at - world.now).total_seconds() <= 301 + 60
    again = page.submit("Continue to Campus", follow=False).headers["Location"]
    assert again != gone.headers["Location"], "each walk has a code of its own"


def test_a_launch_without_a_product_says_what_happens_instead(client: FlaskClient, world: World) -> None:
    plain = world.launch("plain")
    world.member(plain, ALICE)
    page = forms.visit(client, welcome(world, plain))
    assert page.status == 200
    assert "Continue to" not in page.text
    assert "tells you how to start" in page.text
    assert client.post(welcome(world, plain) + "/continue").status_code == 303
    assert not world.rows(Handoff)


def test_whose_access_was_taken_back_walks_nowhere(client: FlaskClient, world: World, campus: Launch) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Admission).values(state=AdmissionState.REVOKED))
    page = forms.visit(client, welcome(world, campus))
    assert (page.status, page.state, page.h1) == (410, "over", "Your access has ended")
    assert client.post(welcome(world, campus) + "/continue").headers["Location"] == welcome(world, campus)
    assert not world.rows(Handoff)


def test_friends_are_one_press_and_one_mail_away(client: FlaskClient, world: World, campus: Launch) -> None:
    code = forms.visit(client, welcome(world, campus)).submit("Invite friends")
    assert code.h1 == "Check your inbox"
    assert world.messages("sign_in", ALICE)
    attempt = world.rows(Attempt, Attempt.kind == "sign_in")[-1]
    digits = world.runtime.stationery.six_digits(attempt.public_id, attempt.version)
    assert code.submit("Continue", code=digits).h1 == "My invites"
    answers = [client.post(welcome(world, campus) + "/sign-in").status_code for _ in range(6)]
    assert answers[-1] == 429


def test_nobody_without_invites_is_asked_to_give_some(client: FlaskClient, world: World, campus: Launch) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(allowance_left=0))
    assert "You can invite" not in forms.visit(client, welcome(world, campus)).text


@pytest.mark.parametrize("press", ["", "/continue", "/sign-in"])
def test_an_altered_address_is_not_found(client: FlaskClient, world: World, campus: Launch, press: str) -> None:
    missing = "/welcome/" + world.runtime.tokens.sign(Purpose.WELCOME, campus.public_id, "adm_none")
    for path in ("/welcome/nonsense", missing):
        answer = client.post(path + press) if press else client.get(path)
        assert answer.status_code == 404
