"""A draft is kept step by step; a page that grew old is told so, and what was typed on it is not lost."""

from __future__ import annotations

import csv
import io

import pytest

from tests.parts import both
from tests.web.admin.conftest import Desk, form_of
from tests.web.admin.test_waves import WAVES, draft, release, timed, where
from tests.world import World
from waitlist.models.message import Message
from waitlist.models.wave import Wave, WaveMember
from waitlist.services.cutting import Cut
from waitlist.web.admin import shown


def test_a_draft_is_left_and_found_where_it_was(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    offer_at = grace.press(f"{WAVES}/new", kind="first", n="2").location
    at = offer_at.removesuffix("/offer")
    assert grace.client.get(at).location == offer_at
    grace.press(offer_at, days="3")
    assert grace.client.get(at).location == f"{at}/check"
    grace.press(f"{at}/when", hold="9")
    assert grace.client.get(at).location == f"{at}/confirm"
    page = grace.get(f"{at}/confirm")
    assert 'aria-current="step"><span>Confirm</span>' in page
    assert "Each invite lasts 3 days;" in page
    assert "After 9 minutes in which you can undo it" in page


@both
@pytest.mark.parametrize(
    ("step", "typed"), [("audience", {"n": "5"}), ("offer", {"days": "5"}), ("when", {"hold": "5"})]
)
def test_an_old_page_is_told_and_may_be_saved_all_the_same(
    grace: Desk, world: World, step: str, typed: dict[str, str]
) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace)
    old = form_of(grace.get(f"{at}/{step}"))
    grace.press(f"{at}/offer", days="30")
    kept = world.rows(Wave)[0].params
    told = grace.client.post(f"{at}/{step}", data=dict(old["fields"]) | typed)
    assert told.status_code == 409
    assert "Somebody changed this draft since you opened the page." in told.text
    assert world.rows(Wave)[0].params == kept
    again = dict(form_of(told.text)["fields"])
    assert again[next(iter(typed))] == "5"
    assert grace.client.post(f"{at}/{step}", data=again).status_code == 303
    assert world.rows(Wave)[0].params != kept


@both
def test_a_confirmation_of_another_draft_does_nothing(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace)
    timed(grace, at, when="later", starts_at="2090-01-01T09:00", pick="start")
    old = form_of(grace.get(f"{at}/confirm"), "/release")
    grace.press(f"{at}/audience", n="1")
    told = grace.client.post(old["action"], data=dict(old["fields"]))
    assert told.status_code == 409
    assert "Somebody changed the draft since you looked." in told.text
    assert world.rows(Wave)[0].state == "draft"


def test_a_start_that_passed_meanwhile_is_told(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace)
    timed(grace, at, when="later", starts_at="2090-01-01T09:00")
    with world.writing() as tx:
        params = world.rows(Wave)[0].params | {"timing": {"at": "2020-01-01T09:00:00+00:00"}}
        tx.execute(Wave.__table__.update().values(params=params))
    assert "Its start has passed." in release(grace, at, status=422)


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"when": ""}, "Select when it starts"),
        ({"hold": ""}, "Enter a number of minutes"),
        ({"hold": "61"}, "Enter a number from 0 to 60"),
        ({"speed": ""}, "Select how fast it goes"),
        ({"speed": "hour"}, "Enter how many people"),
        ({"speed": "hour", "pace": "101"}, "Enter a number from 1 to 100"),
        ({"speed": "day", "pace": "2401"}, "Enter a number from 1 to 2400"),
        ({"quiet_from": "22:00"}, "Enter a time of day, like 22:00"),
        ({"quiet_from": "22:00", "quiet_to": "22:00"}, "Enter another time than the one they begin at"),
    ],
)
def test_each_fault_of_the_schedule_has_its_words(grace: Desk, world: World, typed: dict[str, str], words: str) -> None:
    world.crowd(world.launch(mails_per_hour=100), 2)
    assert words in timed(grace, draft(grace), 422, **typed)


def test_quiet_hours_bring_a_pace_and_both_are_confirmed(grace: Desk, world: World) -> None:
    campus = world.launch(mails_per_hour=100, tz="Europe/Paris")
    world.crowd(campus, 9)
    at = draft(grace)
    timed(grace, at, quiet_from="22:00", quiet_to="07:00")
    page = grace.get(f"{at}/confirm")
    assert "100 people per hour, not from 22:00 until 07:00" in page
    timed(grace, at, speed="day", pace="1", quiet_from="", quiet_to="")
    page = grace.get(f"{at}/confirm")
    assert "1 person per day" in page
    assert "The last mail leaves about" in page
    release(grace, at)
    grace.press(f"{at}/holding", "/send-now")
    world.later(minutes=2)
    world.deliver(campus, world.rows(Wave)[0])
    assert world.rows(Wave)[0].invited == 1
    assert "The next people are invited at" in grace.get(f"{at}/releasing")


def test_a_wave_is_copied_and_its_people_are_exported(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    wave = world.release(campus, 2)
    world.redeem(campus, world.invite_of("person1@college.edu"), "person1@college.edu")
    at = f"{WAVES}/{wave.public_id}"
    with world.writing() as tx:
        tx.execute(Message.__table__.update().values(state="sent"))
    copied = grace.press(f"{at}/result", "/copy").location
    assert "Copied. This is a new draft" in grace.get(copied)
    assert world.rows(Wave)[1].params["audience"] == {"kind": "first", "n": 2}
    text = grace.press(f"{at}/result", "/export", status=200).text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row[1] for row in rows[1:]] == ["person1@college.edu", "person2@college.edu"]
    assert [row[-1] for row in rows[1:]] == ["accepted", ""]
    assert len(world.events("exporting.exported")) == 1


@both
def test_mails_of_a_wave_that_invited_everybody_can_still_be_paused_and_stopped(grace: Desk, world: World) -> None:
    campus = world.launch(seats=5)
    world.crowd(campus, 9)
    wave = world.release(campus, 2)
    at = f"{WAVES}/{wave.public_id}"
    assert wave.state == "done"
    grace.press(f"{at}/releasing", "/pause")
    assert "Nobody else is invited until you resume." in where(grace, at)
    grace.press(f"{at}/releasing", "/resume")
    assert world.wave(wave.public_id).state == "done"
    grace.press(f"{at}/releasing", "/stop", reason="a leak")
    assert world.seats(campus) == 0
    assert world.place("person1@college.edu") == 1
    assert {row.outcome for row in world.rows(WaveMember)} == {"stopped"}


def test_who_changed_is_counted_from_the_page_alone() -> None:
    before, after = Cut(chosen=[1, 2, 3]), Cut(chosen=[2, 3, 4], newcomers=[{"email_key": "x@y.example"}])
    assert shown.changed(shown.packed(before), after) == 3
    assert shown.changed(shown.packed(before), Cut(chosen=[3, 2, 1])) == 0
    assert shown.changed("", after) is None
    assert shown.changed("not a page of ours", after) is None
    assert shown.packed(Cut(chosen=list(range(shown.MOST + 1)))) == ""
