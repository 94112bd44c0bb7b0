"""Grace changes what a waitlist says and does, section by section."""

from __future__ import annotations

import re

import pytest

from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import World
from waitlist import branding
from waitlist.models.access import Role
from waitlist.models.launch import Question

SETTINGS = "/admin/w/campus/settings"


def save(grace: Desk, section: str, status: int = 303, **typed: object) -> str:
    response = grace.press(SETTINGS, f"/settings/{section}", status=status, **typed)
    return response.location if status == 303 else response.text


@pytest.mark.parametrize(
    ("section", "typed", "column", "value"),
    [
        ("page", {"headline": "Come & in"}, "headline", "Come & in"),
        ("page", {"pitch": "Two\r\nlines"}, "pitch", "Two\nlines"),
        ("general", {"contact_email": "Hi@College.edu"}, "contact_email", "Hi@college.edu"),
        (
            "general",
            {"contact_email": "hi@college.edu", "product_url": "https://app.example/in"},
            "product_url",
            "https://app.example/in",
        ),
        ("general", {"contact_email": "hi@college.edu", "tz": "Europe/Paris"}, "tz", "Europe/Paris"),
        ("general", {"contact_email": "hi@college.edu", "listed": "yes"}, "listed", True),
        ("general", {"contact_email": "hi@college.edu", "lasting_only": "yes"}, "lasting_only", True),
        ("general", {"contact_email": "hi@college.edu", "interest_open": []}, "interest_open", False),
        ("invites", {"mails_per_hour": "120"}, "mails_per_hour", 120),
        ("limits", {"seats": "1,000"}, "seats", 1000),
        ("limits", {"seats": ""}, "seats", None),
        ("limits", {"line_limit": "50"}, "line_limit", 50),
        ("limits", {"on_full": "close"}, "on_full", "close"),
        ("points", {"order": "fixed"}, "points", 0),
        ("points", {"points": "5", "points_cap": ""}, "points_cap", None),
        ("invites", {"invite_days": "3"}, "invite_days", 3),
        ("invites", {"allowance": "0"}, "allowance", 0),
        ("invites", {"lapse_policy": "leave"}, "lapse_policy", "leave"),
        ("places", {"places_shown": "hidden"}, "places_shown", "hidden"),
        ("places", {"show_count": "yes"}, "show_count", True),
        ("sharing", {"leaderboard": "25"}, "leaderboard", 25),
        ("sharing", {"share_text": "Come with me"}, "share_text", "Come with me"),
        ("sharing", {"show_plan": "yes"}, "show_plan", True),
    ],
)
def test_each_setting_is_saved_and_shown(
    grace: Desk, world: World, section: str, typed: dict[str, str], column: str, value: object
) -> None:
    world.launch(seats=10)
    assert save(grace, section, **typed) == f"{SETTINGS}?done={section}"
    assert getattr(world.launch_of(), column) == value
    assert "Saved." in grace.get(f"{SETTINGS}?done={section}")


@pytest.mark.parametrize(
    ("section", "typed", "words"),
    [
        ("page", {"name": ""}, "Enter a name for the waitlist"),
        ("general", {"contact_email": "nobody"}, "Enter an e-mail address in the correct format"),
        ("general", {"product_url": "javascript:alert(1)"}, "Enter a web address, like"),
        ("general", {"tz": "Mars"}, "Select a time zone"),
        ("limits", {"seats": "-1"}, "Enter a number from 0 to"),
        ("limits", {"on_full": "x"}, "Select what happens"),
        ("points", {"order": ""}, "Select how the line is ordered"),
        ("points", {"points": ""}, "Enter how many points"),
        ("invites", {"invite_days": "0"}, "Enter a number from 1 to 365"),
        ("places", {"places_shown": "x"}, "Select what people see"),
    ],
)
def test_each_fault_keeps_what_was_typed(
    grace: Desk, world: World, section: str, typed: dict[str, str], words: str
) -> None:
    world.launch()
    text = save(grace, section, status=422, **typed)
    assert words in text
    assert world.events("launching.changed") == []


