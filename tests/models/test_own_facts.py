"""What the service knows of people by itself becomes facts for the gates."""

from __future__ import annotations

import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, World
from waitlist.gates.answers import Trust
from waitlist.models.hold import ListRow, NamedList
from waitlist.models.invite import InviteSource
from waitlist.models.own_facts import own_facts

pytestmark = both


def test_the_draw_the_score_and_the_vouches_of_people_are_facts(world: World) -> None:
    campus = world.launch()
    alice = world.member(campus, ALICE)
    invite = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id)
    world.redeem(campus, invite, BOB)
    bob = world.entry(BOB)
    carol = world.waiting(campus, CAROL)
    with world.writing() as tx:
        about = {"launch_id": campus.id, "key": "seeds", "title": "Seeds", "created_at": world.now, "created_by": "x"}
        seeds = tx.execute(sa.insert(NamedList).values(about).returning(NamedList.id)).scalar_one()
        row = {"list_id": seeds, "abuse_key": alice.email_abuse_key, "facts": {}, "added_at": world.now}
        tx.execute(sa.insert(ListRow).values(row))
    with world.reading() as rx:
        facts = own_facts(rx, [alice.id, bob.id, carol.id], world.now)
    known = {entry_id: {fact.name: fact.value for fact in found} for entry_id, found in facts.items()}
    assert known[carol.id] == {"ticket": carol.ticket, "score": 0, "joined_at": carol.confirmed_at}
    assert (known[bob.id]["vouches"], known[bob.id]["branches"], known[bob.id]["hops"]) == (1, 1, {"seeds": 1})
    assert known[alice.id]["arm"] == "control"
    assert {fact.trust for fact in facts[bob.id] if fact.name == "hops"} == {Trust.VERIFIED}
