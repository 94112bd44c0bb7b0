"""Grace signs in, out, and gets back in with a new password; whoever is not Grace does not."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.admin.conftest import GRACE, PASSWORD, Appoint, Desk, form_of, make_admin, sign_in
from tests.world import World
from waitlist.actors import COMMAND
from waitlist.models.access import Role, User, WebSession
from waitlist.services import appointing
from waitlist.tokens import Purpose
from waitlist.web.guards import Owner, Proof, guard


def test_grace_signs_in_and_sees_who_she_is(client: FlaskClient, world: World) -> None:
    make_admin(world)
    before = client.get("/admin/sign-in").text
    assert "Sign in to the team" in before
    response = sign_in(client)
    assert (response.status_code, response.location) == (303, "/admin")
    cookies = response.headers.getlist("Set-Cookie")
    assert sorted(cookie.partition("=")[0] for cookie in cookies) == ["wl_admin", "wl_desk-1"]
    assert all("HttpOnly" in cookie for cookie in cookies)
    page = client.get("/admin/account").text
    assert GRACE in page
    assert "Owner: all waitlists and this installation" in page
    assert len(world.events("appointing.signed_in")) == 1


def test_the_session_knows_its_admin_and_holds_no_password(client: FlaskClient, world: World) -> None:
    user = make_admin(world)
    sign_in(client)
    (row,) = world.rows(WebSession)
    assert row.user_id == user.id
    assert row.data["_user_id"] == user.fs_uniquifier
    assert PASSWORD not in str(row)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (GRACE, "not the password"),
        ("nobody@team.example", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        (GRACE, "x" * 5000),
    ],
)
def test_wrong_words_are_all_answered_alike(client: FlaskClient, world: World, email: str, password: str) -> None:
    make_admin(world)
    response = sign_in(client, email, password)
    assert response.status_code == 422
    assert "Check your e-mail address and password" in response.text
    assert "<title>Error: " in response.text
    assert client.get("/admin").status_code == 302


def test_an_admin_who_was_switched_off_does_not_get_in(client: FlaskClient, world: World) -> None:
    user = make_admin(world)
    with world.writing() as tx:
        tx.execute(User.__table__.update().where(User.id == user.id).values(active=False))
    assert sign_in(client).status_code == 422


def test_an_admin_who_is_switched_off_at_her_desk_is_out(grace: Desk, world: World) -> None:
    with world.writing() as tx:
        tx.execute(User.__table__.update().values(active=False))
    grace.get("/admin", status=302)


def test_after_ten_tries_even_the_right_password_waits(client: FlaskClient, world: World) -> None:
    make_admin(world)
    for _ in range(10):
        assert sign_in(client, password="wrong guess").status_code == 422
    response = sign_in(client)
    assert response.status_code == 429
    assert response.headers["Retry-After"] == "900"
    assert "Too many tries. Wait 15 minutes and try again." in response.text
    world.later(minutes=16)
    with world.clock():
        assert sign_in(client).status_code == 303


def test_an_attackers_guesses_do_not_lock_her_out_of_the_browser_she_uses(
    client: FlaskClient, app: Flask, world: World
) -> None:
    make_admin(world)
    assert sign_in(client).status_code == 303
    attacker = app.test_client()
    for _ in range(11):
        last = sign_in(attacker, password="wrong guess")
    assert last.status_code == 429
    client.delete_cookie("wl_admin")
    assert sign_in(client).status_code == 303


def test_signing_in_leads_to_where_she_wanted_to_go(client: FlaskClient, world: World) -> None:
    make_admin(world)
    asked = client.get("/admin/launches/new?from=mail")
    assert asked.status_code == 302
    form = form_of(client.get(asked.location).text)
    response = client.post("/admin/sign-in", data=dict(form["fields"]) | {"email": GRACE, "password": PASSWORD})
    assert response.location == "/admin/launches/new?from=mail"


@pytest.mark.parametrize("to", ["https://elsewhere.example/", "//elsewhere.example", "x"])
def test_nobody_sends_her_elsewhere(client: FlaskClient, world: World, to: str) -> None:
    make_admin(world)
    assert sign_in(client, to=to).location == "/admin"
    other = world.runtime.tokens.sign_data(Purpose.FORM, ["sign-in", "", 1, "x"])
    assert sign_in(client, to=other).location == "/admin"


def test_a_sign_in_page_left_open_for_a_day_asks_again(client: FlaskClient, world: World) -> None:
    make_admin(world)
    form = dict(form_of(client.get("/admin/sign-in").text)["fields"])
    world.later(hours=25)
    with world.clock():
        response = client.post("/admin/sign-in", data=form | {"email": GRACE, "password": PASSWORD})
    assert response.status_code == 422
    assert "Your session timed out" in response.text
    assert f'value="{GRACE}"' in response.text


def test_signing_out_is_a_press_and_ends_the_session(grace: Desk, world: World) -> None:
    assert grace.client.get("/admin/sign-out").status_code == 405
    response = grace.press("/admin/account", "/sign-out")
    assert response.location == "/admin/sign-in"
    grace.get("/admin", status=302)
    (row,) = world.rows(WebSession)
    assert row.revoked_at is not None


def test_every_sign_in_gets_a_new_session(grace: Desk, world: World) -> None:
    before = world.rows(WebSession)[0].id_hash
    sign_in(grace.client)
    assert before not in [row.id_hash for row in world.rows(WebSession)]


def test_a_foreign_site_cannot_sign_her_in_or_out(grace: Desk) -> None:
    elsewhere = {"Origin": "https://elsewhere.example"}
    assert grace.client.post("/admin/sign-in", headers=elsewhere).status_code == 403
    assert grace.client.post("/admin/sign-out", headers=elsewhere).status_code == 403


# --- a new password


def test_a_new_password_by_the_present_one_signs_out_every_other_browser(grace: Desk, app: Flask, world: World) -> None:
    other = app.test_client()
    sign_in(other)
    grace.press("/admin/account", "/password", password_now=PASSWORD, password="another sentence", follow=True)
    assert "Your password is changed." in grace.get("/admin/account?done=password")
    assert other.get("/admin").status_code == 302
    assert sign_in(app.test_client(), password="another sentence").status_code == 303


@pytest.mark.parametrize(
    ("now", "new", "words"),
    [
        ("wrong", "another sentence", "Enter your present password"),
        (PASSWORD, "too short", "Use 12 characters or more"),
        (PASSWORD, "long" * 40, "Use 128 characters or fewer"),
    ],
)
def test_a_new_password_is_refused_with_the_way_out(grace: Desk, now: str, new: str, words: str) -> None:
    response = grace.press("/admin/account", "/password", status=422, password_now=now, password=new)
    assert words in response.text


def test_guessing_the_present_password_stops_after_ten(grace: Desk) -> None:
    tries = [grace.client.get("/admin/account")]
    form = form_of(tries[0].text, "/password")
    data = dict(form["fields"]) | {"password_now": "guess", "password": "another sentence"}
    statuses = [grace.client.post(form["action"], data=data).status_code for _ in range(10)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {422}


def reset_link(world: World, user: User) -> str:
    with world.writing() as tx:
        version = appointing.offer_reset(tx, user.id, actor=COMMAND, now=world.now)
    return "/admin/reset/" + world.runtime.tokens.sign(Purpose.ADMIN_RESET, "", str(user.id), version)


def test_the_operators_link_sets_a_password_once_without_any_mail(client: FlaskClient, world: World) -> None:
    user = make_admin(world)
    link = reset_link(world, user)
    client.head(link)
    page = client.get(link)
    assert page.headers["Cache-Control"] == "no-store"
    assert GRACE in page.text
    refused = client.post(link, data={"password": "short"})
    assert refused.status_code == 422
    response = client.post(link, data={"password": "a brand new sentence"})
    assert (response.status_code, response.location) == (303, "/admin")
    assert client.get("/admin").status_code == 200
    assert client.get(link).status_code == 410
    assert client.post(link, data={"password": "yet another sentence"}).status_code == 410


def test_a_late_or_replaced_link_says_so_and_an_altered_one_is_unknown(client: FlaskClient, world: World) -> None:
    user = make_admin(world)
    first = reset_link(world, user)
    second = reset_link(world, user)
    assert client.get(first).status_code == 410
    assert client.get("/admin/reset/altered").status_code == 404
    world.later(minutes=11)
    with world.clock():
        assert client.get(second).status_code == 410
        assert client.post(second, data={"password": "a brand new sentence"}).status_code == 410


# --- what was typed is never lost


def test_a_form_sent_after_signing_out_comes_back_filled(grace: Desk) -> None:
    form = form_of(grace.get("/admin/launches/new"))
    grace.press("/admin/account", "/sign-out")
    data = dict(form["fields"]) | {"launch_name": "Summer & Co", "preset": "everyone"}
    lost = grace.client.post("/admin/launches/new", data=data)
    assert lost.status_code == 422
    assert "Sign in beside this page" in lost.text
    assert "Summer &amp; Co" in lost.text
    sign_in(grace.client)
    again = grace.client.post("/admin/launches/new", data=dict(form_of(lost.text)["fields"]))
    assert again.status_code == 422
    assert "Check your answers and send again." in again.text
    ready = dict(form_of(again.text)["fields"]) | {"contact_email": "hi@campus.example", "tz": "UTC"}
    assert grace.client.post("/admin/launches/new", data=ready).status_code == 303
    assert "Summer &amp; Co" in grace.get("/admin/w/summer-co")


def test_a_form_that_is_a_day_old_is_sent_again_with_a_new_id(grace: Desk, world: World) -> None:
    form = form_of(grace.get("/admin/launches/new"))
    data = dict(form["fields"]) | {
        "launch_name": "Late",
        "preset": "everyone",
        "contact_email": "hi@campus.example",
        "tz": "UTC",
    }
    world.later(hours=25)
    with world.clock():
        late = grace.client.post("/admin/launches/new", data=data)
        assert late.status_code == 422
        fresh = dict(form_of(late.text)["fields"])
        assert fresh["form_id"] != data["form_id"]
        assert grace.client.post("/admin/launches/new", data=fresh).location == "/admin/w/late?done=created"
        twice = grace.client.post("/admin/launches/new", data=fresh)
        assert twice.location == "/admin/w/late?done=created"
    assert len(world.events("launching.created")) == 1


def test_a_member_form_of_another_session_keeps_the_plain_answer(doors: Flask, client: FlaskClient) -> None:
    doors.add_url_rule("/w/campus/me/try", "try_me", guard(Owner.MEMBER, Proof.CSRF)(lambda: "done"), methods=["POST"])
    doors.extensions["waitlist.authorities"].pop(Owner.MEMBER, None)
    assert client.post("/w/campus/me/try").status_code == 400


def test_who_has_no_role_gets_in_and_sees_no_waitlist(appoint: Appoint, world: World) -> None:
    world.launch()
    nobody = appoint("linus@team.example", None)
    assert "No waitlist yet" in nobody.get("/admin")
    assert "You have no role yet" in nobody.get("/admin/account")
    nobody.get("/admin/w/campus", status=403)
    nobody.get("/admin/launches/new", status=403)


def test_a_role_on_one_launch_opens_that_launch_alone(appoint: Appoint, world: World) -> None:
    campus, beta = world.launch(), world.launch("beta")
    linus = appoint("linus@team.example", Role.VIEWER, campus)
    listed = linus.get("/admin")
    assert "/admin/w/campus" in listed
    assert "/admin/w/beta" not in listed
    linus.get("/admin/w/campus")
    linus.get(f"/admin/w/{beta.slug}", status=403)
    linus.get("/admin/w/nowhere", status=404)
    assert re.search(r"Viewer: Campus", linus.get("/admin/account"))
