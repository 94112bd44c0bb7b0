from __future__ import annotations

from datetime import timedelta

import pytest

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import inviting, launching, reminding

pytestmark = both


def remind_due(world: World) -> int:
    with world.writing() as tx:
        return reminding.remind_due(tx, world.now, 100)


def remind(world: World, launch: Launch, invite: Invite) -> Invite:
    with world.writing() as tx:
        return reminding.remind(tx, launch, invite, actor=TEAM, now=world.now)


def by_alice(world: World, launch: Launch) -> Invite:
    alice = world.member(launch, ALICE)
    to = (BOB, BOB, world.application(launch, BOB).abuse_key)
    invite = world.issue(launch, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)
    with world.writing() as tx:
        inviting.send(tx, launch, invite, now=world.now)
    return world.invite_of(BOB)


def test_two_days_before_the_end_bob_is_reminded_once(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=4, hours=23)
    assert remind_due(world) == 0
    world.later(hours=2)
    assert remind_due(world) == 1
    assert remind_due(world) == 0
    assert [mail.to_key for mail in world.messages("invite_reminder")] == [BOB]


def test_nobody_is_reminded_of_what_came_today_was_used_or_ended(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1, days=2)
    world.member(campus, ALICE)
    assert remind_due(world) == 0
    world.later(days=5, hours=1)
    assert remind_due(world) == 0


def test_a_paused_launch_reminds_nobody(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=6)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="r", public_reason="", actor=TEAM, now=world.now)
    assert remind_due(world) == 0


def test_a_friends_invite_is_reminded_by_hand_after_two_days_and_once(world: World) -> None:
    campus = world.launch(allowance=3)
    invite = by_alice(world, campus)
    with pytest.raises(reminding.TooEarly) as early:
        remind(world, campus, invite)
    assert early.value.at == world.now + timedelta(hours=48)
    world.later(days=6)
    assert remind_due(world) == 0
    remind(world, campus, invite)
    with pytest.raises(reminding.AlreadyReminded):
        remind(world, campus, invite)
    assert len(world.messages("invite_reminder", BOB)) == 1
    world.later(days=2)
    with pytest.raises(inviting.NotOpenAnyMore):
        remind(world, campus, invite)


def test_a_link_has_nobody_to_remind(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus, uses=2)
    with pytest.raises(inviting.NotOpenAnyMore):
        remind(world, campus, link)
    assert world.messages("invite_reminder", CAROL) == []
