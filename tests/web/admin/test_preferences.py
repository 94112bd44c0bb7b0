"""Grace puts a notice away for herself, and turns the shortcuts off."""

from __future__ import annotations

import pytest

from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import World

MAIL = "E-mail is not set up: messages stay in the Outbox"
WORKER = "The worker is not running (never seen): no mail leaves."


def test_a_notice_is_put_away_by_one_admin_alone_and_comes_back(grace: Desk, appoint: Appoint, world: World) -> None:
    world.launch()
    linus = appoint("linus@team.example")
    here = "/admin/w/campus/people?state=waiting"
    assert MAIL in grace.get(here)
    away = grace.press(here, "/notices/smtp/dismissal")
    assert away.location == here
    page = grace.get(here)
    assert MAIL not in page
    assert WORKER in page
    assert MAIL in linus.get(here)
    assert world.events("preferring.chosen")[0].data == {"key": "notice:smtp"}
    shown = grace.press("/admin/account", "/account/notices")
    assert "Every notice is shown to you again." in grace.get(shown.location)
    assert MAIL in grace.get(here)
    assert "Notices you put away" not in grace.get("/admin/account")


def test_the_notice_of_the_worker_cannot_be_put_away(grace: Desk, world: World) -> None:
    world.launch()
    page = grace.get("/admin/w/campus")
    assert "/notices/worker" not in page
    fields = dict(form_of(page, "/notices/smtp/dismissal")["fields"])
    assert grace.client.post("/admin/account/notices/worker/dismissal", data=fields).status_code == 404


def test_visitors_who_share_an_address_are_noticed(grace: Desk, world: World) -> None:
    world.launch()
    told = grace.client.get("/admin/w/campus", headers={"X-Forwarded-For": "192.0.2.1"}).text
    assert "set WAITLIST_TRUSTED_PROXIES" in told
    assert "set WAITLIST_TRUSTED_PROXIES" not in grace.get("/admin/w/campus")


def test_a_disk_that_is_nearly_full_is_noticed(grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.launch()
    assert "Disk nearly full" not in grace.get("/admin/w/campus")
    monkeypatch.setattr("waitlist.web.admin.notices.LEAST_SPACE", 2**62)
    assert "Disk nearly full" in grace.get("/admin/w/campus")


def test_shortcuts_are_turned_off_and_on_by_each_admin(grace: Desk, appoint: Appoint, world: World) -> None:
    world.launch()
    assert "js/keys.js" in grace.get("/admin/w/campus")
    off = grace.press("/admin/account", "/shortcuts")
    assert "The keyboard shortcuts are off." in grace.get(off.location)
    assert "js/keys.js" not in grace.get("/admin/w/campus")
    assert "js/keys.js" in appoint("linus@team.example").get("/admin/w/campus")
    on = grace.press("/admin/account", "/shortcuts")
    assert "The keyboard shortcuts are on." in grace.get(on.location)
    assert 'data-key="p"' in grace.get("/admin/w/campus")


def test_putting_away_twice_is_once_and_a_strange_way_back_leads_home(grace: Desk, world: World) -> None:
    world.launch()
    fields = dict(form_of(grace.get("/admin/w/campus"), "/notices/smtp/dismissal")["fields"])
    for _ in range(2):
        answer = grace.client.post("/admin/account/notices/smtp/dismissal", data=fields | {"to": "//evil.example"})
        assert answer.location == "/admin/account"
    assert len(world.events("preferring.chosen")) == 1
