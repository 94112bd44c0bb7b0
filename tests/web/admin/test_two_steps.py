"""Grace sets up a second step, signs in by it, loses her phone, and is asked for it where the team wants it."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from passlib.totp import TOTP
from werkzeug.test import TestResponse

from tests.web.admin.conftest import GRACE, PASSWORD, Appoint, Desk, sign_in
from tests.world import World
from waitlist.actors import admin
from waitlist.models.access import Role, User
from waitlist.models.launch import Launch
from waitlist.services import securing

PAGE = "/admin/account/two-steps"
SECOND = "/admin/sign-in/second"


def digits(world: World, secret: str, at: datetime | None = None) -> str:
    """What the app on her phone shows."""
    app = TOTP.using(secrets={"1": world.runtime.secrets.subkey("authenticators").hex()}).from_source(secret)
    return str(app.generate(at or world.now).token)


def secret_of(world: World) -> str:
    found = world.rows(User, User.email == GRACE)[0].tf_totp_secret
    assert found is not None
    return str(found)


def turn_on(grace: Desk, world: World) -> list[str]:
    """Set it up as the page says; returns the recovery codes."""
    grace.press(PAGE, "/begin")
    page = grace.get(PAGE)
    assert "<svg" in page
    key = re.search(r'data-testid="key">([^<]+)<', page)
    assert key is not None
    totp = TOTP(key[1].replace("-", "").replace(" ", ""))
    with world.clock():
        answer = grace.press(PAGE, "/two-steps", status=200, code=str(totp.generate(world.now).token))
    assert answer.headers["Cache-Control"] == "no-store"
    return re.findall(r"<code>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</code>", answer.text)


def second(client: FlaskClient, code: str) -> TestResponse:
    return client.post(SECOND, data={"code": code})


def test_the_digits_of_her_app_let_her_in_once(grace: Desk, app: Flask, world: World) -> None:
    assert len(turn_on(grace, world)) == 10
    assert PASSWORD not in secret_of(world)
    assert "enckey" in secret_of(world)
    other = app.test_client()
    world.later(minutes=1)
    with world.clock():
        assert sign_in(other).location == SECOND
        assert other.get("/admin").status_code == 302
        assert "The second step" in other.get(SECOND).text
        assert second(other, "000 000").status_code == 422
        shown = digits(world, secret_of(world))
        assert second(other, f"{shown[:3]} {shown[3:]}").location == "/admin"
        assert other.get("/admin").status_code == 200
        third = app.test_client()
        sign_in(third)
        assert second(third, shown).status_code == 422  # used already
    assert [event.verb for event in world.events("securing.turned_on")] == ["securing.turned_on"]


def test_digits_that_set_it_up_are_used(grace: Desk, app: Flask, world: World) -> None:
    turn_on(grace, world)
    other = app.test_client()
    with world.clock():
        sign_in(other)
        assert second(other, digits(world, secret_of(world))).status_code == 422


def test_nobody_sets_it_up_by_a_secret_that_the_one_before_them_saw(
    grace: Desk, appoint: Appoint, world: World
) -> None:
    appoint("linus@team.example", Role.VIEWER, None)
    grace.press(PAGE, "/begin")
    assert 'data-testid="key"' in grace.get(PAGE)
    sign_in(grace.client, "linus@team.example")  # at the same browser
    assert "linus@team.example" in grace.get("/admin/account")
    assert 'data-testid="key"' not in grace.get(PAGE)


def test_wrong_digits_turn_nothing_on(grace: Desk, world: World) -> None:
    grace.press(PAGE, "/begin")
    for typed in ("000000", "12345", "abcdef", ""):
        assert "six digits that the app shows" in grace.press(PAGE, "/two-steps", status=422, code=typed).text
    assert world.rows(User)[0].tf_totp_secret is None
    assert grace.client.post(PAGE).status_code == 422  # no token of this session


def test_a_recovery_code_lets_her_in_once_however_it_is_typed(grace: Desk, app: Flask, world: World) -> None:
    codes = turn_on(grace, world)
    assert not any(code in str(world.rows(User)[0].recovery_codes) for code in codes)
    for typed, status in ((codes[0].upper().replace("-", " "), 303), (codes[0], 422), (codes[1], 303)):
        other = app.test_client()
        sign_in(other)
        assert second(other, typed).status_code == status
    assert "8 codes are left." in grace.get(PAGE)
    assert [event.data for event in world.events("securing.code_used")] == [{"left": 9}, {"left": 8}]


def test_tries_are_counted_and_the_password_is_asked_for_again_in_time(grace: Desk, app: Flask, world: World) -> None:
    codes = turn_on(grace, world)
    other = app.test_client()
    sign_in(other)
    assert [second(other, "000000").status_code for _ in range(11)] == [422] * 10 + [429]
    assert second(other, codes[0]).status_code == 429
    world.later(minutes=11)
    with world.clock():
        assert other.get(SECOND).location == "/admin/sign-in"
        assert second(other, codes[0]).location == "/admin/sign-in"
    assert app.test_client().get(SECOND).status_code == 302


def test_a_page_of_yesterday_asks_again(grace: Desk, app: Flask, world: World) -> None:
    codes = turn_on(grace, world)
    other = app.test_client()
    sign_in(other)
    stale = world.runtime.tokens.sign_data("form", ["second-step", "", 1, "x"])  # type: ignore[arg-type]
    answer = other.post(SECOND, data={"code": codes[0], "form_id": stale})
    assert (answer.status_code, "timed out" in answer.text) == (422, True)


def test_a_new_password_ends_a_sign_in_that_is_halfway(grace: Desk, app: Flask, world: World) -> None:
    codes = turn_on(grace, world)
    other = app.test_client()
    sign_in(other)
    grace.press("/admin/account", "/password", password_now=PASSWORD, password="another sentence")
    assert second(other, codes[0]).location == "/admin/sign-in"


def test_new_codes_and_the_way_off_ask_for_the_password(grace: Desk, app: Flask, world: World) -> None:
    old = turn_on(grace, world)
    for action in ("/codes", "/off"):
        assert "Enter your present password" in grace.press(PAGE, action, status=422, password="no").text
    fresh = grace.press(PAGE, "/codes", status=200, password=PASSWORD).text
    assert old[0] not in fresh
    other = app.test_client()
    sign_in(other)
    assert second(other, old[0]).status_code == 422
    assert "Two-step sign-in is off." in grace.press(PAGE, "/off", follow=True, password=PASSWORD).text
    assert sign_in(app.test_client()).location == "/admin"
    assert "two_steps" in [mail.params["what"] for mail in world.messages("team_alert", GRACE)]
    with world.writing() as tx:
        assert not securing.renew_codes(tx, grace.user.id, [], now=world.now)
        assert not securing.turn_off(tx, grace.user.id, actor=admin(grace.user.id), now=world.now)


def test_too_many_passwords_wait(grace: Desk, world: World) -> None:
    turn_on(grace, world)
    answers = [grace.press(PAGE, "/off", status=422, password="no") for _ in range(9)]
    assert len(answers) == 9
    assert "Too many tries" in grace.press(PAGE, "/off", status=429, password=PASSWORD).text


@pytest.fixture
def campus(world: World) -> Launch:
    return world.launch()


def test_a_waitlist_may_ask_its_team_for_two_steps(grace: Desk, appoint: Appoint, campus: Launch, world: World) -> None:
    linus = appoint("linus@team.example", Role.VIEWER, campus)
    turn_on(grace, world)
    assert "Saved." in grace.press("/admin/w/campus/settings", "/team", follow=True, two_steps="yes").text
    assert linus.client.get("/admin/w/campus").location == PAGE
    assert linus.client.get("/admin").status_code == 200
    linus.get("/admin/account")
    grace.get("/admin/w/campus")


class TestEverywhere:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"WAITLIST_ADMIN_TWO_STEPS": "true"}

    def test_an_installation_may_ask_everybody(self, grace: Desk, world: World) -> None:
        assert grace.client.get("/admin").location == PAGE
        assert "Your team asks for two steps." in grace.get(PAGE)
        turn_on(grace, world)
        grace.get("/admin")
