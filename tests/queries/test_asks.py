from __future__ import annotations

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, WORKER, World
from waitlist.models.invite import InviteSource
from waitlist.queries import asks
from waitlist.services import asking

pytestmark = both


def test_the_team_and_alice_each_see_who_waits_for_their_answer(world: World) -> None:
    campus = world.launch(allowance=3)
    alice = world.member(campus, ALICE)
    to = (BOB, BOB, world.application(campus, BOB).abuse_key)
    friends = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)
    teams = world.invited(campus, CAROL)
    world.later(days=8)
    with world.writing() as tx:
        for invite in (friends, teams):
            asking.ask(tx, campus, invite, keys=world.keys, actor=WORKER, now=world.now)
    with world.reading() as rx:
        assert [(ask.email, ask.asked_at) for ask in asks.of_team(rx, campus.id)] == [(CAROL, world.now)]
        assert [ask.invite for ask in asks.of_member(rx, alice.id)] == [friends.public_id]
    with world.writing() as tx:
        asking.refuse(tx, campus, teams, actor=TEAM, now=world.now)
    with world.reading() as rx:
        assert asks.of_team(rx, campus.id) == []
