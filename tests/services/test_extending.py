from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import BOB, CAROL, TEAM, World
from waitlist.models.hold import FREEZE, SUSPEND, Hold
from waitlist.models.invite import Invite
from waitlist.services import extending, inviting, launching

pytestmark = both


def test_another_end_date_keeps_the_link_and_moves_the_offer(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    end = world.now + timedelta(days=20)
    with world.writing() as tx:
        changed = extending.change_end(tx, campus, world.invite_of(BOB), end, actor=TEAM, now=world.now)
    assert (changed.expires_at, changed.version) == (end, 1)
    admission = world.admission(BOB)
    assert admission is not None
    assert admission.expires_at == end


def test_an_end_in_the_past_and_an_ended_invite_are_refused(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    with world.writing() as tx, pytest.raises(extending.InThePast):
        extending.change_end(tx, campus, invite, world.now, actor=TEAM, now=world.now)
    with world.writing() as tx:
        inviting.revoke(tx, campus, invite, actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(inviting.NotOpenAnyMore):
        extending.change_end(tx, campus, invite, world.now + timedelta(days=1), actor=TEAM, now=world.now)


def test_a_pause_gives_back_exactly_the_time_it_took(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    ended = world.issue(campus, uses=2, days=1)
    before = world.invite_of(BOB).expires_at
    world.later(days=3)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="r", public_reason="", actor=TEAM, now=world.now)
    world.later(days=4)
    during = world.issue(campus, to=(CAROL, CAROL, "k"))
    world.later(days=1, hours=2, seconds=3)
    with world.writing() as tx:
        assert launching.resume(tx, campus, actor=TEAM, now=world.now) == 2
    bob = world.invite_of(BOB)
    admission = world.admission(BOB)
    assert admission is not None
    assert bob.expires_at - before == timedelta(days=5, hours=2, seconds=3)
    assert admission.expires_at == bob.expires_at
    assert world.invite_of(CAROL).expires_at - during.expires_at == timedelta(days=1, hours=2, seconds=3)
    assert world.rows(Invite, Invite.id == ended.id)[0].expires_at == ended.expires_at
    with world.writing() as tx, pytest.raises(launching.NotPaused):
        launching.resume(tx, campus, actor=TEAM, now=world.now)


def hold(world: World, launch_id: int, name: str, effect: list[str]) -> None:
    with world.writing() as tx:
        tx.execute(
            sa.insert(Hold).values(
                public_id=name,
                launch_id=launch_id,
                scope="launch",
                effect=effect,
                source="admin",
                reason="r",
                created_at=world.now,
                created_by=str(TEAM),
            )
        )


def release(world: World, launch_id: int, name: str) -> int:
    row = world.rows(Hold, Hold.public_id == name)[0]
    with world.writing() as tx:
        tx.execute(sa.update(Hold).where(Hold.id == row.id).values(released_at=world.now, released_by="t"))
        return extending.make_up_for(tx, launch_id, row, world.now)


def test_two_holds_at_once_give_their_time_back_once(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    hold(world, campus.id, "first", SUSPEND)
    world.later(days=1)
    hold(world, campus.id, "second", SUSPEND)
    hold(world, campus.id, "freeze", FREEZE)
    world.later(days=1)
    release(world, campus.id, "first")
    world.later(days=2)
    assert release(world, campus.id, "freeze") == 0
    release(world, campus.id, "second")
    assert world.invite_of(BOB).expires_at - invite.expires_at == timedelta(days=4)


def test_a_hold_inside_another_gives_back_nothing_of_its_own(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    hold(world, campus.id, "outer", SUSPEND)
    world.later(days=1)
    hold(world, campus.id, "inner", SUSPEND)
    world.later(days=1)
    assert release(world, campus.id, "inner") == 0
    world.later(days=1)
    assert release(world, campus.id, "outer") == 1
    assert world.invite_of(BOB).expires_at - invite.expires_at == timedelta(days=3)
