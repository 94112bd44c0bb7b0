"""The way in and the way to a friend, on each engine."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.parts import forms
from tests.web.invites import links
from tests.world import ALICE, World
from waitlist.models.entry import State

ERIN, FRED = "erin@college.edu", "fred@college.edu"


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_erin_comes_in_by_a_typed_code_and_invites_fred(app: Flask, client: FlaskClient, world: World) -> None:
    campus = world.cast(world.launch())
    invite = world.issue(campus, uses=2)
    page = forms.visit(client, "/redeem").submit("Continue", code=links.typed(world, campus, invite))
    code = page.submit("accept", email=ERIN)
    assert code.submit("Continue", code=links.wrong_digits(world)).status == 422
    welcome = code.submit("Continue", code=links.digits(world))
    assert welcome.h1 == "You are in"
    mine = welcome.submit("Invite friends").submit("Continue", code=links.digits(world))
    assert mine.h1 == "My invites"
    review = forms.visit(client, "/w/campus/me/invites/new").submit("Continue", emails=f"{FRED}, {ALICE}")
    sent = review.submit("Send 1 invite")
    assert (sent.h1, review.submit("Send 1 invite").h1) == ("1 invite sent", "1 invite sent")
    assert [mail.to_address for mail in world.messages("member_invite")] == [FRED]
    given = world.invite_of(FRED)
    no = forms.visit(app.test_client(), links.mailed(world, campus, given)).submit("This is not for me")
    assert no.state == "declined"
    shown = forms.visit(client, "/w/campus/me/invites?show=over")
    assert "Not accepted" in shown.text
    assert world.entry(ERIN).state == State.JOINED
    assert forms.visit(client, "/w/campus/me/sessions").submit("Sign out everywhere").h1 == "Sign in"
