"""Grace adds a passkey and signs in by it alone; a copy, an old answer and a stranger's key open nothing."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.parts.passkeys import ATTESTED, VERIFIED, SoftKey
from tests.web.admin.conftest import GRACE, PASSWORD, Appoint, Desk, form_of
from tests.world import World
from waitlist.actors import COMMAND
from waitlist.models.access import Role, User
from waitlist.models.team import Passkey
from waitlist.passkeys import Site
from waitlist.services import securing

PAGE = "/admin/account/passkeys"
HOME = "http://localhost"


@pytest.fixture
def settings() -> dict[str, str]:
    return {"WAITLIST_BASE_URL": HOME}


def asked(page: str) -> dict[str, Any]:
    found = re.search(r'data-options="([^"]+)"', page)
    assert found is not None, page
    return dict(json.loads(unescape(found[1])))


def add(grace: Desk, key: SoftKey, status: int = 303, name: str = "Laptop", **more: Any) -> TestResponse:
    page = grace.get(PAGE)
    if "data-options" not in page:
        grace.press(PAGE, "/begin")
        page = grace.get(PAGE)
    form = form_of(page, "/passkeys")
    data = dict(form["fields"]) | {"name": name, "credential": key.make(asked(page), **more)}
    answer = grace.client.post(form["action"], data=data)
    assert answer.status_code == status, answer.text
    return answer


def enter(client: FlaskClient, key: SoftKey, **more: Any) -> TestResponse:
    page = client.get("/admin/sign-in").text
    form = form_of(page, "/passkey")
    return client.post(form["action"], data=dict(form["fields"]) | {"credential": key.sign_in(asked(page), **more)})


def test_grace_signs_in_by_a_passkey_alone_even_with_two_steps_on(grace: Desk, app: Flask, world: World) -> None:
    key = SoftKey(HOME)
    options = json.dumps(asked_for_new(grace))
    assert GRACE in options
    assert "attachment" not in options.lower()
    add(grace, key)
    assert "Laptop" in grace.get(PAGE)
    with world.writing() as tx:
        securing.turn_on(tx, grace.user.id, "a secret", 1, [], now=world.now)
    other = app.test_client()
    key.count = 1
    assert enter(other, key).location == "/admin"
    assert other.get("/admin").status_code == 200
    assert [mail.params["what"] for mail in world.messages("team_alert")] == ["passkey", "sign_in"]
    assert [event.verb for event in world.events()].count("appointing.signed_in") == 2


def asked_for_new(grace: Desk) -> dict[str, Any]:
    grace.press(PAGE, "/begin")
    return asked(grace.get(PAGE))


def test_an_answer_works_for_one_press_and_a_copy_of_the_key_is_noticed(grace: Desk, app: Flask) -> None:
    key = SoftKey(HOME)
    add(grace, key)
    key.count = 5
    page = app.test_client().get("/admin/sign-in").text
    form = form_of(page, "/passkey")
    data = dict(form["fields"]) | {"credential": key.sign_in(asked(page))}
    first, second = (app.test_client().post(form["action"], data=data) for _ in range(2))
    assert first.location == "/admin"
    assert "passkey=unknown" in second.location
    key.count = 3  # a copy that was used less
    assert "passkey=unknown" in enter(app.test_client(), key).location


def test_keys_that_never_count_work_each_time(grace: Desk, app: Flask) -> None:
    key = SoftKey(HOME)
    add(grace, key)
    assert [enter(app.test_client(), key).location for _ in range(2)] == ["/admin", "/admin"]


def test_whatever_is_no_good_answer_opens_nothing(grace: Desk, app: Flask) -> None:
    key, stranger = SoftKey(HOME), SoftKey(HOME)
    add(grace, key)
    elsewhere = SoftKey("https://evil.example")
    elsewhere.id, elsewhere._key = key.id, key._key
    forged = SoftKey(HOME)
    forged.id = key.id
    client = app.test_client()
    for bad in (stranger, elsewhere, forged):
        assert "passkey=unknown" in enter(client, bad).location
    assert "passkey=unknown" in enter(client, key, flags=1).location  # nobody's finger
    for text in ("", "[]", "{}", '{"id": 1}', "x" * 30_000):
        form = form_of(client.get("/admin/sign-in").text, "/passkey")
        assert "unknown" in client.post(form["action"], data=dict(form["fields"]) | {"credential": text}).location
    assert "not known here" in client.get("/admin/sign-in?passkey=unknown").text
    assert client.get("/admin").status_code == 302
    stale = client.post("/admin/sign-in/passkey", data={"form_id": "x", "credential": "{}"})
    assert "passkey=unknown" in stale.location


def test_only_a_good_new_key_is_kept_and_none_twice(grace: Desk, world: World) -> None:
    key = SoftKey(HOME)
    add(grace, key, transports=["internal", "hybrid"])
    assert world.rows(Passkey)[0].transports == ["internal", "hybrid"]
    assert "made no new passkey" in add(grace, key, 422).text
    assert "made no new passkey" in add(grace, SoftKey("https://evil.example"), 422).text
    assert "made no new passkey" in add(grace, SoftKey(HOME), 422, flags=1 | ATTESTED).text
    add(grace, SoftKey(HOME), flags=VERIFIED, transports="odd")
    assert len(world.rows(Passkey)) == 2


def test_a_name_that_is_too_long_is_said_before_anything_is_kept(grace: Desk, world: World) -> None:
    assert "60 characters or fewer" in add(grace, SoftKey(HOME), 422, name="x" * 61).text
    assert (world.rows(Passkey), world.messages("team_alert")) == ([], [])


def test_a_page_of_yesterday_makes_no_key(grace: Desk, world: World) -> None:
    grace.press(PAGE, "/begin")
    page = grace.get(PAGE)
    form = form_of(page, "/passkeys")
    world.later(hours=25)
    with world.clock():
        data = dict(form["fields"]) | {"credential": SoftKey(HOME).make(asked(page))}
        assert grace.client.post(form["action"], data=data).status_code == 422
    assert world.rows(Passkey) == []


def test_a_removed_key_is_over_and_nobody_removes_anothers(
    grace: Desk, appoint: Appoint, app: Flask, world: World
) -> None:
    key = SoftKey(HOME)
    add(grace, key)
    linus = appoint("linus@team.example", Role.VIEWER, None)
    form = form_of(grace.get(PAGE), "/remove")
    token = dict(form_of(linus.get("/admin/account"), "/password")["fields"])["csrf_token"]
    linus.client.post(form["action"], data={"csrf_token": token})
    assert len(world.rows(Passkey)) == 1
    assert "removed here" in grace.press(PAGE, "/remove", follow=True).text
    assert "passkey=unknown" in enter(app.test_client(), key).location


def test_a_passkey_counts_as_two_steps_where_the_team_asks_for_them(grace: Desk, app: Flask, world: World) -> None:
    key = SoftKey(HOME)
    add(grace, key)
    world.launch(two_steps=True)
    assert grace.client.get("/admin/w/campus").status_code == 303
    other = app.test_client()
    enter(other, key)
    assert other.get("/admin/w/campus").status_code == 200
    changed = {"password_now": PASSWORD, "password": "another sentence"}
    assert Desk(other, grace.user).press("/admin/account", "/password", **changed).location.endswith("done=password")
    assert other.get("/admin/w/campus").status_code == 200  # still by the passkey


def test_a_lost_device_takes_its_passkeys_along_and_an_admin_who_is_off_stays_out(
    grace: Desk, app: Flask, world: World
) -> None:
    key, other = SoftKey(HOME), SoftKey(HOME)
    add(grace, key)
    with world.writing() as tx:
        securing.forget_devices(tx, grace.user.id, actor=COMMAND, now=world.now)
    assert "passkey=unknown" in enter(app.test_client(), key).location
    assert world.events("securing.devices_forgotten")[0].data == {"passkeys": 1}
    add(grace, other)
    with world.writing() as tx:
        tx.execute(User.__table__.update().values(active=False))
    assert "passkey=unknown" in enter(app.test_client(), other).location


@pytest.mark.parametrize(
    ("origin", "works"),
    [
        ("https://join.example", True),
        ("http://localhost:8000", True),
        ("http://join.example", False),
        ("https://127.0.0.1", False),
        ("https://[::1]", False),
    ],
)
def test_browsers_make_passkeys_by_https_under_a_name(origin: str, works: bool) -> None:
    assert Site(origin).works == works


class TestWhereNoBrowserMakesAny:
    @pytest.fixture
    def settings(self) -> dict[str, str]:
        return {"WAITLIST_BASE_URL": "http://127.0.0.1"}

    def test_none_is_offered(self, grace: Desk, client: FlaskClient) -> None:
        assert "only for a service that they reach by https" in grace.get(PAGE)
        assert "data-passkey" not in client.get("/admin/sign-in").text
