"""Roles change hands, and somebody always stays who can give them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.parts import both
from tests.world import World
from waitlist.actors import COMMAND, Actor, admin
from waitlist.db import some
from waitlist.models.access import Grant, Role, WebSession, grants_of
from waitlist.services import appointing, regrading
from waitlist.services.regrading import AboveYou, LastOwner, NotOnTeam

pytestmark = both


def appoint(world: World, name: str, role: Role, launch_id: int | None = None) -> Actor:
    email = f"{name}@team.example"
    with world.writing() as tx:
        user = appointing.create(tx, email=email, name=name.title(), password_hash="x", actor=COMMAND, now=world.now)
        appointing.grant(tx, user.id, role, launch_id=launch_id, actor=COMMAND, now=world.now)
    return admin(user.id)


def regrade(world: World, who: Actor, role: Role, *, by: Actor = COMMAND, launch_id: int | None = None) -> bool:
    with world.writing() as tx:
        return regrading.regrade(tx, int(who.name), role, launch_id=launch_id, actor=by, now=world.now)


def dismiss(world: World, who: Actor, *, by: Actor = COMMAND, launch_id: int | None = None) -> None:
    with world.writing() as tx:
        regrading.dismiss(tx, int(who.name), launch_id=launch_id, actor=by, now=world.now)


def roles(world: World, who: Actor) -> list[str]:
    with world.reading() as rx:
        return [grant.role for grant in some(rx, grants_of(int(who.name)))]


def test_another_role_is_written_down_and_told(world: World) -> None:
    campus = world.launch()
    grace = appoint(world, "grace", Role.OWNER)
    linus = appoint(world, "linus", Role.VIEWER, campus.id)
    assert regrade(world, linus, Role.RELEASER, by=grace, launch_id=campus.id)
    assert not regrade(world, linus, Role.RELEASER, by=grace, launch_id=campus.id)
    assert roles(world, linus) == ["releaser"]
    (event,) = world.events("regrading.regraded")
    assert (event.launch_id, event.actor, event.data) == (
        campus.id,
        str(grace),
        {"before": "viewer", "role": "releaser"},
    )
    (mail,) = world.messages("team_alert", "linus@team.example")
    assert (mail.params["before"], mail.params["role"], mail.launch_id) == ("viewer", "releaser", campus.id)


def test_nobody_raises_themselves_or_touches_who_stands_above(world: World) -> None:
    campus, shop = world.launch(), world.launch("shop")
    olga = appoint(world, "olga", Role.OWNER, campus.id)
    mia = appoint(world, "mia", Role.ADMIN, campus.id)
    rosa = appoint(world, "rosa", Role.RELEASER, campus.id)
    for who, role, by in (
        (mia, Role.OWNER, mia),
        (olga, Role.VIEWER, mia),
        (rosa, Role.OWNER, mia),
        (rosa, Role.ADMIN, rosa),
        (rosa, Role.VIEWER, rosa),
    ):
        with pytest.raises(AboveYou):
            regrade(world, who, role, by=by, launch_id=campus.id)
    with pytest.raises(AboveYou):
        dismiss(world, olga, by=mia, launch_id=campus.id)
    with pytest.raises(NotOnTeam):
        regrade(world, rosa, Role.VIEWER, by=mia, launch_id=shop.id)
    assert regrade(world, mia, Role.VIEWER, by=mia, launch_id=campus.id)
    with pytest.raises(AboveYou):
        regrade(world, rosa, Role.VIEWER, by=mia, launch_id=campus.id)


def test_the_last_owner_stays_an_owner(world: World) -> None:
    campus = world.launch()
    grace = appoint(world, "grace", Role.OWNER)
    appoint(world, "olga", Role.OWNER, campus.id)
    for deed in (lambda: regrade(world, grace, Role.ADMIN, by=grace), lambda: dismiss(world, grace, by=grace)):
        with pytest.raises(LastOwner):
            deed()
    assert not regrade(world, grace, Role.OWNER, by=grace)
    mia = appoint(world, "mia", Role.OWNER)
    assert regrade(world, grace, Role.ADMIN, by=mia)
    with pytest.raises(LastOwner):
        dismiss(world, mia, by=mia)


def test_the_last_owner_of_a_launch_may_go_while_somebody_owns_them_all(world: World) -> None:
    campus = world.launch()
    olga = appoint(world, "olga", Role.OWNER, campus.id)
    with pytest.raises(LastOwner):
        dismiss(world, olga, by=olga, launch_id=campus.id)
    appoint(world, "grace", Role.OWNER)
    dismiss(world, olga, by=olga, launch_id=campus.id)
    assert roles(world, olga) == []


def test_everybody_may_leave_and_whoever_has_no_role_left_is_signed_out(world: World) -> None:
    campus, shop = world.launch(), world.launch("shop")
    rosa = appoint(world, "rosa", Role.RELEASER, campus.id)
    with world.writing() as tx:
        appointing.grant(tx, int(rosa.name), Role.VIEWER, launch_id=shop.id, actor=COMMAND, now=world.now)
        row = {"id_hash": "x", "data": {}, "user_id": int(rosa.name), "created_at": world.now, "seen_at": world.now}
        tx.execute(WebSession.__table__.insert().values(expires_at=world.now + timedelta(days=7), **row))
    dismiss(world, rosa, by=rosa, launch_id=campus.id)
    assert world.rows(WebSession)[0].revoked_at is None
    dismiss(world, rosa, launch_id=shop.id)
    assert world.rows(WebSession)[0].revoked_at == world.now
    assert world.rows(Grant) == []
    with pytest.raises(NotOnTeam):
        dismiss(world, rosa, launch_id=shop.id)
    assert [mail.params["role"] for mail in world.messages("team_alert")] == [None, None]
