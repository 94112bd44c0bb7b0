"""An archived launch gives nothing any more, though whoever asks looked at it a moment before it was put away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.parts import both
from tests.services.bringing import begin, staged, step
from tests.world import BOB, CAROL, TEAM, World
from waitlist.models.event import Event
from waitlist.models.invite import InviteSource
from waitlist.models.launch import Launch
from waitlist.services import asking, confirming, importing, inviting, launching, moving, releasing
from waitlist.services.importing import Options, Upload
from waitlist.services.redeeming import InviteRevoked
from waitlist.services.shelving import LaunchArchived

pytestmark = both


@pytest.fixture
def campus(world: World) -> Launch:
    """A row that was read before the launch was archived (by `shelve`)."""
    launch = world.launch(seats=5)
    world.crowd(launch, 3)
    world.invited(launch, BOB)
    return launch


def shelve(world: World, launch: Launch) -> None:
    with world.writing() as tx:
        launching.archive(tx, launch, actor=TEAM, now=world.now)


def release(world: World, campus: Launch) -> object:
    return world.plan_wave(campus, 1)


def invite(world: World, campus: Launch) -> object:
    return world.issue(campus, uses=2)


def invite_a_friend(world: World, campus: Launch) -> object:
    return world.issue(campus, source=InviteSource.MEMBER, inviter_id=world.entry("person1@college.edu").id)


def resend(world: World, campus: Launch) -> object:
    bobs = world.invite_of(BOB)
    with world.writing() as tx:
        return inviting.resend(tx, campus, bobs, keys=world.keys, actor=TEAM, now=world.now)


def mail_again(world: World, campus: Launch) -> object:
    with world.writing() as tx:
        return inviting.mail_again(tx, campus, world.invite_of(BOB), now=world.now)


def ask(world: World, campus: Launch) -> object:
    bobs = world.invite_of(BOB)
    with world.writing() as tx:
        return asking.ask(tx, campus, bobs, keys=world.keys, actor=TEAM, now=world.now)


def move(world: World, campus: Launch) -> object:
    last = world.entry("person3@college.edu")
    with world.writing() as tx:
        return moving.move(tx, campus, last.id, to=1, reason="", actor=TEAM, now=world.now)


def mark_vip(world: World, campus: Launch) -> object:
    last = world.entry("person3@college.edu")
    with world.writing() as tx:
        return moving.mark_vip(tx, campus, last.id, vip=True, reason="", actor=TEAM, now=world.now)


def bring_people(world: World, campus: Launch) -> object:
    with world.writing() as tx:
        return importing.start(tx, campus, Upload("people.csv", "00"), Options(), actor=TEAM, now=world.now)


@pytest.mark.parametrize(
    "gives", [release, invite, invite_a_friend, resend, mail_again, ask, move, mark_vip, bring_people]
)
def test_an_archived_launch_gives_nothing(
    world: World, campus: Launch, gives: Callable[[World, Launch], object]
) -> None:
    shelve(world, campus)
    seats, events = world.seats(campus), len(world.rows(Event))
    with pytest.raises(LaunchArchived):
        gives(world, campus)
    assert (world.seats(campus), len(world.rows(Event))) == (seats, events)


def test_a_link_that_was_mailed_before_gives_no_place_in_an_archived_launch(world: World, campus: Launch) -> None:
    asked = world.join(campus, CAROL)
    shelve(world, campus)
    with pytest.raises(LaunchArchived), world.writing() as tx:
        confirming.confirm(tx, campus, asked.attempt_id, actor=TEAM, now=world.now)
    assert world.entry(CAROL).state == "unconfirmed"


def test_an_invite_lets_nobody_into_an_archived_launch(world: World, campus: Launch) -> None:
    shelve(world, campus)
    with pytest.raises(InviteRevoked):
        world.redeem(world.launch_of(), world.invite_of(BOB), BOB)


def test_a_wave_of_an_archived_launch_neither_starts_nor_goes_on(world: World, campus: Launch) -> None:
    wave = world.plan_wave(campus, 1)
    shelve(world, campus)
    with world.reading() as rx:
        assert releasing.due_waves(rx, world.now) == []
    world.deliver(campus, wave)
    assert world.wave(wave.public_id).state == "holding"
    assert world.entry("person1@college.edu").state == "waiting"


def test_a_wave_that_was_releasing_stops_between_two_chunks(world: World, campus: Launch) -> None:
    wave = world.plan_wave(campus, 1)
    with world.writing() as tx:
        assert releasing.start(tx, campus, wave.id, actor=TEAM, now=world.now)
    shelve(world, campus)
    world.deliver(campus, wave)
    assert world.wave(wave.public_id).state == "releasing"
    assert len(world.messages("invite")) == 1  # Bob's own


def test_an_import_under_way_ends_with_its_launch(world: World, campus: Launch) -> None:
    waiting = staged(world, campus, "email\nzoe@college.edu\n")
    running = staged(world, campus, "email\nada@college.edu\n")
    begin(world, campus, running)
    shelve(world, campus)
    assert not step(world, campus, running)
    with pytest.raises(LaunchArchived):
        begin(world, campus, waiting)
    with pytest.raises(LaunchArchived), world.writing() as tx:
        importing.resume(tx, campus, running.id, actor=TEAM, now=world.now)
    with world.reading() as rx:
        assert importing.running(rx) == []
