"""Grace calls Linus to her team by mail, and he answers once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.parts import both
from tests.world import World
from waitlist.actors import COMMAND, Actor, admin
from waitlist.db import one, some
from waitlist.models.access import Grant, Role, User, grants_of, user_by_email
from waitlist.models.team import Appointment
from waitlist.queries.letter import gather
from waitlist.services import appointing, calling, regrading
from waitlist.services.calling import AlreadyCalled, AlreadyThere, Newcomer, OfferOver
from waitlist.services.posting import To
from waitlist.services.regrading import AboveYou

LINUS = "linus@team.example"
NEW = Newcomer("Linus", "a hash", "fr")
pytestmark = both


def appoint(world: World, email: str, role: Role, launch_id: int | None = None) -> Actor:
    with world.writing() as tx:
        user = appointing.create(tx, email=email, name="", password_hash="x", actor=COMMAND, now=world.now)
        appointing.grant(tx, user.id, role, launch_id=launch_id, actor=COMMAND, now=world.now)
    return admin(user.id)


def call(world: World, launch_id: int | None, role: Role, actor: Actor = COMMAND, email: str = LINUS) -> Appointment:
    with world.writing() as tx:
        return calling.call(tx, launch_id, To(email, email, "fr"), role, actor=actor, now=world.now)


def accept(world: World, offer: Appointment, newcomer: Newcomer | None = NEW) -> User:
    with world.writing() as tx:
        return calling.accept(tx, offer.public_id, offer.version, newcomer, now=world.now)


def roles(world: World, email: str = LINUS) -> dict[int | None, str]:
    with world.reading() as rx:
        user = one(rx, user_by_email(email))
        return {grant.launch_id: grant.role for grant in some(rx, grants_of(user.id))} if user else {}


def test_linus_accepts_once_and_is_on_the_team_with_his_own_password(world: World) -> None:
    campus = world.launch()
    offer = call(world, campus.id, Role.REVIEWER)
    (mail,) = world.messages("team_invite", LINUS)
    assert (mail.launch_id, mail.language) == (campus.id, "fr")
    user = accept(world, offer)
    assert (user.email, user.name, user.password, user.language) == (LINUS, "Linus", "a hash", "fr")
    assert roles(world) == {campus.id: "reviewer"}
    with pytest.raises(OfferOver):
        accept(world, offer)
    assert len(world.events("calling.accepted")) == 1
    assert LINUS not in str(world.events("calling.called"))


def test_an_offer_ends_after_seven_days_and_with_a_newer_link(world: World) -> None:
    campus = world.launch()
    offer = call(world, campus.id, Role.VIEWER)
    world.later(days=7)
    with pytest.raises(OfferOver):
        accept(world, offer)
    with world.writing() as tx:
        again = calling.send_again(tx, campus.id, offer.public_id, actor=COMMAND, now=world.now)
    with pytest.raises(OfferOver):
        accept(world, offer)
    first, second = world.messages("team_invite")
    with world.reading() as rx:
        found = gather(rx, [first, second], world.runtime.stationery, world.now)
    assert (found[first.id].letter is None, found[second.id].letter is None) == (True, False)
    assert accept(world, again).email == LINUS


def test_an_offer_that_was_taken_back_is_over(world: World) -> None:
    campus, shop = world.launch(), world.launch("shop")
    offer = call(world, campus.id, Role.VIEWER)
    with pytest.raises(OfferOver), world.writing() as tx:
        calling.revoke(tx, shop.id, offer.public_id, actor=COMMAND, now=world.now)
    with world.writing() as tx:
        calling.revoke(tx, campus.id, offer.public_id, actor=COMMAND, now=world.now)
    with pytest.raises(OfferOver):
        accept(world, offer)
    with pytest.raises(OfferOver), world.writing() as tx:
        calling.send_again(tx, campus.id, offer.public_id, actor=COMMAND, now=world.now)
    assert roles(world) == {}


def test_one_open_offer_an_address_on_one_launch_and_on_all(world: World) -> None:
    campus = world.launch()
    for where in (campus.id, None):
        call(world, where, Role.VIEWER)
        with pytest.raises(AlreadyCalled):
            call(world, where, Role.ADMIN)


def test_nobody_offers_more_than_they_hold_and_only_admins_offer(world: World) -> None:
    campus, shop = world.launch(), world.launch("shop")
    mia = appoint(world, "mia@team.example", Role.ADMIN, campus.id)
    rosa = appoint(world, "rosa@team.example", Role.RELEASER, campus.id)
    for who, where, role in (
        (mia, campus.id, Role.OWNER),
        (mia, shop.id, Role.VIEWER),
        (mia, None, Role.VIEWER),
        (rosa, campus.id, Role.VIEWER),
    ):
        with pytest.raises(AboveYou):
            call(world, where, role, who)
    owners = call(world, campus.id, Role.OWNER, email="olga@team.example")
    with pytest.raises(AboveYou), world.writing() as tx:
        calling.send_again(tx, campus.id, owners.public_id, actor=mia, now=world.now)
    with pytest.raises(AboveYou), world.writing() as tx:
        calling.revoke(tx, campus.id, owners.public_id, actor=mia, now=world.now)
    assert call(world, campus.id, Role.ADMIN, mia).role == "admin"


def test_whoever_is_on_the_team_already_keeps_the_account_and_the_higher_role(world: World) -> None:
    campus = world.launch()
    offer = call(world, campus.id, Role.VIEWER)
    with pytest.raises(OfferOver):
        accept(world, offer, None)  # no account yet: a name and a password are asked for
    linus = appoint(world, LINUS, Role.ANALYST)
    with pytest.raises(AlreadyThere):
        call(world, None, Role.ADMIN)
    user = accept(world, offer, None)
    assert admin(user.id) == linus
    assert user.password == "x"
    assert roles(world) == {None: "analyst", campus.id: "viewer"}
    with world.writing() as tx:
        regrading.regrade(tx, user.id, Role.ADMIN, launch_id=None, actor=COMMAND, now=world.now)
    everywhere = Appointment.__table__.update().values(launch_id=None, accepted_at=None)
    with world.writing() as tx:
        tx.execute(everywhere)
    accept(world, offer, None)
    assert roles(world)[None] == "admin"
    assert len(world.rows(Grant)) == 2


def test_the_offers_of_whoever_leaves_end_with_them(world: World) -> None:
    campus = world.launch()
    mia = appoint(world, "mia@team.example", Role.OWNER, None)
    appoint(world, "grace@team.example", Role.OWNER)
    kept = call(world, campus.id, Role.VIEWER, mia)
    high = call(world, campus.id, Role.OWNER, mia, "olga@team.example")
    with world.writing() as tx:
        regrading.regrade(tx, int(mia.name), Role.ADMIN, launch_id=None, actor=mia, now=world.now)
    with pytest.raises(OfferOver):
        accept(world, high)
    with world.writing() as tx:
        regrading.dismiss(tx, int(mia.name), launch_id=None, actor=mia, now=world.now + timedelta(seconds=1))
    with pytest.raises(OfferOver):
        accept(world, kept)
    assert len(world.events("calling.revoked")) == 2
