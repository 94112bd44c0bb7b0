"""A product asks what an invite is worth; asking changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.world import ALICE, TEAM, World
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.services import inviting
from waitlist.tokens import Purpose

PATH = "invites/verify"


def token(world: World, launch: Launch, invite: Invite, purpose: Purpose = Purpose.INVITE_SHOWN) -> str:
    return world.runtime.tokens.sign(purpose, launch.public_id, invite.public_id, invite.version)


def test_a_typed_code_and_a_link_say_the_same_and_cost_nothing(
    world: World, ask: Any, make_key: Callable[..., str]
) -> None:
    campus = world.launch()
    key, invite = make_key(campus), world.issue(campus, uses=3)
    code = world.runtime.stationery.typed_code("campus", invite.public_id, invite.version)
    before = world.rows(Invite)
    by_code = ask(PATH, key, {"code": code.lower().replace("-", " ")})
    assert by_code.status_code == 200, by_code.text
    assert by_code.json["id"] == invite.public_id
    assert (by_code.json["state"], by_code.json["redeemable"]) == ("active", True)
    assert (by_code.json["uses"], by_code.json["max_uses"], by_code.json["bound"]) == (0, 3, False)
    for purpose in (Purpose.INVITE_SHOWN, Purpose.INVITE_MAILED):
        assert ask(PATH, key, {"token": token(world, campus, invite, purpose)}).json == by_code.json
    assert world.rows(Invite) == before


def test_an_invite_that_is_over_says_how(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    campus = world.launch()
    key, used, revoked = make_key(campus), world.invited(campus, ALICE), world.issue(campus)
    world.redeem(campus, used, ALICE)
    with world.writing() as tx:
        inviting.revoke(tx, campus, revoked, actor=TEAM, now=world.now)
    assert ask(PATH, key, {"token": token(world, campus, used)}).json["state"] == "used"
    gone = ask(PATH, key, {"token": token(world, campus, revoked)}).json
    assert (gone["state"], gone["redeemable"]) == ("revoked", False)
    expired = world.issue(campus)
    world.later(days=8)
    with world.clock():
        assert ask(PATH, key, {"token": token(world, campus, expired)}).json["state"] == "expired"


def test_an_invite_of_another_launch_is_unknown(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    campus, other = world.launch(), world.launch("other")
    key, invite = make_key(other), world.issue(campus)
    code = world.runtime.stationery.typed_code("campus", invite.public_id, invite.version)
    for body in ({"code": code}, {"token": token(world, campus, invite)}, {"token": "nonsense"}):
        assert ask(PATH, key, body).status_code == 404


def test_a_slip_is_told_from_an_unknown_code(world: World, ask: Any, make_key: Callable[..., str]) -> None:
    key = make_key(world.launch())
    slip = ask(PATH, key, {"code": "CAMPUS-0000-0000-0000-01"})
    assert (slip.status_code, slip.json["errors"][0]["pointer"]) == (422, "/code")
    assert ask(PATH, key, {}).status_code == 422
    assert ask(PATH, key, {"code": "a", "token": "b"}).status_code == 422
    assert ask(PATH, key, {"code": "00000000000000"}).status_code == 404
