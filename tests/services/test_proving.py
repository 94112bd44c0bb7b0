"""Whose mailbox is it? Links and codes that are mailed, counted and used once."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist import codes
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.hold import Denied
from waitlist.models.launch import Launch
from waitlist.models.upkeep import Tally
from waitlist.services import proving
from waitlist.services.proving import Asked, Proven, Spent, TooOften, WrongCode

pytestmark = both

STRANGER = "nobody@college.edu"


def ask(world: World, launch: Launch, kind: str, email: str) -> Asked | TooOften:
    who = world.application(launch, email)
    with world.writing() as tx:
        return proving.ask(tx, launch, kind, who, language="en", now=world.now)


def asked(world: World, launch: Launch, kind: str, email: str) -> Asked:
    answer = ask(world, launch, kind, email)
    assert isinstance(answer, Asked)
    return answer


def code_of(world: World, attempt: str, version: int = 1) -> str:
    return codes.six_digits(world.keys.codes, attempt, version)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def type_code(world: World, launch: Launch, attempt: str, typed: str) -> Proven | WrongCode | Spent:
    with world.writing() as tx:
        return proving.by_code(tx, launch, attempt, typed, key=world.keys.codes, now=world.now)


def open_link(world: World, launch: Launch, attempt: str, version: int = 1) -> Proven | Spent:
    with world.writing() as tx:
        return proving.by_link(tx, launch, attempt, version, now=world.now)


@pytest.mark.parametrize(
    ("email", "letter"), [(ALICE, "sign_in"), (BOB, "already_in_line"), (CAROL, "already_in_line"), (STRANGER, None)]
)
def test_everybody_who_signs_in_gets_the_mail_that_fits_them(world: World, email: str, letter: str | None) -> None:
    campus = world.cast()
    before = len(world.messages())
    attempt = asked(world, campus, "sign_in", email)
    assert [message.kind for message in world.messages()[before:]] == ([letter] if letter else [])
    assert attempt.pending is (letter == "sign_in")


def test_whoever_has_not_confirmed_finds_a_new_confirmation_link(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    world.later(hours=50)
    asked(world, campus, "find", CAROL)
    assert [message.kind for message in world.messages(to=CAROL)] == ["confirm", "confirm"]
    assert world.confirm(campus, join).state == State.WAITING


def test_the_same_rows_are_written_for_known_and_unknown_addresses(world: World) -> None:
    campus = world.cast()
    for email in (ALICE, STRANGER):
        before = len(world.rows(Attempt)), tallies(world)
        asked(world, campus, "find", email)
        assert (len(world.rows(Attempt)) - before[0], tallies(world) - before[1]) == (1, 2)


def tallies(world: World) -> int:
    with world.reading() as rx:
        return rx.scalar(sa.select(sa.func.count()).select_from(Tally)) or 0


@pytest.mark.parametrize("email", [CAROL, STRANGER])
def test_a_place_is_looked_for_three_times_an_hour_whoever_it_is(world: World, email: str) -> None:
    campus = world.cast()
    for _ in range(3):
        asked(world, campus, "find", email)
    before = len(world.messages())
    assert ask(world, campus, "find", email) == TooOften(3600)
    assert len(world.messages()) == before
    world.later(minutes=40)
    assert ask(world, campus, "find", email) == TooOften(1200)
    world.later(minutes=20)
    assert isinstance(ask(world, campus, "find", email), Asked)


def test_one_address_is_asked_for_twenty_times_a_day_in_all(world: World) -> None:
    campus = world.cast()
    for n in range(20):
        world.later(minutes=30)
        asked(world, campus, ("sign_in", "redeem")[n % 2], ALICE)
    assert ask(world, campus, "sign_in", ALICE) == TooOften(24 * 3600 - 19 * 1800)


def test_the_six_digits_prove_a_mailbox_once(world: World) -> None:
    campus = world.cast()
    attempt = asked(world, campus, "sign_in", ALICE).attempt
    code = code_of(world, attempt)

    proven = type_code(world, campus, attempt, f" {code[:3]} {code[3:]}")

    assert isinstance(proven, Proven)
    assert proven.attempt.entry_id == world.entry(ALICE).id
    assert type_code(world, campus, attempt, code) == Spent("used")
    assert len(world.events("proving.proven")) == 1


def test_five_wrong_codes_end_an_attempt(world: World) -> None:
    campus = world.cast()
    attempt = asked(world, campus, "sign_in", ALICE).attempt
    code = code_of(world, attempt)
    tries = [type_code(world, campus, attempt, wrong(code)) for _ in range(5)]
    assert tries == [WrongCode(left) for left in (4, 3, 2, 1, 0)]
    assert type_code(world, campus, attempt, code) == Spent("tries")


def test_what_cannot_be_a_code_costs_no_try(world: World) -> None:
    campus = world.cast()
    attempt = asked(world, campus, "sign_in", ALICE).attempt
    for typed in ("12345", "1234567", "12345a", "", "１２３４５６"):
        with pytest.raises(codes.BadCode):
            type_code(world, campus, attempt, typed)
    assert isinstance(type_code(world, campus, attempt, code_of(world, attempt)), Proven)


def test_a_stranger_meets_the_same_five_tries_and_never_gets_in(world: World) -> None:
    campus = world.cast()
    attempt = asked(world, campus, "sign_in", STRANGER).attempt
    code = code_of(world, attempt)
    assert [type_code(world, campus, attempt, code) for _ in range(5)] == [WrongCode(n) for n in (4, 3, 2, 1, 0)]
    assert type_code(world, campus, attempt, code) == Spent("tries")


def test_a_link_proves_once_and_only_in_its_newest_version(world: World) -> None:
    campus = world.cast()
    first = asked(world, campus, "sign_in", ALICE).attempt
    second = asked(world, campus, "sign_in", ALICE).attempt
    assert open_link(world, campus, first) == Spent("replaced")
    assert open_link(world, campus, second, version=0) == Spent("replaced")
    assert isinstance(open_link(world, campus, second), Proven)
    assert open_link(world, campus, second) == Spent("used")


def test_a_code_lasts_fifteen_minutes(world: World) -> None:
    campus = world.cast()
    attempt = asked(world, campus, "sign_in", ALICE).attempt
    world.later(minutes=15)
    assert open_link(world, campus, attempt) == Spent("expired")
    assert type_code(world, campus, attempt, code_of(world, attempt)) == Spent("expired")


def test_no_attempt_works_in_another_launch(world: World) -> None:
    campus = world.cast()
    attempt = asked(world, campus, "sign_in", ALICE).attempt
    other = world.launch("other")
    assert open_link(world, other, attempt) == Spent("declined")
    assert type_code(world, other, attempt, code_of(world, attempt)) == Spent("declined")


def test_the_code_of_a_join_proves_it_and_leaves_the_confirming_to_the_next_verb(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    proven = type_code(world, campus, join.attempt, code_of(world, join.attempt))
    assert isinstance(proven, Proven)
    assert world.confirm(campus, join).state == State.WAITING
    assert type_code(world, campus, join.attempt, code_of(world, join.attempt)) == Spent("used")


def test_the_link_to_confirm_a_place_is_no_other_proof(world: World) -> None:
    campus = world.launch()
    join = world.join(campus, CAROL)
    assert isinstance(open_link(world, campus, join.attempt), Spent)
    assert world.confirm(campus, join).state == State.WAITING


def test_whoever_holds_an_invite_proves_any_mailbox(world: World) -> None:
    campus = world.launch()
    attempt = asked(world, campus, "redeem", STRANGER)
    assert attempt.pending
    assert [message.kind for message in world.messages(to=STRANGER)] == ["proof"]
    assert isinstance(type_code(world, campus, attempt.attempt, code_of(world, attempt.attempt)), Proven)


def test_a_step_that_cannot_be_taken_back_asks_the_mailbox_first(world: World) -> None:
    campus = world.cast()
    assert asked(world, campus, "member_action", CAROL).pending
    assert not asked(world, campus, "member_action", STRANGER).pending
    world.join(campus, "erin@college.edu")
    assert not asked(world, campus, "member_action", "erin@college.edu").pending


@pytest.mark.parametrize("kind", ["sign_in", "redeem", "find", "member_action"])
def test_a_blocked_person_gets_no_mail(world: World, kind: str) -> None:
    campus = world.cast()
    deny = {"kind": "domain", "value": "college.edu", "shown": "college.edu", "reason": "spam"}
    with world.writing() as tx:
        row = {"launch_id": campus.id, "created_at": world.now, "created_by": str(TEAM)}
        tx.execute(sa.insert(Denied).values(deny | row))
    before = len(world.messages())
    assert not asked(world, campus, kind, ALICE).pending
    assert len(world.messages()) == before


@pytest.mark.parametrize("kind", ["sign_in", "redeem", "find", "member_action"])
def test_a_removed_person_gets_no_mail(world: World, kind: str) -> None:
    campus = world.cast()
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.id == world.entry(ALICE).id).values(state=State.REMOVED))
    before = len(world.messages())
    assert not asked(world, campus, kind, ALICE).pending
    assert len(world.messages()) == before


def test_the_mail_is_written_in_the_language_the_person_joined_in(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL, language="fr")
    asked(world, campus, "find", CAROL)
    assert {message.language for message in world.messages(to=CAROL)} == {"fr"}


def test_who_left_is_told_nothing_new(world: World) -> None:
    campus = world.cast()
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.id == world.entry(CAROL).id).values(state=State.LEFT))
    before = len(world.messages())
    asked(world, campus, "find", CAROL)
    assert len(world.messages()) == before
