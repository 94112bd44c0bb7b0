"""Grace sees where she is signed in, ends what is not hers, and hears of browsers that her account did not know."""

from __future__ import annotations

import time

from flask import Flask

from tests.web.admin.conftest import GRACE, Appoint, Desk, make_admin, sign_in
from tests.world import World
from waitlist import noticing
from waitlist.models.access import Role, WebSession
from waitlist.web.admin.frame import SEEN

PAGE = "/admin/account/sessions"
FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0"}


def test_each_browser_is_named_and_ended_alone(grace: Desk, app: Flask, world: World) -> None:
    other = app.test_client()
    other.post("/admin/sign-in", data={"email": GRACE, "password": "a sentence to remember"}, headers=FIREFOX)
    page = grace.get(PAGE)
    assert "Firefox, Linux" in page
    assert page.count("This device") == 1
    assert "That browser is signed out." in grace.press(PAGE, "/end", follow=True).text
    assert other.get("/admin").status_code == 302
    grace.get("/admin")
    assert [event.data for event in world.events("signing_out.ended")] == [{"sessions": 1}]


def test_signing_out_everywhere_ends_this_one_too(grace: Desk, app: Flask) -> None:
    other = app.test_client()
    sign_in(other)
    assert grace.press(PAGE, "/sessions/end").location == "/admin/sign-in"
    assert {grace.client.get("/admin").status_code, other.get("/admin").status_code} == {302}


def test_nobody_ends_the_session_of_somebody_else(grace: Desk, appoint: Appoint, world: World) -> None:
    linus = appoint("linus@team.example", Role.VIEWER, None)
    theirs = world.rows(WebSession, WebSession.user_id == grace.user.id)[0].id
    token = {"csrf_token": linus.get(PAGE).partition('name="csrf_token" value="')[2].partition('"')[0]}
    linus.client.post(f"{PAGE}/{theirs}/end", data=token)
    grace.get("/admin")
    assert world.events("signing_out.ended") == []


def test_when_she_was_last_seen_is_written_now_and_then(grace: Desk, app: Flask, world: World) -> None:
    (before,) = world.rows(WebSession)
    world.later(minutes=5)
    with world.clock():
        grace.get("/admin")
    noticing.keep(app, SEEN, {before.id: world.now})
    for _ in range(100):
        if world.rows(WebSession)[0].seen_at == world.now:
            break
        time.sleep(0.02)
    assert world.rows(WebSession)[0].seen_at == world.now


def test_a_browser_that_the_account_did_not_know_is_told_of_by_mail(app: Flask, world: World) -> None:
    make_admin(world)
    laptop, phone = app.test_client(), app.test_client()
    sign_in(laptop)
    assert world.messages("team_alert") == []  # the first one is no news
    sign_in(laptop)
    assert world.messages("team_alert") == []
    phone.post("/admin/sign-in", data={"email": GRACE, "password": "a sentence to remember"}, headers=FIREFOX)
    (mail,) = world.messages("team_alert", GRACE)
    assert (mail.params["what"], mail.params["device"], mail.params["where"]) == (
        "sign_in",
        "Firefox, Linux",
        "127.0.0.1",
    )


def test_everybody_who_may_revoke_a_key_hears_that_there_is_one(grace: Desk, appoint: Appoint, world: World) -> None:
    campus, shop = world.launch(), world.launch("shop")
    appoint("mia@team.example", Role.ADMIN, campus)
    appoint("rosa@team.example", Role.RELEASER, campus)
    appoint("olga@team.example", Role.OWNER, shop)
    grace.press("/admin/w/campus/keys", "/keys", status=200, name="Shop till", scopes="invites:write")
    mails = world.messages("team_alert")
    assert sorted(mail.to_address for mail in mails) == [GRACE, "mia@team.example"]
    assert {mail.params["label"] for mail in mails} == {"Shop till"}


def test_mails_about_waves_may_be_stopped_and_started(grace: Desk, world: World) -> None:
    account = "/admin/account"
    assert "Stop these mails" in grace.get(account)
    assert "You are not told" in grace.press(account, "/wave-mails", follow=True).text
    assert "Notices you put away" not in grace.get(account)
    assert "Stop these mails" in grace.press(account, "/wave-mails", follow=True).text
