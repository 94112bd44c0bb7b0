"""Find my place, and the rule behind it: nobody learns from an answer whether an address is on the list."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.parts.forms import Page
from tests.web.public.conftest import Hand
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.entry import Attempt, Entry, State
from waitlist.services import denying, leaving

STRANGER = "never.seen@college.edu"
MASKS = (
    r"[\w.+-]+(@|%40)[\w.-]+\w",  # addresses
    r'name="form_id" value="[^"]*"',
    r"([?&]|&amp;)?t=[\w.%-]+",
    r'name="t" value="[^"]*"',
    r"req_\w+",
)


def masked(text: str) -> str:
    for mask in MASKS:
        text = re.sub(mask, "…", text)
    return text


def seen(page: Page) -> tuple[object, ...]:
    """Everything a stranger can compare but the time: status, body, headers, and where one was led."""
    headers = sorted(
        (name, masked(value)) for name, value in page.headers.items() if name not in ("Date", "Content-Length")
    )
    return page.status, masked(page.text), headers, masked(page.url)


def everybody(world: World) -> dict[str, str]:
    """An address for each case there is."""
    campus = world.cast()
    people = {"in": ALICE, "invited": BOB, "waiting": CAROL, "stranger": STRANGER}
    world.join(campus, "pending@college.edu")
    for case in ("left", "removed", "blocked", "unsubscribed"):
        people[case] = f"{case}@college.edu"
        world.waiting(campus, people[case])
    with world.writing() as tx:
        left = world.entry(people["left"])
        leaving.leave(tx, campus, left.id, actor=TEAM, now=world.now)
        tx.execute(sa.update(Entry).where(Entry.email_key == people["removed"]).values(state=State.REMOVED))
        key = world.entry(people["blocked"]).email_abuse_key
        denying.deny(
            tx, campus, kind="address", value=key, shown="b", reason="spam", until=None, actor=TEAM, now=world.now
        )
    return people | {"pending": "pending@college.edu"}


@both
@pytest.mark.parametrize(("path", "form"), [("/w/campus", "join"), ("/w/campus/find", "find")])
def test_the_answer_is_the_same_for_everybody(hand: Hand, world: World, path: str, form: str) -> None:
    people = everybody(world)
    answers = {case: seen(hand.send(hand.open(path), form, email=email)) for case, email in people.items()}
    assert answers["stranger"][0] == 200
    for case, answer in answers.items():
        assert answer == answers["stranger"], case
    attempts = [row.email_key for row in world.rows(Attempt)][-len(people) :]
    assert sorted(attempts) == sorted(people.values())  # one row each, whatever the case


def test_a_wrong_code_and_a_mail_again_tell_nothing_either(hand: Hand, world: World) -> None:
    people = everybody(world)
    answers: dict[str, list[object]] = {}
    for case, email in people.items():
        inbox = hand.send(hand.open("/w/campus"), "join", email=email)
        answers[case] = [seen(hand.send(inbox, "code-form", code=code)) for code in ("000000", "12")]
        answers[case].append(seen(hand.send(inbox, "Send it again")))
    for case in people:
        if hand.code(list(people).index(case) - len(people)).replace(" ", "") != "000000":
            assert answers[case] == answers["stranger"], case


def test_each_gets_the_mail_that_fits(hand: Hand, world: World) -> None:
    people = everybody(world)
    before = {message.id for message in world.messages()}
    for email in people.values():
        hand.send(hand.open("/w/campus/find"), "find", email=email)
    sent = {mail.to_key: mail.kind for mail in world.messages() if mail.id not in before}
    assert sent == {
        ALICE: "already_in_line", BOB: "already_in_line", CAROL: "already_in_line",
        people["unsubscribed"]: "already_in_line", people["pending"]: "confirm",
    }  # fmt: skip


def test_the_page_says_what_happened_and_keeps_a_fault_in_place(hand: Hand, world: World) -> None:
    world.launch()
    page = hand.send(hand.open("/w/campus/find"), "find", email=CAROL)
    assert f"If {CAROL} is on this list, we sent a link." in page.text
    assert page.follow("Try another address").state == "find"
    wrong = hand.send(hand.open("/w/campus/find"), "find", email="carol@")
    assert (wrong.status, wrong.title.startswith("Error: ")) == (422, True)
    assert dict(wrong.form("find").values)["email"] == "carol@"


def test_an_old_page_is_asked_again_and_its_answer_fades(hand: Hand, world: World) -> None:
    world.launch()
    form = hand.open("/w/campus/find")
    done = hand.send(form, "find", email=CAROL)
    world.later(hours=25)
    assert "Your session timed out." in hand.send(form, "find", email=CAROL).text
    assert hand.open(done.url).state == "find"
    assert hand.open("/w/campus/find?t=nonsense").state == "find"


def test_an_address_is_asked_for_three_times_an_hour(hand: Hand, world: World) -> None:
    world.launch()
    for _ in range(3):
        assert hand.send(hand.open("/w/campus/find"), "find", email=STRANGER).state == "find-sent"
    page = hand.send(hand.open("/w/campus/find"), "find", email=STRANGER)
    assert (page.status, page.h1) == (429, "Too many tries for this address")
    assert page.headers["Retry-After"] == "3600"


def test_a_robot_asks_for_nobody(hand: Hand, world: World) -> None:
    world.launch()
    assert hand.send(hand.open("/w/campus/find"), "find", email=CAROL, website="x").state == "find-sent"
    assert world.rows(Attempt) == []


@pytest.mark.parametrize("columns", [{"line_limit": 2}, {"seats": 1, "on_full": "close"}])
def test_a_full_line_does_not_tell_who_stands_in_it(hand: Hand, world: World, columns: dict[str, object]) -> None:
    campus = world.launch(**columns)
    if "seats" in columns:
        world.member(campus, ALICE)
    else:
        world.crowd(campus, 1)
        world.waiting(campus, ALICE)
    answers = [seen(hand.press("/w/campus/join", email=email)) for email in (ALICE, STRANGER)]
    assert answers[0][0] == 409
    assert answers[0] == answers[1]
