"""Grace reads who did what, when and why."""

from __future__ import annotations

import csv
import html
import re

import pytest

from tests.web.admin.conftest import Desk
from tests.world import CAROL, World
from waitlist.models.event import Event
from waitlist.services import sealing

AUDIT = "/admin/w/campus/audit"


def verbs(page: str) -> list[str]:
    return re.findall(r'<span class="visually-hidden">\(([\w.]+)\)</span>', page)


def test_what_happened_stands_with_who_did_it(grace: Desk, world: World) -> None:
    world.cast()
    world.launch("beta")
    page = grace.get(AUDIT)
    assert verbs(page)[-1] == "launching.created"
    assert verbs(page).count("launching.created") == 1
    assert "Confirmed and in line" in page
    assert CAROL in page
    assert "The worker" in page
    assert "The person" in page


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("verb=releasing", {"releasing.confirmed", "releasing.started", "releasing.done"}),
        ("verb=joining.confirmed", {"joining.confirmed"}),
        ("actor=system", {"releasing.started", "releasing.done", "releasing.invited"}),
        ("actor=admin:1&verb=launching", {"launching.created"}),
        ("until=2001-01-01T00:00", set()),
        ("since=2999-01-01T00:00", set()),
        ("verb='; drop", None),
        ("actor=%25", None),
    ],
)
def test_the_log_is_filtered_by_its_address(grace: Desk, world: World, query: str, wanted: set[str] | None) -> None:
    world.cast()
    page = grace.get(f"{AUDIT}?{query}")
    if wanted is None:
        assert verbs(page) == verbs(grace.get(AUDIT))
    else:
        assert set(verbs(page)) <= wanted | {"releasing.invited"}
        assert bool(verbs(page)) == bool(wanted)


def test_a_date_that_is_none_is_told_beside_its_field(grace: Desk, world: World) -> None:
    world.launch()
    assert "Enter a date and time" in grace.get(f"{AUDIT}?since=yesterday", status=422)


def test_older_events_are_on_the_next_page(grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.cast()
    every = verbs(grace.get(AUDIT))
    monkeypatch.setattr("waitlist.web.admin.audit.PAGE", 4)
    seen, page = [], grace.get(AUDIT)
    while following := re.search(r'rel="next" href="([^"]*)"', page):
        seen += verbs(page)
        page = grace.get(html.unescape(following[1]))
    assert seen + verbs(page) == every


def test_the_chain_is_verified_on_the_page(grace: Desk, world: World) -> None:
    world.cast()
    assert "Nothing is sealed yet." in grace.get(f"{AUDIT}?verify=yes")
    with world.writing() as tx:
        sealing.seal(tx, world.now, 1_000)
    page = grace.get(f"{AUDIT}?verify=yes")
    assert re.search(r"The chain of \d+ events holds\.", page)
    with world.writing() as tx:
        tx.execute(Event.__table__.update().where(Event.verb == "joining.confirmed").values(actor="admin:99"))
    assert "The chain does not hold at position" in grace.get(f"{AUDIT}?verify=yes")


@pytest.mark.parametrize("path", ["audit", "waves", "invites", "outbox", "deny"])
def test_a_page_number_written_by_hand_breaks_nothing(grace: Desk, world: World, path: str) -> None:
    world.cast()
    for before in (10**40, "x", "-1"):
        grace.get(f"/admin/w/campus/{path}?before={before}")


def test_the_log_is_filtered_by_person_and_request_and_leaves_as_a_file(grace: Desk, world: World) -> None:
    world.cast()
    world.waiting(world.launch_of(), "erin@college.edu")
    about = grace.get(f"{AUDIT}?about={CAROL}")
    assert verbs(about) == ["joining.confirmed"]
    assert verbs(grace.get(f"{AUDIT}?about=nobody@college.edu")) == []
    assert verbs(grace.get(f"{AUDIT}?about=nobody")) == []
    note = f"/admin/w/campus/people/{world.entry(CAROL).public_id}"
    grace.press(note, "/note", note="called us")
    (noted,) = world.events("noting.noted")
    assert verbs(grace.get(f"{AUDIT}?request={noted.request_id}")) == ["noting.noted"]
    assert "note: called us" in grace.get(f"{AUDIT}?request={noted.request_id}")
    text = grace.press(f"{AUDIT}?about={CAROL}", "/audit/export", status=200).text
    rows = list(csv.reader(text.removeprefix("\ufeff").splitlines()))
    assert [row[2] for row in rows] == ["verb", "noting.noted", "joining.confirmed"]
    assert rows[1][4] == CAROL
    assert world.events("exporting.exported")[-1].data == {"form": "audit log", "rows": 2, "states": []}


def test_a_long_log_leaves_whole(grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.cast()
    monkeypatch.setattr("waitlist.web.admin.audit.CHUNK", 4)
    events = len([event for event in world.events() if event.launch_id is not None])
    exported = grace.press(AUDIT, "/audit/export", status=200).text
    assert exported.count("\r\n") - 1 == events
    assert "joining.confirmed" in exported
