"""Writing to many people in the console: chosen, counted, looked at, tried, sent once, undone, paused and stopped."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.web.admin.conftest import GRACE, Appoint, Desk
from tests.web.admin.test_mails import hidden_of
from tests.world import World
from waitlist import jobs
from waitlist.models.access import Role
from waitlist.models.broadcast import Broadcast
from waitlist.models.message import Message, MessageState
from waitlist.services import broadcasting, posting

PEOPLE = "/admin/w/campus/people"
NEWS = {"subject_en": "News of {{ waitlist }}", "body_en": "We moved.\n\n[Your page]({{ home_url }})"}


def drafted(grace: Desk, world: World, n: int = 6) -> str:
    """The address of a draft to everybody."""
    world.crowd(world.launch(), n)
    at = grace.press(PEOPLE, "/people/selection", deed="write", scope="all").location
    assert "/broadcasts/brd_" in at
    return at


def saved(grace: Desk, world: World, n: int = 6) -> str:
    at = drafted(grace, world, n)
    grace.press(at, "/words", **NEWS)
    return at


def number(page: str, testid: str) -> str:
    return re.search(rf'data-testid="{testid}">([^<]*)<', page)[1]  # type: ignore[index]


def test_a_draft_says_who_gets_it_and_leaves_only_once_it_is_written(grace: Desk, world: World) -> None:
    at = drafted(grace, world)
    page = grace.get(at)
    assert (number(page, "gets"), number(page, "chosen")) == ("6", "6")
    assert "Save the words first." in page
    for wrong, said in (
        ({}, "Write it in the language of the waitlist first"),
        ({"body_en": "Hello"}, "Enter a subject"),
        (NEWS | {"body_en": "{{ config }}"}, "This mail does not know “config”."),
        (NEWS | {"body_fr": "{% if x %}"}, "is more than a name"),
        (NEWS | {"agreed": "retired"}, "People are no longer asked for this agreement."),
    ):
        answer = grace.press(at, "/words", status=422, **wrong)
        assert said in answer.text
    page = grace.press(at, "/words", follow=True, **NEWS).text
    assert "Saved. Check the numbers below" in page
    assert "Write to 6 people" in page
    assert "News of Campus" in grace.get("/admin/w/campus/broadcasts")


def test_the_preview_and_the_test_say_what_stands_in_the_form(grace: Desk, world: World) -> None:
    at = drafted(grace, world)
    form = hidden_of(grace.get(at), "data-preview")
    shown = grace.client.post(f"{at}/preview", data=form | NEWS | {"language": "en"})
    assert "News of Campus" in shown.text
    assert "sandbox" in shown.headers["Content-Security-Policy"]
    assert (
        "Nothing is written in this language"
        in grace.client.post(f"{at}/preview", data=form | NEWS | {"language": "fr"}).text
    )
    tested = grace.client.post(f"{at}/test", data=form | NEWS)
    assert "A test is on its way to grace@team.example" in tested.text
    assert "We moved." in tested.text
    (message,) = world.messages("words_test")
    assert message.to_address == GRACE
    assert world.messages("broadcast") == []


def test_it_is_sent_once_after_its_window_and_each_press_is_told_what_happened(grace: Desk, world: World) -> None:
    at = saved(grace, world)
    form = hidden_of(grace.get(at), "/confirm")
    for _ in range(2):
        assert grace.client.post(f"{at}/confirm", data=form).status_code == 303
    other_tab = form | {"form_id": hidden_of(grace.get(at), "/undo")["form_id"]}
    assert grace.client.post(f"{at}/confirm", data=other_tab).status_code in (303, 422)
    page = grace.get(at)
    assert "Nothing has left yet." in page
    assert "Undone." in grace.press(at, "/undo", follow=True).text
    grace.press(at, "/confirm")
    world.later(hours=1)
    with world.clock(), world.app.app_context():
        jobs.tick()
        jobs.tick()
    assert len(world.messages("broadcast")) == 6
    page = grace.get(at)
    assert "Written to" in page
    assert "/stop" in page, "while its mails wait for their turn"
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.kind == "broadcast").values(state=MessageState.SENT))
    with world.clock(), world.app.app_context():
        jobs.tick()
    assert "/stop" not in grace.get(at)
    assert len(world.events("broadcasting.done")) == 1


def test_a_draft_that_somebody_changed_is_not_sent_and_no_words_are_lost(grace: Desk, world: World) -> None:
    at = saved(grace, world)
    page = grace.get(at)
    stale, confirm = hidden_of(page, "data-preview"), hidden_of(page, "/confirm")
    grace.press(at, "/words", **(NEWS | {"subject_en": "Other"}))
    late = grace.client.post(f"{at}/words", data=stale | NEWS | {"body_en": "Mine"})
    assert late.status_code == 409
    assert "Somebody changed it meanwhile." in late.text
    assert "Mine" in late.text
    answer = grace.client.post(f"{at}/confirm", data=confirm, follow_redirects=True)
    assert "Nothing happened: somebody pressed or changed it before." in answer.text
    (found,) = world.rows(Broadcast)
    assert found.state == "draft"


def test_many_people_are_written_to_only_by_their_number(grace: Desk, world: World) -> None:
    at = saved(grace, world, 24)
    assert "Type the number 24" in grace.press(at, "/confirm", status=422, typed_number="23").text
    grace.press(at, "/confirm", typed_number="24")
    (found,) = world.rows(Broadcast)
    assert found.state == "holding"


def test_it_is_paused_resumed_and_stopped_on_its_page(
    grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(broadcasting, "CHUNK", 2)
    at = saved(grace, world)
    grace.press(at, "/confirm")
    world.later(hours=1)
    (found,) = world.rows(Broadcast)
    with world.writing() as tx:
        broadcasting.go_on(tx, world.launch_of(), found.id, now=world.now)
    assert "Paused. Nobody else gets it" in grace.press(at, "/pause", follow=True).text
    assert "Resume" in grace.get(at)
    grace.press(at, "/resume")
    assert "Stopped. Whose mail had not left got none." in grace.press(at, "/stop", follow=True).text
    assert {mail.state for mail in world.messages("broadcast")} == {"cancelled"}


def test_whoever_reads_only_sees_the_numbers_and_writes_to_nobody(grace: Desk, appoint: Appoint, world: World) -> None:
    at = saved(grace, world)
    linus = appoint("linus@team.example", Role.REVIEWER, world.launch_of())
    page = linus.get(at)
    assert number(page, "gets") == "6"
    assert ">Save<" not in page
    assert linus.client.get("/admin/w/campus/broadcasts/brd_none").status_code == 404


def test_an_unsubscribed_person_is_left_out_and_named_by_reason(grace: Desk, world: World) -> None:
    at = saved(grace, world)
    launch = world.launch_of()
    address = "person1@college.edu"
    with world.writing() as tx:
        posting.choice_for(tx, launch.id, address, address, world.now)
        tx.exec_driver_sql("UPDATE mailbox_choice SET wants = 'nothing'")
    page = grace.get(at)
    assert (number(page, "gets"), number(page, "chosen")) == ("5", "6")
    assert "Unsubscribed from everything" in page
