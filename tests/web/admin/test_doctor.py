"""The doctor's page looks at the same as the command, in the reader's language."""

from __future__ import annotations

import re

import pytest

from tests.web.admin.conftest import Appoint, Desk
from tests.world import World
from waitlist.models.access import Role


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    return getattr(request, "param", {})


def states(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-id="(\w+)-\d+".*?data-testid="tag" data-state="(\w+)"', page, re.S))


def test_each_look_says_what_to_do(grace: Desk) -> None:
    page = grace.get("/admin/doctor")
    found = states(page)
    assert found["database"] == "ok"
    assert found["worker"] == "fix"
    assert found["mail"] == "note"
    assert "Run `flask --app app worker`." in page
    assert "You came by http://localhost, and links name http://127.0.0.1:8000." in page
    french = grace.get("/admin/doctor?lang=fr")
    assert "Base de données" in french
    assert "`flask --app app worker`" in french


@pytest.mark.parametrize("settings", [{"WAITLIST_SMTP_URL": "smtp://127.0.0.1:9"}], indirect=True)
def test_a_relay_is_tried_when_asked_for(grace: Desk) -> None:
    assert "mail" not in states(grace.get("/admin/doctor"))
    page = grace.get("/admin/doctor?relay=yes")
    assert states(page)["mail"] == "fix"
    assert "The relay cannot be used" in page


def test_a_visitor_at_the_right_address_hears_nothing_of_it(grace: Desk) -> None:
    page = grace.client.get("/admin/doctor", base_url="http://127.0.0.1:8000")
    assert "You came by" not in page.text


def test_only_who_may_on_the_whole_installation_sees_it(appoint: Appoint, world: World) -> None:
    appoint("linus@team.example", Role.OWNER, world.launch()).get("/admin/doctor", status=403)


def test_a_test_mail_goes_to_whoever_presses(grace: Desk, world: World) -> None:
    done = grace.press("/admin/doctor", "/admin/doctor/test")
    assert "A test mail is on its way to grace@team.example." in grace.get(done.location)
    (mail,) = world.messages("test")
    assert mail.to_address == "grace@team.example"


def test_a_proxy_that_is_not_named_is_told_by_its_address(grace: Desk) -> None:
    page = grace.client.get("/admin/doctor", headers={"X-Forwarded-For": "203.0.113.7"}).text
    assert states(page)["proxy"] == "fix"
    assert "Set WAITLIST_TRUSTED_PROXIES=127.0.0.1." in page


@pytest.mark.parametrize("settings", [{"WAITLIST_TRUSTED_PROXIES": "127.0.0.1"}], indirect=True)
def test_behind_a_named_proxy_one_is_seen_as_oneself(grace: Desk) -> None:
    page = grace.client.get("/admin/doctor", headers={"X-Forwarded-For": "203.0.113.7"}).text
    assert "You are seen as 203.0.113.7." in page
