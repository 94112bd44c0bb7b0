"""Grace does one thing with many people: she sees how many and who, presses once, and can take it back."""

from __future__ import annotations

import re
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import TEAM, World
from waitlist import jobs
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch
from waitlist.models.tag import EntryTag
from waitlist.services import leaving

PEOPLE = "/admin/w/campus/people"
LOOK = "/people/selection"


def line(world: World) -> list[str]:
    """Who stands in line, in order."""
    rows = [(world.place(entry.email), entry.email.partition("@")[0]) for entry in world.rows(Entry)]
    return [name for place, name in sorted((place, name) for place, name in rows if place is not None)]


def chosen(desk: Desk, deed: str, *people: Entry, query: str = "") -> str:
    """The page of a sweep of these people, or of all that a filter finds."""
    scope = {"scope": "ticked", "entry": [str(person.id) for person in people]} if people else {"scope": "all"}
    location: str = desk.press(f"{PEOPLE}?{query}", LOOK, deed=deed, **scope).location
    return location


def told(desk: Desk, page: str, **typed: Any) -> str:
    """Confirm, and read what it says."""
    return desk.get(desk.press(page, page.rpartition("/")[2], **({"reason": "odd"} | typed)).location)


@pytest.fixture
def campus(world: World) -> Launch:
    return world.launch()


@both
def test_everybody_who_matches_is_held_once_and_undone(grace: Desk, world: World, campus: Launch) -> None:
    world.crowd(campus, 4)
    world.crowd(campus, 2, prefix="other")
    page = chosen(grace, "hold", query="q=person*")
    look = grace.get(page)
    assert "Hold 4 people" in look
    assert "address begins with “person”" in look
    assert line(world) == ["person1", "person2", "person3", "person4", "other1", "other2"]
    form = form_of(look, page.rpartition("/")[2])
    fields = dict(form["fields"])
    assert grace.client.post(form["action"], data=fields).status_code == 422
    for _ in range(2):  # a double press
        assert grace.client.post(form["action"], data=fields | {"reason": "odd"}).status_code == 303
    assert line(world) == ["other1", "other2"]
    assert len(world.rows(Hold)) == 4
    assert len(world.events("holding.held")) == 4
    result = grace.get(page)
    assert "Done for 4 people." in result
    undone = grace.get(grace.press(page, "/undo").location)
    assert "Undone for 4 people." in undone
    assert line(world) == ["person1", "person2", "person3", "person4", "other1", "other2"]
    assert world.events("sweeping.confirmed")[0].data["people"] == 4
    assert 'action="' + page + '/undo"' not in undone


@both
def test_whoever_changed_in_between_is_left_and_shown(grace: Desk, world: World, campus: Launch) -> None:
    people = world.crowd(campus, 3)
    page = chosen(grace, "hold", *people)
    with world.writing() as tx:
        leaving.leave(tx, campus, people[1].id, actor=TEAM, now=world.now)
    result = told(grace, page)
    assert "Done for 2 people." in result
    first = re.search(r'data-testid="sweep-row".*?</tr>', result, re.S)
    assert first is not None
    assert "person2@college.edu" in first[0]
    assert "changed meanwhile: left as it is" in first[0]
    assert world.entry("person2@college.edu").held_by is None


@both
def test_people_move_one_behind_the_other_and_it_says_that_this_stays(
    grace: Desk, world: World, campus: Launch
) -> None:
    people = world.crowd(campus, 5)
    page = chosen(grace, "move", people[4], people[2])
    assert "A move cannot be undone." in grace.get(page)
    assert "Select where to" in grace.press(page, page.rpartition("/")[2], status=422, reason="x").text
    assert "Enter a number" in grace.press(page, page.rpartition("/")[2], status=422, reason="x", how="to").text
    result = told(grace, page, how="top")
    assert line(world) == ["person3", "person5", "person1", "person2", "person4"]
    assert "/undo" not in result
    told(grace, chosen(grace, "move", people[1], people[3]), how="to", to="2")
    assert line(world) == ["person3", "person2", "person4", "person5", "person1"]
    told(grace, chosen(grace, "move", people[0]), how="up", up="3")
    assert line(world) == ["person3", "person1", "person2", "person4", "person5"]