def test_seats_that_people_hold_cannot_be_taken_away(grace: Desk, world: World) -> None:
    world.cast(world.launch(seats=5))
    assert "2 seats are held. Enter that many or more." in save(grace, "limits", status=409, seats="1")
    assert world.launch_of().seats == 5


@pytest.mark.parametrize("section", ["page", "points"])
def test_who_saves_second_sees_what_the_first_one_saved(
    grace: Desk, appoint: Appoint, world: World, section: str
) -> None:
    world.launch()
    linus = appoint("linus@team.example", Role.ADMIN)
    form = form_of(grace.get(SETTINGS), f"/settings/{section}")
    save(linus, section, **{"page": {"headline": "His"}, "points": {"points": "7"}}[section])
    told = grace.client.post(form["action"], data=dict(form["fields"]) | {"headline": "Hers", "points": "9"})
    assert told.status_code == 409
    assert "Linus saved this section before you." in told.text
    assert 'value="Hers"' not in told.text
    assert {"page": 'value="His"', "points": 'value="7"'}[section] in told.text


def test_points_move_everybody_at_once(grace: Desk, world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 3)
    world.waiting(campus, "friend@college.edu", by=people[2])
    assert world.place("person3@college.edu") == 1
    save(grace, "points", order="fixed")
    assert world.place("person3@college.edu") == 3


def test_error_pages_know_the_new_name(grace: Desk, world: World) -> None:
    world.launch(contact_email="hi@college.edu")
    save(grace, "page", name="Summer")
    known = branding.recall(world.runtime.settings.instance, "campus")
    assert known == branding.Branding("campus", "Summer", "hi@college.edu")


def test_a_viewer_reads_and_saves_nothing(appoint: Appoint, world: World) -> None:
    campus = world.launch()
    viewer = appoint("linus@team.example", Role.VIEWER, campus)
    page = viewer.get(SETTINGS)
    assert ">Save</button>" not in page
    form = form_of(page, "/settings/page")
    assert viewer.client.post(form["action"], data=dict(form["fields"])).status_code == 403


def test_there_is_no_other_section(grace: Desk, world: World) -> None:
    world.launch()
    form = form_of(grace.get(SETTINGS), "/settings/page")
    assert grace.client.post(f"{SETTINGS}/secrets", data=dict(form["fields"])).status_code == 404


# --- questions

QUESTIONS = "/admin/w/campus/questions"


def test_questions_are_added_changed_ordered_and_taken_away(grace: Desk, world: World) -> None:
    world.launch()
    assert "Nothing is asked" in grace.get(SETTINGS)
    grace.press(QUESTIONS, label_0="Why?", kind_0="short")
    grace.press(QUESTIONS, label_1="Year?", kind_1="one", choices_1="First\nSecond\nFirst", required_1="yes")
    page = grace.get(f"{SETTINGS}?done=questions")
    assert page.index("Why?") < page.index("Year?")
    grace.press(QUESTIONS, ordinal_0="2", ordinal_1="1")
    asked = sorted((row for row in world.rows(Question) if row.retired_at is None), key=lambda row: row.ordinal)
    assert [(row.label, row.required, row.choices, row.version) for row in asked] == [
        ("Year?", True, ["First", "Second"], 1),
        ("Why?", False, [], 1),
    ]
    grace.press(QUESTIONS, label_0="")
    assert "Year?" not in grace.get(SETTINGS)


def test_a_choice_needs_two_answers_and_keeps_what_was_typed(grace: Desk, world: World) -> None:
    world.launch()
    told = grace.press(QUESTIONS, status=422, label_0="Year?", kind_0="one", choices_0="First").text
    assert "Enter two answers or more, one on each line" in told
    assert 'value="Year?"' in told
    assert re.search(r">\nFirst</textarea>", told)
    assert "Select a kind of answer" in grace.press(QUESTIONS, status=422, label_0="Year?", kind_0="x").text
