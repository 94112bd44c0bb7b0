"""A scheduled wave whose people are picked when it starts."""

from __future__ import annotations

from datetime import timedelta

from tests.parts import both
from tests.world import TEAM, WORKER, World
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave, WaveMember
from waitlist.services import releasing, reminding
from waitlist.services.cutting import Audience

pytestmark = both


def schedule(world: World, launch: Launch, n: int, *, remind: bool = True) -> Wave:
    offer = releasing.Offer(days=7, allowance=1, lapse_policy="keep", remind=remind)
    starts_at = world.now + timedelta(days=1)
    terms = releasing.Terms(None, timedelta(0), starts_at=starts_at, fixed=False)
    with world.writing() as tx:
        return releasing.confirm(tx, launch, Audience("first", n=n), offer, terms, actor=TEAM, now=world.now)


def test_people_are_picked_when_it_starts_as_far_as_seats_go(world: World) -> None:
    campus = world.launch(seats=2)
    wave = schedule(world, campus, 3)
    assert (wave.state, wave.digest, wave.planned, world.seats(campus)) == ("scheduled", None, 0, 0)
    people = world.crowd(campus, 4)
    with world.writing() as tx:
        assert not releasing.start(tx, campus, wave.id, actor=WORKER, now=world.now)
    world.later(days=1)
    world.deliver(campus, wave)
    done = world.wave(wave.public_id)
    assert (done.state, done.invited, done.planned, world.seats(campus)) == ("done", 2, 2, 2)
    assert done.digest is not None
    invited = [world.entry(person.email).state for person in people]
    assert invited == ["invited", "invited", "waiting", "waiting"]
    (started,) = world.events("releasing.started")
    assert started.data["digest"] == done.digest


def test_a_start_that_finds_nobody_is_done(world: World) -> None:
    campus = world.launch()
    wave = schedule(world, campus, 3)
    world.later(days=2)
    world.deliver(campus, wave)
    assert world.wave(wave.public_id).state == "done"
    assert world.rows(WaveMember) == []


def test_an_offer_without_a_reminder_reminds_nobody(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 1)
    wave = schedule(world, campus, 1, remind=False)
    world.later(days=1)
    world.deliver(campus, wave)
    assert [invite.remind for invite in world.rows(Invite)] == [False]
    world.later(days=6)
    with world.writing() as tx:
        assert reminding.remind_due(tx, world.now, 10) == 0