@both
def test_tags_vips_removals_and_releases_come_back_by_undo(grace: Desk, world: World, campus: Launch) -> None:
    people = world.crowd(campus, 3)
    page = chosen(grace, "tag", people[0], people[2])
    assert "Enter a tag" in grace.press(page, page.rpartition("/")[2], status=422, reason="x").text
    told(grace, page, tag=" Founder  2026 ")
    with world.reading() as rx:
        assert list(rx.scalars(sa.select(EntryTag.tag))) == ["founder 2026"] * 2
    again = told(grace, chosen(grace, "tag", *people), tag="founder 2026")
    assert "Done for 1 person." in again
    assert "was so already" in again
    grace.press(page, "/undo")
    vip = chosen(grace, "vip", people[2])
    told(grace, vip)
    assert line(world) == ["person3", "person1", "person2"]
    grace.press(vip, "/undo")
    assert line(world) == ["person1", "person2", "person3"]
    removal = chosen(grace, "remove", *people[:2])
    told(grace, removal)
    assert line(world) == ["person3"]
    grace.press(removal, "/undo")
    assert line(world) == ["person1", "person2", "person3"]
    told(grace, chosen(grace, "hold", people[0]))
    release = chosen(grace, "release", *people[:2])
    assert "Done for 1 person." in told(grace, release)
    assert line(world) == ["person1", "person2", "person3"]
    grace.press(release, "/undo")
    assert line(world) == ["person2", "person3"]


def test_whoever_is_held_through_somebody_else_stays_held(grace: Desk, world: World, campus: Launch) -> None:
    top = world.waiting(campus, "top@college.edu")
    friend = world.waiting(campus, "friend@college.edu", by=top)
    grace.press(f"{PEOPLE}/{top.public_id}", "/hold", hold_reason="ring", subtree="yes")
    assert "held through somebody else" in told(grace, chosen(grace, "release", friend))
    assert line(world) == []


def test_people_without_a_place_are_not_moved_and_full_seats_keep_them_out(grace: Desk, world: World) -> None:
    campus = world.launch(seats=1)
    inside = world.member(campus)
    assert "has no place to move" in told(grace, chosen(grace, "move", inside), how="top")
    removal = chosen(grace, "remove", inside)
    told(grace, removal)
    world.member(campus, "bob@college.edu")
    kept = grace.get(grace.press(removal, "/undo").location)
    assert "no seat is left" in kept
    assert "Undone for 0 people." in kept


