"""The list of waitlists, a new one, and the frame that stands around every page."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import CAROL, World
from waitlist.models.access import Role
from waitlist.models.launch import Launch
from waitlist.models.upkeep import WorkerBeat


def make(grace: Desk, status: int = 303, **changed: str) -> TestResponse:
    answers = {
        "launch_name": "Beta",
        "preset": "everyone",
        "contact_email": "hi@campus.example",
        "tz": "UTC",
        "opens": "later",
    }
    return grace.press("/admin/launches/new", status=status, **answers | changed)


def test_the_list_says_what_each_waitlist_is(grace: Desk, world: World) -> None:
    campus = world.cast()
    world.launch("later", None, opens_at=world.now.replace(year=world.now.year + 1))
    listed = grace.get("/admin")
    assert listed.count('data-testid="launches-row"') == 2
    assert 'data-state="open"' in listed
    assert 'data-state="not_open"' in listed
    assert f'href="/w/{campus.slug}"' in listed


def test_a_new_waitlist_opens_when_its_team_says_so(grace: Desk, world: World) -> None:
    assert make(grace).location == "/admin/w/beta?done=created"
    assert 'data-state="not_open"' in grace.get("/admin/w/beta?done=created")
    assert make(grace, launch_name="Open", opens="now").status_code == 303
    assert 'data-state="open"' in grace.get("/admin/w/open")


@pytest.mark.parametrize(
    ("slug", "words"),
    [("Not A Slug", "Use lower-case letters, digits and hyphens"), ("campus", "Another waitlist has this address")],
)
def test_an_address_that_cannot_be_had_is_told_with_the_way_out(
    grace: Desk, world: World, slug: str, words: str
) -> None:
    world.launch()
    response = make(grace, status=422, slug=slug)
    assert words in response.text
    assert 'value="Beta"' in response.text
    assert len(world.rows(Launch)) == 1


def test_only_who_may_on_the_whole_installation_makes_waitlists(appoint: Appoint, world: World) -> None:
    campus = world.launch()
    local = appoint("linus@team.example", Role.OWNER, campus)
    local.get("/admin/launches/new", status=403)
    assert "New waitlist" not in local.get("/admin")
    make(appoint("ada@team.example", Role.ADMIN))


def test_a_pause_is_told_to_people_and_to_the_team(grace: Desk, world: World) -> None:
    campus = world.launch()
    refused = grace.press("/admin/w/campus", "/pause", status=422, reason="")
    assert "Enter a reason" in refused.text
    grace.press("/admin/w/campus", "/pause", reason="a leak", public_reason="Back on Monday")
    page = grace.get("/admin/w/campus?done=paused")
    assert "Paused: nobody joins" in page
    assert "People read: “Back on Monday”" in page
    (event,) = world.events("launching.paused")
    assert event.launch_id == campus.id
    assert event.actor == f"admin:{grace.user.id}"


def test_pressing_pause_twice_pauses_once(grace: Desk, world: World) -> None:
    world.launch()
    form = grace.client.get("/admin/w/campus").text
    found = form_of(form, "/pause")
    data = dict(found["fields"]) | {"reason": "a leak"}
    assert [grace.client.post(found["action"], data=data).status_code for _ in range(2)] == [303, 303]
    assert len(world.events("launching.paused")) == 1


def test_numbers_are_of_people_not_of_rows(grace: Desk, world: World) -> None:
    campus = world.cast()
    world.join(campus, "late@college.edu")
    page = grace.get("/admin/w/campus")
    assert '<span class="value" data-testid="in-line">1</span>' in page
    assert world.place(CAROL) == 1


def test_every_page_says_when_no_worker_runs_and_no_mail_is_set_up(grace: Desk, world: World) -> None:
    world.launch()
    page = grace.get("/admin")
    assert "The worker is not running (never seen): no mail leaves." in page
    assert "E-mail is not set up: messages stay in the Outbox" in page
    with world.writing() as tx:
        tx.execute(WorkerBeat.__table__.insert().values(worker="w", started_at=world.now, seen_at=world.now))
    assert "The worker is not running" not in grace.get("/admin/w/campus")
    world.later(minutes=10)
    with world.clock():
        late = grace.get("/admin/w/campus")
        assert "The worker is not running (last seen <time datetime=" in late
    world.later(days=2)
    with world.clock():
        assert f", {world.now.year} " not in late
        assert "The worker is not running (last seen <time" in grace.get("/admin")


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    return getattr(request, "param", {})


@pytest.mark.parametrize("settings", [{"WAITLIST_SMTP_URL": "smtp://127.0.0.1:2525"}], indirect=True)
def test_no_notice_about_mail_once_a_relay_is_set(grace: Desk) -> None:
    assert "E-mail is not set up" not in grace.get("/admin")


def test_the_switcher_leads_to_other_waitlists(grace: Desk, world: World) -> None:
    world.launch()
    world.launch("beta")
    page = grace.get("/admin/w/campus")
    assert 'href="/admin/w/beta"' in page
    assert 'href="/admin"' in page


def test_archived_waitlists_are_shown_when_asked_for(grace: Desk, world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        tx.execute(Launch.__table__.update().where(Launch.id == campus.id).values(archived_at=world.now))
    assert "/admin/w/campus" not in grace.get("/admin")
    assert "/admin/w/campus" in grace.get("/admin?archived=yes")
    assert 'data-state="archived"' in grace.get("/admin/w/campus")


def test_a_waitlist_pauses_resumes_closes_and_opens_again(grace: Desk, world: World) -> None:
    world.launch()
    at = "/admin/w/campus"
    stale = form_of(grace.get(at), "/close")
    grace.press(at, "/pause", reason="a leak")
    assert 'data-state="open"' in grace.get(grace.press(at, "/resume").location)
    assert 'data-state="closed"' in grace.get(grace.press(at, "/close").location)
    late = grace.client.post(stale["action"], data=dict(stale["fields"]) | {"form_id": ""})
    assert "Somebody pressed before you." in grace.get(late.location)
    assert "It is open: people can join." in grace.get(grace.press(at, "/open").location)


def test_launching_to_all_and_archiving_are_the_owners(grace: Desk, appoint: Appoint, world: World) -> None:
    campus = world.launch()
    at = "/admin/w/campus"
    assert "Launch to all" not in appoint("linus@team.example", Role.ADMIN, campus).get(at)
    assert 'data-state="launched"' in grace.get(grace.press(at, "/launch").location)
    archived = grace.get(grace.press(at, "/archive").location)
    assert 'data-state="archived"' in archived
    assert "Change what it is" not in archived


def test_a_waitlist_is_frozen_and_switched_off_for_products_and_on_again(grace: Desk, world: World) -> None:
    world.launch()
    at = "/admin/w/campus"
    assert grace.press(at, "/kill", status=422, kill_reason="").text.count("Enter a reason") >= 1
    assert "every product is told" in grace.get(grace.press(at, "/kill", kill_reason="a leak").location)
    page = grace.get(at)
    assert "/unkill" in page
    assert 'action="/admin/w/campus/kill"' not in page
    grace.press(at, "/unkill")
    assert "Frozen: nobody new" in grace.get(grace.press(at, "/freeze", freeze_reason="flood").location)
    assert 'action="/admin/w/campus/freeze"' not in grace.get(at)
    grace.press(at, "/resume")
    assert [event.verb for event in world.events()][-4:] == [
        *("launching.killed", "launching.unkilled", "launching.frozen", "launching.resumed"),
    ]
