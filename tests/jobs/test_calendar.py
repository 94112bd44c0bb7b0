"""One pass of the worker does what time has brought: invites end, people are reminded, told and forgotten."""

from __future__ import annotations

import threading
from datetime import timedelta

from flask import Flask

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist import jobs
from waitlist.jobs import calendar
from waitlist.models.launch import INTEREST
from waitlist.services import inviting, rescoring, sealing

pytestmark = both


def tick(world: World) -> dict[str, int]:
    with world.clock(), world.app.app_context():
        return jobs.tick()


def test_a_pass_reminds_then_ends_bobs_invite_and_seals_what_happened(world: World) -> None:
    campus = world.launch(seats=2)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=6)
    assert tick(world)["remind of invites"] == 1
    world.later(days=2)
    assert tick(world)["end invites"] == 1
    assert (world.entry(BOB).state, world.seats(campus)) == ("lapsed", 0)
    with world.reading() as rx:
        assert sealing.verify(rx).position == len(world.events())


def test_a_pass_tells_of_seats_and_openings_and_forgets_the_unconfirmed(world: World) -> None:
    soon = world.launch("soon", opens_at=world.now + timedelta(days=1))
    world.waiting(soon, CAROL, line=INTEREST)
    campus = world.launch(seats=1)
    taken = world.invited(campus, ALICE)
    world.redeem(campus, world.issue(campus, uses=5, days=90), BOB)
    world.join(campus, "never@college.edu")
    world.later(days=2)
    with world.writing() as tx:
        inviting.revoke(tx, campus, taken, actor=TEAM, now=world.now)
    assert tick(world)["tell people"] == 2
    assert len(world.messages("seat_free", BOB)) == len(world.messages("interest_open", CAROL)) == 1
    world.later(days=31)
    assert tick(world)["forget the unconfirmed"] >= 1
    assert tick(world)["tell people"] == 0


def test_a_worker_looks_before_it_writes(app: Flask, world: World) -> None:
    launch = world.launch()
    world.waiting(launch, CAROL)
    with app.app_context(), world.clock():
        with world.reading() as rx:
            assert calendar.unsealed(rx, world.now)
            assert not calendar.to_tell(rx, world.now)
        assert calendar.seal(threading.Event()) == len(world.events())
        with world.reading() as rx:
            assert not calendar.unsealed(rx, world.now)


def test_a_pass_puts_right_who_was_counted_by_the_old_worth_of_a_friend(world: World) -> None:
    campus = world.launch(points=1)
    carol = world.waiting(campus, CAROL)
    with world.writing() as tx:
        rescoring.change(tx, campus, points=5, cap=10, actor=TEAM, now=world.now)
    world.waiting(campus, BOB, by=carol)  # `campus` still says 1 point, as a door that was under way would
    assert world.entry(CAROL).score == 1
    assert tick(world)["settle scores"] == 1
    assert world.entry(CAROL).score == 5
    world.later(minutes=11)
    with world.reading() as rx:
        assert rescoring.lately_changed(rx, world.now) == []