def test_a_large_sweep_goes_on_in_the_worker(
    grace: Desk, world: World, campus: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waitlist.services.sweeping.CHUNK", 2)
    world.crowd(campus, 5)
    page = chosen(grace, "hold", query="state=waiting")
    result = told(grace, page)
    assert "At work." in result
    assert len(line(world)) == 3
    with world.app.app_context():
        jobs.tick()
    assert line(world) == []
    assert "Done for 5 people." in grace.get(page)
    assert "At work." in grace.get(grace.press(page, "/undo").location)
    with world.app.app_context():
        jobs.tick()
    assert len(line(world)) == 5
    assert world.events("holding.released")[-1].actor == f"admin:{grace.user.id}"


def test_ten_minutes_later_it_stays_done(grace: Desk, world: World, campus: Launch) -> None:
    (person,) = world.crowd(campus, 1)
    page = chosen(grace, "hold", person)
    told(grace, page)
    form = form_of(grace.get(page), "/undo")
    world.later(minutes=11)
    with world.clock():
        assert "/undo" not in grace.get(page)
        late = grace.client.post(form["action"], data=dict(form["fields"]))
        assert "Nothing was undone" in grace.get(late.location)
    assert line(world) == []


def test_a_second_colleague_sees_what_the_first_did(
    grace: Desk, appoint: Appoint, world: World, campus: Launch
) -> None:
    (person,) = world.crowd(campus, 1)
    page = chosen(grace, "hold", person)
    linus = appoint("linus@team.example", Role.REVIEWER)
    forms = [form_of(desk.get(page), page.rpartition("/")[2]) for desk in (grace, linus)]
    for desk, form in zip((grace, linus), forms, strict=True):
        answer = desk.client.post(form["action"], data=dict(form["fields"]) | {"reason": "odd"})
    assert "Somebody pressed before." in linus.get(answer.location)
    assert len(world.rows(Hold)) == 1


def test_nothing_chosen_is_said_and_nothing_happens(grace: Desk, world: World, campus: Launch) -> None:
    world.crowd(campus, 1)
    refused = grace.press(PEOPLE, LOOK, status=422, deed="hold").text
    assert "Tick people in the table first" in refused
    assert "Select what to do" in grace.press(PEOPLE, LOOK, status=422, scope="all").text
    gone = grace.press(PEOPLE, LOOK, status=422, deed="hold", entry="999999").text
    assert "Nobody is among them any more" in gone


def test_ticked_people_are_exported_alone(grace: Desk, world: World, campus: Launch) -> None:
    people = world.crowd(campus, 3)
    text = grace.press(PEOPLE, LOOK, status=200, deed="export", entry=[str(people[1].id)]).text
    assert re.findall(r"person\d", text) == ["person2"]
    everybody = grace.press(PEOPLE, LOOK, status=200, deed="export", scope="all").text
    assert len(re.findall(r"person\d", everybody)) == 3
    assert [event.data["rows"] for event in world.events("exporting.exported")] == [1, 3]


def test_each_file_of_one_form_stands_in_the_audit_log(grace: Desk, world: World, campus: Launch) -> None:
    people = world.crowd(campus, 3)
    form = form_of(grace.get(PEOPLE), LOOK)
    fields = dict(form["fields"]) | {"deed": "export"}
    for more in ({"entry": str(people[1].id)}, {"scope": "all"}, {"scope": "all"}):
        assert grace.client.post(form["action"], data=fields | more).status_code == 200
    assert [event.data["rows"] for event in world.events("exporting.exported")] == [1, 3, 3]


@pytest.mark.parametrize("deed", ["hold", "release", "tag", "invite", "move", "vip", "remove"])
def test_an_analyst_is_refused_every_deed_and_a_reviewer_those_of_an_admin(
    grace: Desk, appoint: Appoint, world: World, campus: Launch, deed: str
) -> None:
    (person,) = world.crowd(campus, 1)
    analyst = appoint("ann@team.example", Role.ANALYST, campus)
    analyst.press(PEOPLE, LOOK, status=403, deed=deed, entry=str(person.id))
    if deed == "invite":
        return
    page = chosen(grace, deed, person)
    analyst.get(page, status=403)
    reviewer = appoint("rita@team.example", Role.REVIEWER, campus)
    may = deed in ("hold", "release", "tag")
    reviewer.press(PEOPLE, LOOK, status=303 if may else 403, deed=deed, entry=str(person.id))
    fields = dict(form_of(grace.get(page), page.rpartition("/")[2])["fields"]) | {
        "reason": "x",
        "tag": "x",
        "how": "top",
    }
    look = reviewer.get(page)
    assert ("<form" in look.partition("<main")[2].partition("</main>")[0]) == may
    fields["csrf_token"] = dict(form_of(reviewer.get("/admin/account"), "/shortcuts")["fields"])["csrf_token"]
    answer = reviewer.client.post(page, data=fields)
    assert answer.status_code == (303 if may else 403)


def test_a_sweep_of_another_waitlist_is_unknown(grace: Desk, world: World, campus: Launch) -> None:
    (person,) = world.crowd(campus, 1)
    page = chosen(grace, "hold", person)
    world.launch("beta")
    grace.get(page.replace("/campus/", "/beta/"), status=404)


def test_whoever_goes_back_and_chooses_others_gets_these(grace: Desk, world: World, campus: Launch) -> None:
    first, second = world.crowd(campus, 2)
    form = form_of(grace.get(PEOPLE), LOOK)
    fields = dict(form["fields"]) | {"scope": "ticked", "deed": "hold"}
    pages = [
        grace.client.post(form["action"], data=fields | {"entry": str(one.id)}).location
        for one in (first, second, second)
    ]
    assert pages[1] == pages[2] != pages[0]
    assert second.email in grace.get(pages[1])
    assert first.email not in grace.get(pages[1])
    wave = grace.client.post(form["action"], data=fields | {"entry": str(first.id), "deed": "invite"})
    assert "/waves/" in wave.location


def test_every_file_that_leaves_is_written_down(grace: Desk, world: World, campus: Launch) -> None:
    world.crowd(campus, 2)
    form = form_of(grace.get(PEOPLE), "/people/export")
    for _ in range(2):
        assert grace.client.post(form["action"], data=dict(form["fields"])).status_code == 200
    assert len(world.events("exporting.exported")) == 2


@pytest.mark.parametrize("deed", ["hold", "invite", "export"])
def test_a_filter_that_cannot_be_read_chooses_nobody(grace: Desk, world: World, campus: Launch, deed: str) -> None:
    world.crowd(campus, 2)
    form = form_of(grace.get(PEOPLE), LOOK)
    told = grace.client.post(f"{form['action']}?since=soon", data=dict(form["fields"]) | {"scope": "all", "deed": deed})
    assert told.status_code == 422
    assert "Enter a date and time" in told.text
    assert world.events("exporting.exported") == []
    form = form_of(grace.get(PEOPLE), "/people/export")
    assert grace.client.post(f"{form['action']}?since=soon", data=dict(form["fields"])).status_code == 422


def test_people_are_put_into_another_line_together(grace: Desk, world: World, campus: Launch) -> None:
    people = world.crowd(campus, 3)
    page = chosen(grace, "move", *people[1:])
    refused = grace.press(page, page.partition("?")[0], status=422, how="line", line="North Campus", reason="x")
    assert "Write a line in small letters" in refused.text
    assert "Enter a line" in grace.press(page, page.partition("?")[0], status=422, how="line", line="", reason="x").text
    done = grace.press(page, page.partition("?")[0], how="line", line="north", reason="live there")
    assert "Done for 2 people." in grace.get(done.location)
    assert [world.place(person.email) for person in people] == [1, 1, 2]
    assert "<strong>2 people</strong>" in grace.get(f"{PEOPLE}?line=north")
