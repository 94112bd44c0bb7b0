"""A member sees where they are signed in, and ends it: one browser, this one, or all of them."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.parts import forms
from tests.web.member.conftest import SignIn
from tests.world import World
from waitlist.models.access import WebSession
from waitlist.models.launch import Launch
from waitlist.queries.sign_ins import device

SESSIONS = "/w/campus/me/sessions"
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Safari/604.1"


def test_alice_sees_her_browsers_this_one_first(world: World, campus: Launch, sign_in: SignIn) -> None:
    here = sign_in()
    sign_in()
    page = forms.visit(here, SESSIONS)
    assert page.text.count('data-testid="sessions-row"') == 2
    first, second = page.text.split('data-testid="sessions-row"')[1:]
    assert "This device" in first
    assert "This device" not in second


def test_signing_out_here_leaves_the_others(campus: Launch, sign_in: SignIn) -> None:
    here, there = sign_in(), sign_in()
    page = forms.visit(here, SESSIONS)
    out = page.submit("/me/sign-out")
    assert out.h1 == "Sign in"
    assert here.get(SESSIONS).status_code == 303
    assert there.get(SESSIONS).status_code == 200


def test_one_other_browser_is_signed_out(world: World, campus: Launch, sign_in: SignIn) -> None:
    here, there = sign_in(), sign_in()
    page = forms.visit(here, SESSIONS)
    other = [form for form in page.forms if "/sessions/" in form.action and not form.action.endswith("/sessions/end")]
    assert len(other) == 1
    assert page.submit(other[0].action).h1 == "Sign-ins"
    assert there.get(SESSIONS).status_code == 303
    assert here.get(SESSIONS).status_code == 200
    assert [event.data for event in world.events("signing_out.ended")] == [{"sessions": 1}]


def test_sign_out_everywhere_means_here_too(world: World, campus: Launch, sign_in: SignIn) -> None:
    here, there = sign_in(), sign_in()
    assert forms.visit(here, SESSIONS).submit("Sign out everywhere").h1 == "Sign in"
    assert here.get(SESSIONS).status_code == there.get(SESSIONS).status_code == 303
    assert all(row.revoked_at for row in world.rows(WebSession))


def test_nobody_ends_somebody_elses_session(world: World, campus: Launch, sign_in: SignIn) -> None:
    world.member(campus, "erin@college.edu")
    alice, erin = sign_in(), sign_in("erin@college.edu")
    theirs = next(row.id for row in world.rows(WebSession) if row.entry_id == world.entry("erin@college.edu").id)
    token = dict(forms.visit(alice, SESSIONS).form("Sign out everywhere").values)["csrf_token"]
    assert alice.post(f"{SESSIONS}/{theirs}/end", data={"csrf_token": token}).status_code == 303
    assert erin.get(SESSIONS).status_code == 200


def test_a_press_without_the_token_of_the_page_is_refused(alice: FlaskClient) -> None:
    assert alice.post(f"{SESSIONS}/end").status_code == 400
    assert alice.get(SESSIONS).status_code == 200


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE, "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge, Windows"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_named_in_two_words(user_agent: str, words: str) -> None:
    assert device(user_agent) == words
