from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.invite import Invite, InviteSource
from waitlist.services import lapsing, launching, leaving, ranking

pytestmark = both


def lapse(world: World, limit: int = 100) -> int:
    with world.writing() as tx:
        return lapsing.lapse_due(tx, world.now, limit)


def released(world: World, policy: str = "keep", **columns):
    """Bob invited by a wave with this policy, Carol waiting behind him."""
    campus = world.launch(seats=5, **columns)
    world.waiting(campus, BOB)
    world.waiting(campus, CAROL)
    world.deliver(campus, world.plan_wave(campus, 1, lapse_policy=policy))
    return campus


def test_an_invite_ends_once_seat_back_place_kept_out_of_the_line(world: World) -> None:
    campus = released(world)
    key = world.entry(BOB).rank_key
    assert lapse(world) == 0
    world.later(days=8)
    assert lapse(world) == 1
    assert lapse(world) == 0
    bob, admission = world.entry(BOB), world.admission(BOB)
    assert admission is not None
    assert (bob.state, bob.rank_key, world.place(BOB), world.place(CAROL)) == ("lapsed", key, None, 1)
    assert (admission.state, admission.seat, world.seats(campus)) == ("expired", False, 0)
    assert [mail.to_key for mail in world.messages("invite_ended")] == [BOB]
    assert len(world.events("lapsing.lapsed")) == 1


def test_by_policy_to_the_end_of_the_line(world: World) -> None:
    campus = released(world, "end")
    world.later(days=8)
    lapse(world)
    assert (world.entry(BOB).state, world.place(CAROL), world.place(BOB)) == ("waiting", 1, 2)
    with world.writing() as tx:
        assert ranking.recount(tx, world.entry(BOB).line_id) == 0
    assert world.release(campus, 1).invited == 1
    assert world.entry(CAROL).state == "invited"


def test_by_policy_out_of_the_line_with_a_way_back(world: World) -> None:
    campus = released(world, "leave")
    world.later(days=8)
    lapse(world)
    bob = world.entry(BOB)
    assert bob.state == "left"
    with world.writing() as tx:
        leaving.undo(tx, campus, bob.id, actor=TEAM, now=world.now)
    assert world.place(BOB) == 1


def test_a_members_unused_uses_come_back_once_and_only_the_inviter_hears_of_it(world: World) -> None:
    campus = world.launch(allowance=5)
    alice = world.member(campus, ALICE)
    to = (BOB, BOB, world.application(campus, BOB).abuse_key)
    world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)
    link = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, uses=3)
    world.redeem(campus, link, CAROL)
    assert world.entry(ALICE).allowance_left == 1
    world.later(days=8)
    assert lapse(world) == 2
    lapse(world)
    assert world.entry(ALICE).allowance_left == 4
    assert [mail.to_key for mail in world.messages("invite_unused")] == [ALICE]
    assert world.messages("invite_ended") == []


def test_an_accepted_invite_never_lapses(world: World) -> None:
    campus = world.launch(seats=1)
    world.member(campus, ALICE)
    world.later(days=30)
    assert lapse(world) == 0
    assert (world.entry(ALICE).state, world.seats(campus)) == ("joined", 1)


def test_many_lapse_in_steps_and_launch_by_launch(world: World) -> None:
    one, two = world.launch("one"), world.launch("two")
    for launch in (one, two):
        world.crowd(launch, 3)
        world.release(launch, 3)
    world.later(days=8)
    steps = [lapse(world, 2) for _ in range(5)]
    assert sorted(steps, reverse=True) == [2, 2, 1, 1, 0]
    assert steps[-1] == 0
    assert world.seats(one) == world.seats(two) == 0


def test_a_paused_launch_lapses_nobody_and_its_time_is_given_back(world: World) -> None:
    campus = released(world)
    other = world.launch("other")
    world.waiting(other, BOB)
    world.release(other, 1)
    end = world.invite_of(BOB, campus).expires_at
    world.later(days=5)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="r", public_reason="", actor=TEAM, now=world.now)
    world.later(days=10)
    assert lapse(world) == 1  # the other launch's
    assert lapse(world) == 0
    with world.writing() as tx:
        assert launching.resume(tx, campus, actor=TEAM, now=world.now) == 1
    assert (world.invite_of(BOB, campus).expires_at - end).days == 10
    assert lapse(world) == 0
    world.later(days=3)
    assert lapse(world) == 1


def test_a_listed_stranger_who_never_came_has_no_place_to_keep(world: World) -> None:
    campus = world.launch(seats=3, lapse_policy="end")
    world.join(campus, BOB)
    world.invited(campus, BOB)
    world.later(days=8)
    assert lapse(world) == 1
    assert (world.entry(BOB).state, world.seats(campus)) == ("unconfirmed", 0)


@pytest.mark.parametrize("policy", ["keep", "end"])
def test_a_newer_offer_is_not_touched_by_the_end_of_the_old_one(world: World, policy: str) -> None:
    campus = world.launch(seats=3, lapse_policy=policy)
    world.waiting(campus, BOB)
    old = world.invited(campus, BOB)
    world.later(days=8)
    world.invited(campus, BOB)
    assert world.seats(campus) == 2
    assert lapse(world) == 1
    assert world.rows(Invite, Invite.id == old.id)[0].ended_at is not None
    assert (world.entry(BOB).state, world.seats(campus)) == ("invited", 1)
