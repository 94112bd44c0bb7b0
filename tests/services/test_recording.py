"""Every change leaves an event; what is personal in it can be erased, and the chain still adds up."""

from __future__ import annotations

import sqlalchemy as sa

from tests.parts import both
from tests.world import CAROL, TEAM, World
from waitlist.models.event import Event, EventDetail
from waitlist.services.recording import commitment, record

pytestmark = both


def test_an_event_says_who_did_what_to_what(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        event_id = record(tx, "moving.moved", campus.id, ("entry", 7), TEAM, world.now, {"to": 1})
    event = world.events("moving.moved")[0]
    assert (event.id, event.actor, event.subject_kind, event.subject_id) == (event_id, "admin:1", "entry", 7)
    assert (event.data, event.at, event.commitment) == ({"to": 1}, world.now, None)


def test_personal_values_stand_apart_under_a_salted_commitment(world: World) -> None:
    personal = {"email": CAROL, "name": "Carol é"}
    with world.writing() as tx:
        record(tx, "moving.moved", None, ("entry", None), TEAM, world.now, personal=personal)
        record(tx, "moving.moved", None, ("entry", None), TEAM, world.now, personal=personal)
    first, second = world.rows(Event)
    with world.reading() as rx:
        details = rx.execute(sa.select(EventDetail.salt, EventDetail.detail).order_by(EventDetail.event_id)).all()
    assert CAROL not in str(first)
    assert [detail.detail for detail in details] == [personal, personal]
    assert [first.commitment, second.commitment] == [commitment(detail.salt, personal) for detail in details]
    assert first.commitment != second.commitment, "nobody can tell by comparing that both speak of Carol"
