"""The audit log's chain: what was sealed and then changed, removed or moved is found; what was erased is not missed."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import BOB, CAROL, TEAM, World
from waitlist.models.event import Event, EventDetail, EventSeal
from waitlist.services import sealing
from waitlist.services.recording import record

pytestmark = both


def seal(world: World, limit: int = 1_000) -> int:
    with world.writing() as tx:
        return sealing.seal(tx, world.now, limit)


def verify(world: World) -> sealing.Verified:
    with world.reading() as rx:
        return sealing.verify(rx)


def change(world: World, statement: sa.Update | sa.Delete) -> None:
    with world.writing() as tx:
        tx.execute(statement)


@pytest.fixture
def sealed(world: World) -> World:
    """A launch with two people whose events are sealed, the last one with a personal detail."""
    campus = world.launch()
    world.waiting(campus, BOB)
    world.waiting(campus, CAROL)
    with world.writing() as tx:
        record(tx, "test.noted", campus.id, ("entry", 1), TEAM, world.now, personal={"note": "Ada's brother"})
    seal(world)
    return world


def test_events_are_sealed_once_in_steps_and_the_chain_holds(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "CHUNK", 2)
    assert verify(world) == sealing.Verified(0, "")
    campus = world.launch()
    world.waiting(campus, BOB)
    world.waiting(campus, CAROL)
    n = len(world.events())
    assert seal(world, 2) == 2
    assert seal(world) == n - 2
    assert seal(world) == 0
    whole = verify(world)
    assert (whole.position, whole.broken_at, whole.sealed_at) == (n, None, world.now)
    world.waiting(campus, "late@college.edu")
    assert verify(world) == whole, "what is not sealed yet is no fault"


def test_an_event_that_committed_far_behind_others_is_sealed_in_the_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealing, "REACH", 2)
    campus = world.launch()
    with world.writing() as tx:
        record(tx, "test.late", campus.id, ("entry", 1), TEAM, world.now)
        for n in range(5):
            record(tx, "test.soon", campus.id, ("entry", n), TEAM, world.now)
        (late,) = tx.execute(sa.select(Event.__table__).where(Event.verb == "test.late")).mappings().all()
        tx.execute(sa.delete(Event).where(Event.id == late["id"]))  # nobody sees it before its commit
    seal(world)
    with world.writing() as tx:
        tx.execute(sa.insert(Event).values(**late))
    assert seal(world) == 0
    with world.writing() as tx:
        assert sealing.seal_late(tx, world.now, 1_000) == 1
    whole = verify(world)
    assert (whole.position, whole.broken_at) == (len(world.events()), None)


@pytest.mark.parametrize(
    "change_of", [{"actor": "admin:9"}, {"verb": "x"}, {"data": {"n": 1}}, {"commitment": "0"}, {"subject_id": 99}]
)
def test_a_changed_event_is_found(sealed: World, change_of: dict[str, object]) -> None:
    event = sealed.events()[1]
    change(sealed, sa.update(Event).where(Event.id == event.id).values(**change_of))
    assert verify(sealed).broken_at == 2


def test_a_missing_seal_is_found(sealed: World) -> None:
    change(sealed, sa.delete(EventSeal).where(EventSeal.position == 2))
    assert verify(sealed).broken_at == 2


def test_an_event_that_was_put_in_the_place_of_another_is_found(sealed: World) -> None:
    campus = sealed.launch_of()
    with sealed.writing() as tx:
        forged = record(tx, "joining.confirmed", campus.id, ("entry", 1), TEAM, sealed.now)
    change(sealed, sa.update(EventSeal).where(EventSeal.position == 2).values(event_id=forged))
    assert verify(sealed).broken_at == 2


def test_an_erased_detail_keeps_the_chain_and_a_changed_one_breaks_it(sealed: World) -> None:
    last = sealed.events()[-1]
    change(sealed, sa.update(EventDetail).where(EventDetail.event_id == last.id).values(detail={"note": "nobody"}))
    assert verify(sealed).broken_at == len(sealed.events())
    change(sealed, sa.delete(EventDetail).where(EventDetail.event_id == last.id))
    assert verify(sealed).broken_at is None
