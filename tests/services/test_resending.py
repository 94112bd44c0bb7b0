"""Sending it again: a new link, the old one dies, and nobody learns who is known."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, CAROL, TEAM, World
from waitlist.models.entry import Attempt, State
from waitlist.models.hold import Denied
from waitlist.models.launch import Launch
from waitlist.services import proving, resending
from waitlist.services.resending import SentAgain, TooMany, TooSoon, UnknownAttempt

pytestmark = both


def send_again(world: World, launch: Launch, attempt: str) -> SentAgain | TooSoon | TooMany:
    with world.writing() as tx:
        return resending.send_again(tx, launch, attempt, now=world.now)


def attempt_of(world: World, public_id: str) -> Attempt:
    (found,) = world.rows(Attempt, Attempt.public_id == public_id)
    return found


def test_an_expired_link_is_followed_by_one_that_works(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    world.later(hours=49)
    assert send_again(world, campus, join.attempt) == SentAgain(join.attempt, world.now)
    attempt = attempt_of(world, join.attempt)
    assert (attempt.version, attempt.tries, len(world.messages("confirm"))) == (2, 0, 2)
    assert world.entry(CAROL).state_at == world.now
    assert world.confirm(campus, join).state == State.WAITING


def test_a_minute_has_to_pass_in_between(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    world.later(seconds=20)
    assert send_again(world, campus, join.attempt) == TooSoon(40)
    world.later(seconds=39, milliseconds=500)
    assert send_again(world, campus, join.attempt) == TooSoon(1)
    world.later(milliseconds=500)
    assert isinstance(send_again(world, campus, join.attempt), SentAgain)


def test_five_mails_a_day_are_enough_for_one_address(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    for _ in range(4):
        world.later(minutes=1)
        assert isinstance(send_again(world, campus, join.attempt), SentAgain)
    world.later(minutes=1)
    assert send_again(world, campus, join.attempt) == TooMany()
    assert attempt_of(world, join.attempt).version == 5
    assert len(world.messages("confirm")) == 5


def test_a_replaced_link_leads_to_the_newest_attempt(world: World) -> None:
    campus = world.launch()
    first = world.join(campus, CAROL)
    second = world.join(campus, CAROL)
    world.later(minutes=2)
    assert send_again(world, campus, first.attempt) == SentAgain(second.attempt, world.now)


def test_whoever_is_in_line_already_gets_the_status_link(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    again = world.join(campus, CAROL)
    world.later(minutes=2)
    assert isinstance(send_again(world, campus, again.attempt), SentAgain)
    assert [message.kind for message in world.messages(to=CAROL)][-2:] == ["already_in_line", "already_in_line"]


def test_a_used_link_stays_used(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    world.confirm(campus, join)
    ends = attempt_of(world, join.attempt).expires_at
    world.later(minutes=2)
    assert isinstance(send_again(world, campus, join.attempt), SentAgain)
    assert world.messages()[-1].kind == "already_in_line"
    assert attempt_of(world, join.attempt).expires_at == ends


def test_a_sign_in_code_is_renewed_for_fifteen_minutes(world: World) -> None:
    campus = world.cast()
    with world.writing() as tx:
        asked = proving.ask(tx, campus, "sign_in", world.application(campus, ALICE), language="en", now=world.now)
    assert isinstance(asked, proving.Asked)
    world.later(minutes=14)
    send_again(world, campus, asked.attempt)
    world.later(minutes=14)
    with world.writing() as tx:
        assert proving.by_link(tx, campus, asked.attempt, 1, now=world.now) == proving.Spent("replaced")
        assert isinstance(proving.by_link(tx, campus, asked.attempt, 2, now=world.now), proving.Proven)


def test_a_stranger_gets_the_same_answer_and_no_mail(world: World) -> None:
    campus = world.launch()
    who = world.application(campus, "nobody@college.edu")
    with world.writing() as tx:
        asked = proving.ask(tx, campus, "find", who, language="en", now=world.now)
    assert isinstance(asked, proving.Asked)
    world.later(minutes=2)
    assert send_again(world, campus, asked.attempt) == SentAgain(asked.attempt, world.now)
    assert world.messages() == []


def test_somebody_blocked_since_gets_no_mail(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    row = {"launch_id": campus.id, "kind": "domain", "value": "college.edu", "shown": "college.edu", "reason": "spam"}
    with world.writing() as tx:
        tx.execute(sa.insert(Denied).values(row | {"created_at": world.now, "created_by": str(TEAM)}))
    world.later(minutes=2)
    assert isinstance(send_again(world, campus, join.attempt), SentAgain)
    assert len(world.messages()) == 1


def test_an_attempt_of_another_launch_is_unknown(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    with pytest.raises(UnknownAttempt):
        send_again(world, world.launch("other"), join.attempt)
