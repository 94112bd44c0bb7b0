"""Who asked to be told is told once it is true for them, in order, and no more people than there is room for."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.models.invite import Wish
from waitlist.models.launch import INTEREST, GateRevision, Launch
from waitlist.services import inviting, launching, opening

pytestmark = both


def tell(world: World, slug: str = "campus", limit: int = 100) -> int:
    with world.writing() as tx:
        return opening.tell_interest(tx, world.launch_of(slug), limit=limit, now=world.now)


def tell_seats(world: World, limit: int = 100) -> int:
    with world.writing() as tx:
        return opening.tell_free_seats(tx, world.launch_of(), limit=limit, now=world.now)


def waits_to_hear(world: World, launch: Launch, email: str) -> None:
    world.waiting(launch, email, line=INTEREST)


def told(world: World, kind: str = "interest_open") -> list[str]:
    return [mail.to_key for mail in world.messages(kind)]


def open_to_everyone(world: World, launch: Launch) -> None:
    with world.writing() as tx:
        new = {"launch_id": launch.id, "revision": 2, "tree": {"kind": "everyone"}, "note": ""}
        tx.execute(sa.insert(GateRevision).values(**new, created_at=world.now, created_by="t"))
        tx.execute(sa.update(Launch).where(Launch.id == launch.id).values(revision=2))


def test_bob_hears_once_when_it_opens_and_takes_a_place(world: World) -> None:
    campus = world.launch(opens_at=world.now + timedelta(days=1))
    waits_to_hear(world, campus, BOB)
    assert tell(world) == 0
    world.later(days=2)
    assert tell(world) == 1
    assert tell(world) == 0
    assert told(world) == [BOB]
    world.waiting(campus, BOB)
    assert world.place(BOB) == 1


def test_dave_hears_when_the_rules_let_him_in(world: World) -> None:
    campus = world.launch()
    waits_to_hear(world, campus, DAVE)
    assert tell(world) == 1, "looked at"
    assert told(world) == []
    open_to_everyone(world, campus)
    assert tell(world) == 1
    assert told(world) == [DAVE]


def test_a_new_rule_does_not_tell_the_same_people_twice(world: World) -> None:
    campus = world.launch()
    waits_to_hear(world, campus, BOB)
    tell(world)
    open_to_everyone(world, campus)
    tell(world)
    assert told(world) == [BOB]


def test_no_more_people_are_called_than_there_is_room_for(world: World) -> None:
    campus = world.launch(line_limit=3)
    for n in range(4):
        waits_to_hear(world, campus, f"p{n}@college.edu")
    world.waiting(campus, CAROL)
    assert [tell(world), tell(world)] == [2, 0]
    assert told(world) == ["p0@college.edu", "p1@college.edu"]
    world.later(days=1, seconds=1)
    assert tell(world) == 2


def test_a_free_seat_calls_one_where_a_full_launch_closes(world: World) -> None:
    campus = world.launch(seats=1, on_full="close")
    invite = world.invited(campus, ALICE)
    for email in (BOB, CAROL):
        waits_to_hear(world, campus, email)
    assert tell(world) == 0
    with world.writing() as tx:
        inviting.revoke(tx, campus, invite, actor=TEAM, now=world.now)
    assert [tell(world), tell(world)] == [1, 0]
    assert told(world) == [BOB]


def test_whoever_missed_the_last_seat_is_told_of_the_next_in_order(world: World) -> None:
    campus = world.launch(seats=1)
    taken = world.invited(campus, ALICE)
    link = world.issue(campus, uses=5)
    world.redeem(campus, link, BOB)
    world.redeem(campus, link, CAROL)
    assert tell_seats(world) == 0
    with world.writing() as tx:
        inviting.revoke(tx, campus, taken, actor=TEAM, now=world.now)
    assert [tell_seats(world), tell_seats(world)] == [1, 0]
    assert told(world, "seat_free") == [BOB]
    world.redeem(campus, link, CAROL)
    world.redeem(campus, link, BOB)
    assert world.entry(CAROL).state == "joined"
    assert {wish.email: wish.told_at for wish in world.rows(Wish)} == {BOB: None, CAROL: None}


def test_a_wish_for_an_ended_invite_is_dropped_and_no_limit_tells_everybody(world: World) -> None:
    campus = world.launch(seats=1)
    world.invited(campus, ALICE)
    link, other = world.issue(campus, uses=5), world.issue(campus, uses=5)
    world.redeem(campus, link, BOB)
    world.redeem(campus, other, CAROL)
    with world.writing() as tx:
        inviting.revoke(tx, campus, other, actor=TEAM, now=world.now)
        tx.execute(sa.text("UPDATE seat_count SET seats = NULL"))
    with world.reading() as rx:
        assert opening.launches_to_tell(rx) == [campus.id]
    assert tell_seats(world) == 2
    assert told(world, "seat_free") == [BOB]
    with world.reading() as rx:
        assert opening.launches_to_tell(rx) == []


@pytest.mark.parametrize("verb", [launching.archive, launching.launch_to_all])
def test_a_launch_for_everybody_tells_and_an_archived_one_does_not(world: World, verb) -> None:
    campus = world.launch(domain=None, line_limit=1)
    world.waiting(campus, CAROL)
    waits_to_hear(world, campus, DAVE)
    with world.reading() as rx:
        assert opening.launches_to_tell(rx) == [campus.id]
    assert tell(world) == 0
    with world.writing() as tx:
        verb(tx, campus, actor=TEAM, now=world.now)
    assert tell(world) == (verb is launching.launch_to_all)
    assert tell_seats(world) == 0


def test_a_pause_tells_nobody_of_seats(world: World) -> None:
    campus = world.launch(seats=1)
    taken = world.invited(campus, ALICE)
    world.redeem(campus, world.issue(campus, uses=5), BOB)
    with world.writing() as tx:
        inviting.revoke(tx, campus, taken, actor=TEAM, now=world.now)
        launching.pause(tx, campus, reason="r", public_reason="", actor=TEAM, now=world.now)
    assert tell_seats(world) == 0
