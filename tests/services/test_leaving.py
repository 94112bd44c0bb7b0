"""Leaving the line, and coming back within seven days."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, World
from waitlist.actors import person
from waitlist.models.entry import Entry, State
from waitlist.models.invite import AdmissionState, InviteSource
from waitlist.models.launch import INTEREST, Launch
from waitlist.models.referral import Credit
from waitlist.services import leaving, ranking, redeeming
from waitlist.services.gathering import Audience

pytestmark = both

BEN = "ben@college.edu"


def leave(world: World, launch: Launch, email: str) -> Entry:
    entry = world.entry(email, launch)
    with world.writing() as tx:
        return leaving.leave(tx, launch, entry.id, actor=person(entry.public_id), now=world.now)


def undo(world: World, launch: Launch, email: str) -> Entry:
    entry = world.entry(email, launch)
    with world.writing() as tx:
        return leaving.undo(tx, launch, entry.id, actor=person(entry.public_id), now=world.now)


def differences(world: World, launch: Launch) -> int:
    with world.writing() as tx:
        return ranking.recount(tx, world.entry(CAROL, launch).line_id)


def test_everybody_behind_moves_up_and_back(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BEN)
    world.waiting(campus, CAROL)
    world.waiting(campus, "dora@college.edu")

    assert leave(world, campus, CAROL).state == State.LEFT
    assert (world.place(BEN), world.place(CAROL), world.place("dora@college.edu")) == (1, None, 2)

    world.later(days=6, hours=23)
    assert undo(world, campus, CAROL).state == State.WAITING
    assert (world.place(BEN), world.place(CAROL), world.place("dora@college.edu")) == (1, 2, 3)
    assert differences(world, campus) == 0
    assert [event.verb for event in world.events() if event.verb.startswith("leaving.")] == [
        "leaving.left",
        "leaving.undone",
    ]


def test_after_seven_days_it_is_too_late(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    leave(world, campus, CAROL)
    world.later(days=7)
    with pytest.raises(leaving.TooLate):
        undo(world, campus, CAROL)
    assert world.entry(CAROL).state == State.LEFT


def test_joining_again_starts_at_the_end(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    world.waiting(campus, BEN)
    leave(world, campus, CAROL)
    world.waiting(campus, CAROL)
    assert (world.place(BEN), world.place(CAROL)) == (1, 2)
    with pytest.raises(leaving.NotLeft):
        undo(world, campus, CAROL)


def test_a_friends_credit_neither_falls_nor_doubles(world: World) -> None:
    campus = world.launch(points=5)
    carol = world.waiting(campus, CAROL)
    world.waiting(campus, BEN, by=carol)
    leave(world, campus, BEN)
    assert world.entry(CAROL).score == 5
    world.waiting(campus, BEN, by=carol)
    assert world.entry(CAROL).score == 5
    assert len(world.rows(Credit)) == 1


def test_leaving_with_an_invite_frees_its_seat_and_the_invite_is_over(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    invite = world.invite_of(BOB)
    assert world.seats(campus) == 1

    leave(world, campus, BOB)

    assert world.seats(campus) == 0
    admission = world.admission(BOB)
    assert admission is not None
    assert admission.state == AdmissionState.DECLINED
    assert world.invite_of(BOB).declined_at == world.now
    with pytest.raises(redeeming.InviteRevoked):
        world.redeem(campus, invite, BOB)


def test_whoever_takes_that_back_waits_again_at_the_old_place(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.waiting(campus, CAROL)
    world.release(campus, 1)
    leave(world, campus, BOB)
    assert undo(world, campus, BOB).state == State.WAITING
    assert (world.place(BOB), world.place(CAROL), world.seats(campus)) == (1, 2, 0)
    world.release(campus, 1)
    assert world.entry(BOB).state == State.INVITED


def test_an_invite_of_the_team_for_somebody_in_line_ends_as_well(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    world.invited(campus, CAROL)
    leave(world, campus, CAROL)
    assert (world.seats(campus), world.invite_of(CAROL).ended_at) == (0, world.now)


def test_a_friends_invite_stays_the_friends(world: World) -> None:
    campus = world.launch()
    alice = world.member(campus, ALICE)
    carol = world.waiting(campus, CAROL)
    to = (carol.email, carol.email_key, carol.email_abuse_key)
    invite = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)
    leave(world, campus, CAROL)
    assert world.invite_of(CAROL).ended_at is None
    assert world.redeem(campus, invite, CAROL).first


def test_who_let_an_invite_lapse_comes_back_without_a_place(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state=State.LAPSED))
    leave(world, campus, CAROL)
    assert undo(world, campus, CAROL).state == State.LAPSED
    assert world.place(CAROL) is None


def test_whoever_the_team_listed_without_a_sign_up_has_to_confirm_first(world: World) -> None:
    campus = world.launch()
    fields = ("email", "email_key", "abuse_key", "domain", "ticket", "arm_ticket")
    application = world.application(campus, BOB)
    listed = {field: getattr(application, field) for field in fields}
    world.release(campus, audience=Audience("listed", listed=(listed,)))
    leave(world, campus, BOB)
    assert undo(world, campus, BOB).state == State.UNCONFIRMED


def test_the_interest_line_can_be_left_and_entered_again(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, "dave@elsewhere.edu", line=INTEREST)
    leave(world, campus, "dave@elsewhere.edu")
    assert undo(world, campus, "dave@elsewhere.edu").state == State.WAITING


def test_a_planned_wave_passes_over_who_left(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus)
    wave = world.plan_wave(campus, 1)
    leave(world, campus, CAROL)
    world.deliver(campus, wave)
    assert (world.entry(CAROL).state, world.seats(campus), world.wave(wave.public_id).skipped) == (State.LEFT, 0, 1)


@pytest.mark.parametrize("state", [State.JOINED, State.UNCONFIRMED, State.LEFT, State.REMOVED])
def test_only_who_holds_a_place_can_leave(world: World, state: State) -> None:
    campus = world.launch()
    world.waiting(campus)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state=state))
    with pytest.raises(leaving.NotInLine):
        leave(world, campus, CAROL)


def test_nobody_leaves_a_launch_they_are_not_in(world: World) -> None:
    carol = world.waiting(world.launch())
    other = world.launch("other")
    with world.writing() as tx, pytest.raises(leaving.NotInLine):
        leaving.leave(tx, other, carol.id, actor=person(carol.public_id), now=world.now)
    with world.writing() as tx, pytest.raises(leaving.NotLeft):
        leaving.undo(tx, other, carol.id, actor=person(carol.public_id), now=world.now)
