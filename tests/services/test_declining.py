from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, WORKER, World
from waitlist.models.entry import Attempt, Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import declining, inviting, leaving

pytestmark = both


def decline(world: World, launch: Launch, invite: Invite, **how) -> Invite:
    with world.writing() as tx:
        return declining.decline(tx, launch, invite, actor=WORKER, now=world.now, **how)


def test_bob_says_no_to_a_wave_and_leaves_with_a_way_back(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.waiting(campus, CAROL)
    world.release(campus, 1)
    decline(world, campus, world.invite_of(BOB))
    bob, admission = world.entry(BOB), world.admission(BOB)
    assert admission is not None
    assert (bob.state, admission.state, admission.seat, world.seats(campus)) == ("left", "declined", False, 0)
    decline(world, campus, world.invite_of(BOB))
    assert world.seats(campus) == 0
    with world.writing() as tx:
        leaving.undo(tx, campus, bob.id, actor=TEAM, now=world.now)
    assert (world.place(BOB), world.place(CAROL)) == (1, 2)
    assert world.messages("invite_unused") == []


def test_a_friend_says_no_and_the_use_comes_back_once(world: World) -> None:
    campus = world.launch(allowance=2)
    alice = world.member(campus, ALICE)
    world.waiting(campus, BOB)
    to = (BOB, BOB, world.application(campus, BOB).abuse_key)
    invite = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)
    decline(world, campus, invite, never_again=True)
    decline(world, campus, invite, never_again=True)
    assert world.entry(ALICE).allowance_left == 2
    assert world.place(BOB) == 1
    assert [mail.to_key for mail in world.messages("invite_unused")] == [ALICE]
    choice = world.rows(MailboxChoice, MailboxChoice.email_key == BOB)
    assert [row.do_not_invite_at for row in choice] == [world.now]


def test_a_link_is_nobodys_to_turn_down_and_an_ended_invite_is_over(world: World) -> None:
    campus = world.launch()
    with pytest.raises(declining.NotBound):
        decline(world, campus, world.issue(campus, uses=3))
    invite = world.invited(campus, BOB)
    with world.writing() as tx:
        inviting.revoke(tx, campus, invite, actor=TEAM, now=world.now)
    with pytest.raises(inviting.NotOpenAnyMore):
        decline(world, campus, invite)


def test_this_was_not_me_deletes_the_place_nobody_confirmed(world: World) -> None:
    campus = world.launch()
    asked = world.join(campus, BOB)
    with world.writing() as tx:
        first = declining.not_me(tx, campus, asked.attempt_id, do_not_invite=True, actor=WORKER, now=world.now)
    with world.writing() as tx:
        second = declining.not_me(tx, campus, asked.attempt_id, do_not_invite=True, actor=WORKER, now=world.now)
    assert (first, second) == (True, False)
    assert world.rows(Entry) == []
    assert world.rows(Attempt)[0].declined_at == world.now
    assert [mail.state for mail in world.messages("confirm")] == ["cancelled"]
    assert world.rows(MailboxChoice)[0].do_not_invite_at == world.now


def test_this_was_not_me_leaves_a_confirmed_person_alone(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    again = world.join(campus, BOB)
    with world.writing() as tx:
        assert declining.not_me(tx, campus, again.attempt_id, do_not_invite=False, actor=WORKER, now=world.now)
    assert world.place(BOB) == 1
    assert world.rows(MailboxChoice) == []
