"""Removing people, and bringing them back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.access import WebSession
from waitlist.models.entry import Entry, State
from waitlist.models.event import EventDetail
from waitlist.models.invite import AdmissionState, InviteSource
from waitlist.models.launch import Launch
from waitlist.models.referral import Credit
from waitlist.services import ranking, redeeming, referring, removing, seating

pytestmark = both

BEN = "ben@college.edu"


def remove(world: World, launch: Launch, email: str, *, abuse: bool = False) -> Entry:
    entry = world.entry(email, launch)
    with world.writing() as tx:
        return removing.remove(tx, launch, entry.id, reason="fraud", abuse=abuse, actor=TEAM, now=world.now)


def restore(world: World, launch: Launch, email: str) -> Entry:
    entry = world.entry(email, launch)
    with world.writing() as tx:
        return removing.restore(tx, launch, entry.id, reason="our mistake", actor=TEAM, now=world.now)


def differences(world: World, email: str) -> int:
    with world.writing() as tx:
        return ranking.recount(tx, world.entry(email).line_id)


def test_somebody_removed_has_no_place_until_they_are_brought_back(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    world.waiting(campus, BEN)
    assert remove(world, campus, CAROL).state == State.REMOVED
    assert (world.place(CAROL), world.place(BEN)) == (None, 1)
    assert restore(world, campus, CAROL).state == State.WAITING
    assert (world.place(CAROL), world.place(BEN)) == (1, 2)
    assert differences(world, CAROL) == 0
    with world.reading() as rx:
        reasons = rx.scalars(sa.select(EventDetail.detail).order_by(EventDetail.event_id)).all()
    assert reasons == [{"reason": "fraud"}, {"reason": "our mistake"}]


def test_a_removal_without_abuse_leaves_the_credit(world: World) -> None:
    campus = world.launch(points=5)
    carol = world.waiting(campus)
    world.waiting(campus, BEN, by=carol)
    remove(world, campus, BEN)
    assert world.entry(CAROL).score == 5


def test_only_removal_for_abuse_reverses_the_credit_and_a_mistake_gives_it_back(world: World) -> None:
    campus = world.launch(points=5)
    carol = world.waiting(campus)
    world.waiting(campus, BEN, by=carol)
    remove(world, campus, BEN, abuse=True)
    assert (world.entry(CAROL).score, world.entry(CAROL).friends) == (0, 0)
    assert [credit.state for credit in world.rows(Credit)] == ["reversed"]
    restore(world, campus, BEN)
    assert (world.entry(CAROL).score, world.entry(CAROL).friends) == (5, 1)
    assert [credit.state for credit in world.rows(Credit)] == ["counted"]
    assert differences(world, CAROL) == 0


def test_a_friend_beyond_the_cap_moves_up_to_where_one_has_gone(world: World) -> None:
    campus = world.launch(points=5, points_cap=1)
    carol = world.waiting(campus)
    world.waiting(campus, BEN, by=carol)
    world.waiting(campus, "dan@college.edu", by=carol)
    remove(world, campus, BEN, abuse=True)
    assert (world.entry(CAROL).score, world.entry(CAROL).friends) == (5, 1)
    assert [(credit.state, credit.points) for credit in world.rows(Credit)] == [("reversed", 5), ("counted", 5)]
    restore(world, campus, BEN)
    assert world.entry(CAROL).score == 5
    assert [(credit.state, credit.points) for credit in world.rows(Credit)] == [("counted", 0), ("counted", 5)]


def test_without_a_cap_the_job_adds_what_counts_again(world: World) -> None:
    campus = world.launch(points=5, points_cap=None)
    carol = world.waiting(campus)
    world.waiting(campus, BEN, by=carol)
    remove(world, campus, BEN, abuse=True)
    with world.writing() as tx:
        assert referring.fold_credits(tx, campus) == 0
    restore(world, campus, BEN)
    with world.writing() as tx:
        assert referring.fold_credits(tx, campus) == 1
    assert world.entry(CAROL).score == 5


def test_in_a_fixed_order_nothing_is_added_or_taken(world: World) -> None:
    campus = world.launch(points=0)
    carol = world.waiting(campus)
    world.waiting(campus, BEN, by=carol)
    remove(world, campus, BEN, abuse=True)
    restore(world, campus, BEN)
    assert world.entry(CAROL).score == 0


def test_an_offer_ends_and_its_seat_is_free(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    remove(world, campus, BOB)
    assert world.seats(campus) == 0
    with pytest.raises(redeeming.InviteRevoked):
        world.redeem(campus, world.invite_of(BOB), BOB)
    assert restore(world, campus, BOB).state == State.WAITING
    assert (world.place(BOB), world.seats(campus)) == (1, 0)


def test_a_member_loses_the_seat_and_every_session(world: World) -> None:
    campus = world.launch(seats=1)
    alice = world.member(campus)
    session = {"id_hash": "x", "data": {}, "entry_id": alice.id, "created_at": world.now, "seen_at": world.now}
    with world.writing() as tx:
        tx.execute(sa.insert(WebSession).values(session | {"expires_at": world.now}))
    remove(world, campus, ALICE)
    assert world.seats(campus) == 0
    assert world.rows(WebSession)[0].revoked_at == world.now
    admission = world.admission(ALICE)
    assert admission is not None
    assert admission.state == AdmissionState.REVOKED


def test_a_member_comes_back_if_a_seat_is_free(world: World) -> None:
    campus = world.launch(seats=1)
    world.member(campus)
    remove(world, campus, ALICE)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    with pytest.raises(seating.LaunchFull):
        restore(world, campus, ALICE)
    assert world.entry(ALICE).state == State.REMOVED
    remove(world, campus, BOB)
    assert restore(world, campus, ALICE).state == State.JOINED
    admission = world.admission(ALICE)
    assert admission is not None
    assert (admission.state, world.seats(campus)) == (AdmissionState.ACTIVE, 1)


@pytest.mark.parametrize("abuse", [True, False])
def test_invites_of_an_abuser_let_nobody_in(world: World, abuse: bool) -> None:
    campus = world.launch()
    alice = world.member(campus)
    invite = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, uses=2)
    world.redeem(campus, invite, BOB)
    remove(world, campus, ALICE, abuse=abuse)
    assert world.entry(BOB).state == State.JOINED
    if abuse:
        with pytest.raises(redeeming.InviteRevoked):
            world.redeem(campus, invite, CAROL)
    else:
        assert world.redeem(campus, invite, CAROL).first


def test_a_second_press_is_told_that_it_was_done(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    remove(world, campus, CAROL)
    with pytest.raises(removing.AlreadyRemoved):
        remove(world, campus, CAROL)
    restore(world, campus, CAROL)
    with pytest.raises(removing.NotRemoved):
        restore(world, campus, CAROL)


def test_nobody_is_removed_from_another_launch(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    other = world.launch("other")
    with pytest.raises(removing.AlreadyRemoved), world.writing() as tx:
        removing.remove(tx, other, carol.id, reason="", abuse=True, actor=TEAM, now=world.now)
    assert world.entry(CAROL, campus).state == State.WAITING
