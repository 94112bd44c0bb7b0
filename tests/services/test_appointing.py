"""Grace is made an owner, loses her password, and gets back in by one link that works once."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tests.parts import both
from tests.world import TEAM, World
from waitlist.actors import COMMAND
from waitlist.db import one, some
from waitlist.models.access import Grant, Role, User, WebSession, grants_of, user_by_email
from waitlist.models.event import EventDetail
from waitlist.services import appointing
from waitlist.services.appointing import EmailTaken, ResetSpent

GRACE = "grace@team.example"
pytestmark = both


def appoint(world: World, email: str = GRACE) -> User:
    with world.writing() as tx:
        return appointing.create(tx, email=email, name="Grace", password_hash="a hash", actor=COMMAND, now=world.now)


def read_again(world: World, email: str = GRACE) -> User:
    with world.reading() as rx:
        found = one(rx, user_by_email(email))
    assert found is not None
    return found


def sign_in(world: World, user: User) -> None:
    row = {"id_hash": "x", "data": {"a": 1}, "user_id": user.id, "created_at": world.now, "seen_at": world.now}
    with world.writing() as tx:
        tx.execute(WebSession.__table__.insert().values(expires_at=world.now + timedelta(days=7), **row))


def test_an_admin_is_made_once_and_her_address_stays_out_of_the_chain(world: World) -> None:
    user = appoint(world)
    assert (user.email, user.name, user.active, user.password) == (GRACE, "Grace", True, "a hash")
    with pytest.raises(EmailTaken):
        appoint(world)
    (event,) = world.events("appointing.created")
    assert GRACE not in str(event)
    with world.reading() as rx:
        assert [row.detail["email"] for row in some(rx, EventDetail.__table__.select())] == [GRACE]


def test_a_role_on_all_launches_and_one_on_a_launch_stand_side_by_side(world: World) -> None:
    campus, user = world.launch(), appoint(world)
    with world.writing() as tx:
        appointing.grant(tx, user.id, Role.VIEWER, actor=TEAM, now=world.now)
        appointing.grant(tx, user.id, Role.ANALYST, actor=TEAM, now=world.now)
        appointing.grant(tx, user.id, Role.RELEASER, launch_id=campus.id, actor=TEAM, now=world.now)
    with world.reading() as rx:
        grants = {grant.launch_id: grant.role for grant in some(rx, grants_of(user.id))}
    assert grants == {None: "analyst", campus.id: "releaser"}
    assert len(world.rows(Grant)) == 2
    assert [event.launch_id for event in world.events("appointing.granted")] == [None, None, campus.id]


def test_a_reset_link_works_once_for_ten_minutes_and_signs_her_out_everywhere(world: World) -> None:
    user = appoint(world)
    sign_in(world, user)
    version = offer(world, user)
    world.later(minutes=9)
    with world.writing() as tx:
        appointing.reset(tx, user.id, version, "another hash", now=world.now)
    after = read_again(world)
    assert after.password == "another hash"
    assert after.fs_uniquifier != user.fs_uniquifier
    assert [session.revoked_at for session in world.rows(WebSession)] == [world.now]
    refuse_reset(world, user, version)


def test_a_reset_link_that_is_late_replaced_or_ended_is_refused(world: World) -> None:
    user = appoint(world)
    first = offer(world, user)
    second = offer(world, user)
    refuse_reset(world, user, first)
    refuse_reset(world, user, second, now=world.now + timedelta(minutes=10))
    with world.writing() as tx:
        appointing.set_password(tx, user.id, "set by the operator", actor=COMMAND, now=world.now)
    refuse_reset(world, user, second)
    assert read_again(world).password == "set by the operator"


def offer(world: World, user: User) -> int:
    with world.writing() as tx:
        return appointing.offer_reset(tx, user.id, actor=COMMAND, now=world.now)


def refuse_reset(world: World, user: User, version: int, now: datetime | None = None) -> None:
    with pytest.raises(ResetSpent), world.writing() as tx:
        appointing.reset(tx, user.id, version, "never", now=now or world.now)


def test_tries_are_counted_by_address_and_by_network(world: World) -> None:
    assert [may_try(world, GRACE, "10.0.0.1") for _ in range(11)] == [True] * 10 + [False]
    assert may_try(world, "nobody@team.example", "10.0.0.1")
    assert not all(may_try(world, f"n{n}@team.example", "10.0.0.1") for n in range(40))
    assert may_try(world, "linus@team.example", "10.0.0.2")
    assert may_try(world, GRACE, "10.0.0.2")
    world.later(minutes=15)
    assert may_try(world, GRACE, "10.0.0.1")


def test_guesses_from_everywhere_are_slowed_and_do_not_lock_out_a_known_browser(world: World) -> None:
    guesses = [may_try(world, GRACE, f"10.0.{n}.1") for n in range(101)]
    assert guesses == [True] * 100 + [False]
    assert [may_try(world, GRACE, "10.1.0.1", known=True) for _ in range(11)] == [True] * 10 + [False]
    world.later(minutes=15)
    assert may_try(world, GRACE, "10.1.0.1", known=True)
    assert not may_try(world, GRACE, "10.1.0.1")
    world.later(minutes=45)
    assert may_try(world, GRACE, "10.1.0.1")


def may_try(world: World, email: str, network: str, *, known: bool = False) -> bool:
    with world.writing() as tx:
        return appointing.may_try(tx, email=email, network=network, known=known, now=world.now)
