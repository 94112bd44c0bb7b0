"""Joining, by forms alone: from the launch page to the inbox page, and every way that ends elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.web.public.conftest import Hand
from tests.world import CAROL, DAVE, TEAM, World
from waitlist import db
from waitlist.models.entry import Attempt, State
from waitlist.models.launch import Question
from waitlist.models.upkeep import Observation
from waitlist.services import launching


@both
def test_carol_joins_confirms_and_sees_her_place(hand: Hand, world: World) -> None:
    campus = world.launch()
    page = hand.send(hand.open("/w/campus"), "join", email=" Carol@College.edu ", name="Carol  Lee")
    assert (page.status, page.state, page.h1) == (200, "check-inbox", "Check your inbox")
    assert "We sent a link to <strong>Carol@college.edu</strong>" in page.text
    page = hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert (page.status, page.state, page.h1) == (200, "waiting", "You are in line, Carol")
    assert "Your place is confirmed." in page.text
    assert world.place(CAROL) == 1


def test_a_second_press_shows_the_first_result(hand: Hand, world: World) -> None:
    world.launch()
    form = hand.open("/w/campus")
    first, second = (hand.send(form, "join", email=CAROL) for _ in range(2))
    assert first.url == second.url
    assert len(world.messages("confirm")) == 1


def test_going_back_to_type_another_address_is_a_press_of_its_own(hand: Hand, world: World) -> None:
    world.launch()
    form = hand.open("/w/campus")
    hand.send(form, "join", email="carl@college.edu")
    assert "<strong>carol@college.edu</strong>" in hand.send(form, "join", email=CAROL).text
    assert [mail.to_key for mail in world.messages("confirm")] == ["carl@college.edu", CAROL]


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("", "Enter your e-mail address"),
        ("carol", "Enter an e-mail address in the correct format, like name@example.com"),
        ("carol@college.edu.", "Remove the dot at the end"),
        ("ca\u200brol@college.edu", "Remove the character that cannot be seen"),
        ("c" * 250 + "@college.edu", "E-mail address must be 254 characters or less"),
        ("a@b@college.edu", "Enter an e-mail address in the correct format, like name@example.com"),
        ("=?utf-8?q?carol?=@college.edu", "Enter an e-mail address in the correct format, like name@example.com"),
        ("x" * 65 + "@college.edu", "The part before the @ must be 64 characters or less"),
    ],
)
def test_an_address_that_is_none_is_asked_for_again_with_everything_kept(
    hand: Hand, world: World, typed: str, message: str
) -> None:
    world.launch()
    page = hand.send(hand.open("/w/campus"), "join", email=typed, name="Carol")
    assert page.status == 422
    assert page.title.startswith("Error: ")
    assert "There is a problem" in page.text
    assert page.text.count(message) == 2  # in the summary and at the field
    assert dict(page.form("join").values)["name"] == "Carol"
    assert dict(page.form("join").values)["email"] == typed
    assert world.rows(Attempt) == []


def test_a_name_that_is_a_novel_is_refused_and_control_characters_are_dropped(hand: Hand, world: World) -> None:
    world.launch()
    page = hand.send(hand.open("/w/campus"), "join", email=CAROL, name="x" * 121)
    assert "Full name must be 120 characters or less" in page.text
    hand.send(page, "join", email=CAROL, name="Ca\x00rol\u202e\tLee\r\nBcc: x")
    assert hand.attempts()[0].name == "Carol LeeBcc: x"


def test_a_typo_is_asked_about_and_never_refused(hand: Hand, world: World) -> None:
    world.launch(domain=None)
    page = hand.send(hand.open("/w/campus"), "join", email="ada@gmial.com", name="Ada")
    assert (page.status, page.h1) == (200, "Did you mean ada@gmail.com?")
    assert hand.send(page, button="Use ada@gmail.com").state == "check-inbox"
    again = hand.send(hand.open("/w/campus"), "join", email="ada@gmial.com", name="Ada")
    assert hand.send(again, button="Keep ada@gmial.com").state == "check-inbox"
    assert [(one.email, one.name) for one in hand.attempts()] == [("ada@gmail.com", "Ada"), ("ada@gmial.com", "Ada")]


def test_dave_on_the_wrong_campus_gets_three_ways_on(hand: Hand, world: World) -> None:
    campus = world.launch()
    page = hand.send(hand.open("/w/campus"), "join", email=DAVE, name="Dave")
    assert (page.status, page.state) == (403, "wrong-domain")
    assert page.h1 == "Campus is open to @college.edu addresses"
    assert 'You entered: <strong data-testid="entered">dave@elsewhere.edu</strong>' in " ".join(page.text.split())
    assert world.rows(Attempt) == []
    # 1: another address, with the rest kept
    assert dict(page.form("join").values)["name"] == "Dave"
    assert hand.send(page, "join", email="dave@college.edu").state == "check-inbox"
    # 2: the interest line, without a place
    there = hand.send(page, "Tell me when it opens to everyone")
    assert there.state == "check-inbox"
    page_of_dave = hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert page_of_dave.state == "interest"
    assert world.place(DAVE) is None
    assert world.messages("interest_joined")[0].to_key == DAVE
    # 3: counted for the team, once
    for _ in range(2):
        thanks = hand.send(page, "My school or company should be here")
        assert "Thank you. The team sees how many people ask for this." in thanks.text
    assert [(row.name, row.n) for row in world_observations(world)] == [("asked:elsewhere.edu", 1)]


def world_observations(world: World) -> list[Observation]:
    with world.reading() as rx:
        return list(db.some(rx, sa.select(Observation).order_by(Observation.name)))


@pytest.mark.parametrize(
    ("email", "code", "says"),
    [
        ("ada@gmail.com", "domain_free_mail", "gmail.com is for personal mail."),
        ("ada@mail.college.edu", "subdomain_not_allowed", "mail.college.edu is not on the list; college.edu is."),
        ("ada@alumni.other.edu", "domain_alumni", "is for alumni"),
        ("ada@colege.edu", "domain_typo", "Did you mean college.edu?"),
    ],
)
def test_the_wrong_domain_is_explained_as_precisely_as_it_can_be(
    hand: Hand, world: World, email: str, code: str, says: str
) -> None:
    world.launch()
    page = hand.send(hand.open("/w/campus"), "join", email=email)
    assert page.status == 403
    assert f'data-code="{code}"' in page.text
    assert says in page.text


def test_a_slip_in_the_campus_is_one_press_away_from_right(hand: Hand, world: World) -> None:
    world.launch()
    page = hand.send(hand.open("/w/campus"), "join", email="ada@colege.edu", name="Ada")
    assert hand.send(page, "Use ada@college.edu").state == "check-inbox"
    assert [(one.email, one.name) for one in hand.attempts()] == [("ada@college.edu", "Ada")]


def test_a_throw_away_address_is_refused_where_the_team_wants_so(hand: Hand, world: World) -> None:
    world.launch(domain=None, lasting_only=True)
    page = hand.send(hand.open("/w/campus"), "join", email="x@mailinator.com", name="X")
    assert (page.status, page.h1) == (403, "Use an address you will still have when we launch")
    assert hand.send(page, "join", email="x@example.com").state == "check-inbox"


@pytest.mark.parametrize(
    ("condition", "columns"),
    [
        ("not_open", {"opens_at": timedelta(days=3)}),
        ("closed", {"closes_at": timedelta(days=-1)}),
        ("full", {"line_limit": 1}),
    ],
)
def test_a_press_at_the_wrong_time_is_a_409(hand: Hand, world: World, condition: str, columns: dict) -> None:
    opens = columns.pop("opens_at", None)
    closes = columns.pop("closes_at", None)
    if closes is not None:
        columns["closes_at"] = world.now + closes
    campus = world.launch(domain=None, opens_at=world.now + opens if opens else None, **columns)
    if condition == "full":
        world.waiting(campus, CAROL)
    assert hand.open("/w/campus").state == condition
    page = hand.press("/w/campus/join", email="late@college.edu")
    assert (page.status, page.state) == (409, condition)
    assert "Nobody can join at this moment. What you typed is still here." in page.text


def test_while_paused_the_form_keeps_what_was_typed(hand: Hand, world: World) -> None:
    campus = world.launch()
    form = hand.open("/w/campus")
    with world.writing() as tx:
        launching.pause(tx, campus, reason="spam", public_reason="Back at noon.", actor=TEAM, now=world.now)
    page = hand.open("/w/campus")
    assert page.forms == []
    assert "Joining is paused." in page.text
    assert "Back at noon." in page.text
    late = hand.send(form, "join", email=CAROL)
    assert (late.status, late.state) == (409, "paused")
    assert dict(late.form("join").values)["email"] == CAROL


def test_a_page_left_open_for_a_day_loses_no_typing(hand: Hand, world: World) -> None:
    world.launch()
    form = hand.open("/w/campus")
    world.later(hours=25)
    page = hand.send(form, "join", email=CAROL)
    assert page.status == 422
    assert "Your session timed out. Check your answers and send again." in page.text
    assert hand.send(page, "join").state == "check-inbox"


def test_a_robot_that_fills_the_hidden_box_sees_the_same_page_and_writes_nothing(hand: Hand, world: World) -> None:
    world.launch()
    page = hand.send(hand.open("/w/campus"), "join", email=CAROL, website="http://spam.example")
    assert page.state == "check-inbox"
    assert world.rows(Attempt) == []


def test_a_static_form_on_another_page_needs_no_form_id(hand: Hand, world: World) -> None:
    world.launch()
    assert hand.press("/w/campus/join", email=CAROL).state == "check-inbox"


def test_without_confirmation_mails_a_new_person_goes_straight_to_the_place(hand: Hand, world: World) -> None:
    campus = world.launch(domain=None, double_opt_in=False)
    page = hand.send(hand.open("/w/campus"), "join", email=CAROL)
    assert (page.state, page.h1) == ("waiting", "You are in line")
    assert "You are in line." in page.text
    assert hand.send(hand.open("/w/campus"), "join", email=CAROL).state == "check-inbox"
    assert world.entry(CAROL, campus).state == State.WAITING


def ask(world: World, launch_id: int, *questions: dict[str, object]) -> None:
    with world.writing() as tx:
        for n, question in enumerate(questions):
            row = {"launch_id": launch_id, "key": f"q{n}", "ordinal": n, "kind": "short", "label": f"Label {n}"}
            tx.execute(sa.insert(Question).values(row | question))


def test_questions_are_asked_checked_and_kept(hand: Hand, world: World) -> None:
    campus = world.launch()
    ask(
        world,
        campus.id,
        {"key": "team", "label": "Team", "kind": "one", "choices": ["Red", "<b>Blue</b>"], "required": True},
        {"key": "days", "label": "Days", "kind": "many", "choices": ["Mon", "Tue", "Wed"], "most": 2},
        {"key": "why", "label": "reason", "kind": "long", "longest": 10, "required": True, "hint": "Be short."},
    )
    page = hand.open("/w/campus")
    assert "&lt;b&gt;Blue&lt;/b&gt;" in page.text
    page = hand.send(page, "join", email=CAROL, q_days=["Mon", "Tue", "Wed"], q_team="Green")
    assert page.status == 422
    for message in ("Select Team", "Select up to 2 choices", "Enter your reason"):
        assert page.text.count(message) == 2
    page = hand.send(page, "join", q_team="Red", q_days=["Mon"], q_why="x" * 11)
    assert "reason must be 10 characters or less" in page.text
    assert ("q_days", "Mon") in page.form("join").values
    hand.send(page, "join", q_why="because\r\n")
    assert sorted(map(str, hand.attempts()[0].answers.values())) == ["Red", "['Mon']", "because"]


def test_more_than_three_questions_wait_until_the_place_is_taken(hand: Hand, world: World) -> None:
    campus = world.launch()
    ask(world, campus.id, *({"key": f"k{n}"} for n in range(4)))
    page = hand.open("/w/campus")
    assert page.form("join").controls == {"email", "name", "website"}
    hand.send(page, "join", email=CAROL)
    page = hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert (page.state, page.h1) == ("answers", "A few questions")
    assert world.place(CAROL) == 1
    assert page.follow("Skip for now").state == "waiting"
    page = hand.send(page, "answers", q_k1="Yes")
    assert "Your answers are saved." in page.text
    page = page.follow("Your answers")
    assert dict(page.form("answers").values)["q_k1"] == "Yes"


def test_required_questions_of_the_second_step_cannot_be_skipped(hand: Hand, world: World) -> None:
    campus = world.launch()
    ask(world, campus.id, *({"key": f"k{n}", "required": n == 0} for n in range(4)))
    hand.send(hand.open("/w/campus"), "join", email=CAROL)
    page = hand.send(hand.open(hand.confirm_link(campus)), "Confirm my place")
    assert "Skip for now" not in page.text
    page = hand.send(page, "answers", q_k1="Yes")
    assert (page.status, page.text.count("Enter your Label 0")) == (422, 2)


def test_a_list_that_refuses_an_address_says_what_would_help(hand: Hand, world: World) -> None:
    world.launch(tree={"kind": "listed", "list": "vip"})
    page = hand.press("/w/campus/join", email=CAROL)
    assert (page.status, page.state) == (403, "not-eligible")
    assert page.h1 == "Campus is not open to this address"
    assert "This address is not on the list. Ask the team to add it." in page.text


def test_another_address_finds_the_other_answers_still_there(hand: Hand, world: World) -> None:
    campus = world.launch()
    ask(world, campus.id, {"key": "days", "kind": "many", "choices": ["Mon", "Tue"]}, {"key": "team"})
    inbox = hand.send(hand.open("/w/campus"), "join", email=CAROL, name="Carol", q_days=["Mon", "Tue"], q_team="Red")
    page = inbox.follow("Use a different address")
    assert page.headers["Cache-Control"] == "no-store"
    kept = page.form("join").values
    for pair in (("email", ""), ("name", "Carol"), ("q_days", "Mon"), ("q_days", "Tue"), ("q_team", "Red")):
        assert pair in kept
    hand.send(page, "join", email="carol.lee@college.edu")
    assert hand.attempts()[-1].answers == hand.attempts()[0].answers
    assert dict(hand.open("/w/campus/join?t=nonsense").form("join").values)["name"] == ""
