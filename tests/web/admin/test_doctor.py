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
