"""The deny list."""

from __future__ import annotations

from datetime import datetime

import pytest

from tests.parts import both
from tests.world import BOB, CAROL, TEAM, World
from waitlist.models.event import EventDetail
from waitlist.models.hold import Denied
from waitlist.models.launch import Launch
from waitlist.services import denying
from waitlist.services.joining import NotEligible

pytestmark = both


def deny(world: World, launch: Launch, kind: str, value: str, until: datetime | None = None) -> int | None:
    with world.writing() as tx:
        return denying.deny(
            tx,
            launch,
            kind=kind,
            value=value,
            shown=value,
            reason="spam",
            until=until,
            actor=TEAM,
            now=world.now,
        )


def allow(world: World, launch: Launch, denied_id: int) -> Denied:
    with world.writing() as tx:
        return denying.allow(tx, launch, denied_id, reason="our mistake", actor=TEAM, now=world.now)


def test_a_blocked_domain_stops_joins_and_invites_until_it_is_taken_off(world: World) -> None:
    campus = world.launch(domain=None)
    invite = world.invited(campus, "bob@lab.college.edu")
    denied_id = deny(world, campus, "domain", "college.edu")
    assert denied_id is not None
    world.join(campus, CAROL)
    assert world.messages("confirm") == []
    with pytest.raises(NotEligible):
        world.redeem(campus, invite, "bob@lab.college.edu")
    allow(world, campus, denied_id)
    world.join(campus, CAROL)
    assert len(world.messages("confirm")) == 1
    assert world.redeem(campus, invite, "bob@lab.college.edu").first


def test_a_blocked_mailbox_is_blocked_whatever_tag_it_carries(world: World) -> None:
    campus = world.launch(domain=None)
    deny(world, campus, "address", world.application(campus, "carol@gmail.com").abuse_key)
    world.join(campus, "c.a.r.o.l+2@gmail.com")
    assert world.messages() == []


def test_tries_are_counted_on_the_row_that_stopped_them(world: World) -> None:
    campus = world.launch()
    deny(world, campus, "domain", "college.edu")
    deny(world, campus, "domain", "example.org")
    for _ in range(2):
        world.join(campus, CAROL)
    assert [row.tries for row in world.rows(Denied)] == [2, 0]


def test_the_same_row_twice_is_one(world: World) -> None:
    campus = world.launch()
    assert deny(world, campus, "domain", "college.edu") is not None
    assert deny(world, campus, "domain", "college.edu") is None
    assert len(world.events("denying.denied")) == 1


def test_a_block_ends_by_itself_and_can_be_renewed(world: World) -> None:
    campus = world.launch()
    deny(world, campus, "domain", "college.edu", until=world.now.replace(year=world.now.year + 1))
    world.now = world.now.replace(year=world.now.year + 1)
    world.join(campus, CAROL)
    assert len(world.messages("confirm")) == 1
    assert deny(world, campus, "domain", "college.edu") is not None
    assert [row.removed_reason for row in world.rows(Denied)] == ["until", None]


def test_the_audit_log_keeps_the_address_apart(world: World) -> None:
    campus = world.launch()
    deny(world, campus, "address", BOB)
    (event,) = world.events("denying.denied")
    assert BOB not in str(event.data)
    with world.reading() as rx:
        assert rx.execute(EventDetail.__table__.select()).one().detail == {"shown": BOB, "reason": "spam"}


def test_nothing_is_taken_off_twice_or_from_another_launch(world: World) -> None:
    campus = world.launch()
    denied_id = deny(world, campus, "domain", "college.edu")
    assert denied_id is not None
    with pytest.raises(denying.NotDenied):
        allow(world, world.launch("other"), denied_id)
    assert allow(world, campus, denied_id).removed_reason == "our mistake"
    with pytest.raises(denying.NotDenied):
        allow(world, campus, denied_id)
