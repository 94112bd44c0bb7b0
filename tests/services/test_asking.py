from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, WORKER, World
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import asking, declining, inviting, lapsing, seating

pytestmark = both


def lapsed(world: World, launch: Launch, email: str = BOB) -> Invite:
    """Somebody in line, invited by a wave, who let the invite expire."""
    world.waiting(launch, email)
    world.release(launch, 1)
    world.later(days=8)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 100)
    return world.invite_of(email)


def of_alice(world: World, launch: Launch) -> Invite:
    """A friend whom Alice invited and who let it expire."""
    alice = world.member(launch, ALICE)
    to = (BOB, BOB, world.application(launch, BOB).abuse_key)
    world.issue(launch, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)
    world.later(days=8)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 100)
    return world.invite_of(BOB)


def ask(world: World, launch: Launch, invite: Invite):
    with world.writing() as tx:
        return asking.ask(tx, launch, invite, keys=world.keys, actor=WORKER, now=world.now)


def grant(world: World, launch: Launch, invite: Invite):
    with world.writing() as tx:
        return asking.grant(tx, launch, invite, keys=world.keys, actor=TEAM, now=world.now)


def test_bob_asks_the_team_once_and_gets_a_new_link_at_his_old_key(world: World) -> None:
    campus = world.launch(seats=3, contact_email="team@college.edu")
    invite = lapsed(world, campus)
    key = world.entry(BOB).rank_key
    assert ask(world, campus, invite) == asking.Queued("team")
    assert ask(world, campus, invite) == asking.Queued("team")
    assert len(world.messages("invite_asked", "team@college.edu")) == 1
    granted = grant(world, campus, invite)
    assert isinstance(granted, asking.Renewed)
    assert granted.invite.version == 2
    bob = world.entry(BOB)
    assert (bob.state, bob.rank_key, world.seats(campus)) == ("invited", key, 1)
    assert len(world.messages("invite", BOB)) == 2
    with pytest.raises(asking.AlreadyAnswered):
        grant(world, campus, invite)
    assert world.redeem(campus, granted.invite, BOB).first


def test_without_a_seat_whoever_is_granted_returns_to_the_line_at_their_place(world: World) -> None:
    campus = world.launch(seats=1)
    invite = lapsed(world, campus)
    world.waiting(campus, CAROL)
    world.invited(campus, "erin@college.edu")
    ask(world, campus, invite)
    returned = grant(world, campus, invite)
    assert isinstance(returned, asking.Returned)
    assert returned.entry.state == "waiting"
    assert (world.place(BOB), world.place(CAROL)) == (1, 2)
    with pytest.raises(asking.AlreadyAnswered):
        grant(world, campus, invite)


def test_a_launch_that_renews_once_sends_the_new_link_at_once_and_asks_the_second_time(world: World) -> None:
    campus = world.launch(seats=2, renew_once=True)
    invite = lapsed(world, campus)
    first = ask(world, campus, invite)
    assert isinstance(first, asking.Renewed)
    again = ask(world, campus, invite)
    assert isinstance(again, asking.Renewed)
    assert again.invite.version == 2
    assert world.entry(BOB).state == "invited"
    world.later(days=8)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 100)
    assert ask(world, campus, invite) == asking.Queued("team")
    assert world.messages("invite_asked") == []  # nobody gave a contact address: the queue in the admin area shows it


def test_a_renewal_without_a_seat_is_a_question(world: World) -> None:
    campus = world.launch(seats=1, renew_once=True)
    invite = lapsed(world, campus)
    world.invited(campus, CAROL)
    assert ask(world, campus, invite) == asking.Queued("team")
    assert world.seats(campus) == 1


def test_an_ended_invite_is_renewed_also_before_the_worker_noticed(world: World) -> None:
    campus = world.launch(seats=1, renew_once=True)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=8)
    assert isinstance(ask(world, campus, world.invite_of(BOB)), asking.Renewed)
    assert world.seats(campus) == 1
    admission = world.admission(BOB)
    assert admission is not None
    assert (admission.state, admission.expires_at) == ("offered", world.invite_of(BOB).expires_at)


def test_a_friend_asks_alice_and_her_yes_costs_a_use(world: World) -> None:
    campus = world.launch(allowance=1)
    invite = of_alice(world, campus)
    assert ask(world, campus, invite) == asking.Queued("member")
    assert len(world.messages("invite_asked", ALICE)) == 1
    assert isinstance(grant(world, campus, invite), asking.Renewed)
    assert world.entry(ALICE).allowance_left == 0


def test_alice_has_none_left_so_the_question_stays_open(world: World) -> None:
    campus = world.launch(allowance=1)
    invite = of_alice(world, campus)
    ask(world, campus, invite)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email_key == ALICE).values(allowance_left=0))
    with pytest.raises(inviting.NoInvitesLeft):
        grant(world, campus, invite)
    assert world.invite_of(BOB).asked_answer_at is None


def test_a_no_is_said_once_and_changes_no_place(world: World) -> None:
    campus = world.launch(seats=1)
    invite = lapsed(world, campus)
    ask(world, campus, invite)
    with world.writing() as tx:
        asking.refuse(tx, campus, invite, actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(asking.AlreadyAnswered):
        asking.refuse(tx, campus, invite, actor=TEAM, now=world.now)
    assert world.entry(BOB).state == "lapsed"
    assert ask(world, campus, invite) == asking.Queued("team")


def test_a_stranger_whom_the_team_invited_has_no_line_to_return_to(world: World) -> None:
    campus = world.launch(seats=1)
    world.invited(campus, BOB)
    world.later(days=8)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 100)
    world.invited(campus, CAROL)
    ask(world, campus, world.invite_of(BOB))
    with pytest.raises(seating.LaunchFull):
        grant(world, campus, world.invite_of(BOB))


def test_links_and_what_was_turned_down_cannot_be_asked_for(world: World) -> None:
    campus = world.launch()
    with pytest.raises(declining.NotBound):
        ask(world, campus, world.issue(campus, uses=2))
    invite = world.invited(campus, BOB)
    with world.writing() as tx:
        declining.decline(tx, campus, invite, actor=WORKER, now=world.now)
    with pytest.raises(inviting.NotOpenAnyMore):
        ask(world, campus, invite)
