"""What is known of a launch and its people becomes one decision, in a fixed number of statements."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist import addresses
from waitlist.gates.deciding import Verdict, decide
from waitlist.models.launch import Launch
from waitlist.queries import deciding
from waitlist.queries.whom import entry_called
from waitlist.services import denying, holding, launching

pytestmark = both


def verdict(world: World, launch: Launch, email: str) -> Verdict:
    launch = world.launch_of(launch.slug)
    with world.reading() as rx:
        entry = entry_called(rx, launch, email)
        if entry is not None:
            subject = deciding.subject(rx, launch, entry, world.now)
        else:
            address = addresses.canon(email)
            key = world.runtime.abuse_key(address)
            subject = deciding.stranger(rx, launch, domain=address.domain, abuse_key=key, now=world.now)
        return decide(deciding.plan_of(rx, launch), subject, world.now).verdict


def test_the_four_of_a_campus_each_get_their_word(world: World) -> None:
    campus = world.cast()
    words = [verdict(world, campus, email) for email in (ALICE, BOB, CAROL, DAVE, "new@college.edu")]
    assert words == [Verdict.ADMITTED, Verdict.INVITED, Verdict.WAITING, Verdict.NOT_JOINED, Verdict.NOT_JOINED]
    world.join(campus, "erin@college.edu")
    assert verdict(world, campus, "erin@college.edu") is Verdict.NEEDS_INFO


def test_holds_and_the_deny_list_are_part_of_the_answer(world: World) -> None:
    campus = world.launch(mode="open")
    carol = world.waiting(campus, CAROL)
    bob = world.waiting(campus, BOB)
    with world.writing() as tx:
        holding.hold(tx, campus, carol.id, reason="check", actor=TEAM, now=world.now)
        address = addresses.canon(BOB)
        key = world.runtime.abuse_key(address)
        about = {"kind": "address", "value": key, "shown": BOB, "reason": "spam", "until": None}
        denying.deny(tx, campus, **about, actor=TEAM, now=world.now)
    assert verdict(world, campus, CAROL) is Verdict.WAITING
    assert verdict(world, campus, bob.public_id) is Verdict.BLOCKED
    world.waiting(campus, "erin@college.edu")
    with world.writing() as tx:
        launching.pause(tx, campus, reason="flood", public_reason="", actor=TEAM, now=world.now)
    assert verdict(world, campus, "erin@college.edu") is Verdict.WAITING


def test_many_people_take_as_many_statements_as_one(world: World) -> None:
    campus = world.launch(mode="open")
    people = world.crowd(campus, 12)

    def statements(n: int) -> int:
        seen: list[str] = []
        with world.reading() as rx:
            sa.event.listen(rx, "before_cursor_execute", lambda *args: seen.append(args[2]))
            subjects = deciding.subjects(rx, campus, people[:n], world.now)
        assert len(subjects) == n
        return len(seen)

    assert statements(1) == statements(12) <= 10


def test_older_rules_can_be_asked_and_unknown_ones_cannot(world: World) -> None:
    campus = world.launch()
    with world.reading() as rx:
        assert deciding.plan_of(rx, campus, revision=1).revision == 1
        with pytest.raises(LookupError):
            deciding.plan_of(rx, campus, revision=9)


def test_a_product_may_call_somebody_by_its_own_id(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    with world.writing() as tx:
        tx.execute(sa.text("UPDATE entry SET external_id = 'u@7' WHERE id = :id"), {"id": carol.id})
    with world.reading() as rx:
        for text in (CAROL, carol.public_id, "u@7"):
            found = entry_called(rx, campus, text)
            assert found is not None, text
            assert found.id == carol.id, text
        for text in ("", "x\x00y", "\ud800", "ent_x", "nobody@college.edu", "not an address @"):
            assert entry_called(rx, campus, text) is None, text
