"""Invites are issued, sent again and taken back; what they held goes back once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, WORKER, World
from waitlist import codes
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource, by_public_id
from waitlist.models.launch import Launch
from waitlist.services import declining, ending, inviting, lapsing, ranking
from waitlist.services.inviting import NoInvitesLeft, NotOpenAnyMore
from waitlist.services.seating import LaunchFull

pytestmark = both


def revoke(world: World, launch: Launch, invite: Invite) -> Invite:
    with world.writing() as tx:
        return inviting.revoke(tx, launch, invite, actor=TEAM, now=world.now)


def resend(world: World, launch: Launch, invite: Invite) -> Invite:
    with world.writing() as tx:
        return inviting.resend(tx, launch, invite, keys=world.keys, actor=TEAM, now=world.now)


def member_invite(world: World, launch: Launch, uses: int = 1) -> Invite:
    alice = world.entry(ALICE)
    return world.issue(launch, source=InviteSource.MEMBER, inviter_id=alice.id, uses=uses)


def test_a_bound_invite_holds_a_seat_and_a_link_does_not(world: World) -> None:
    campus = world.launch(seats=1, invite_days=3)
    link = world.issue(campus, uses=10, note="x" * 300)
    assert (link.holds_seat, world.seats(campus), len(link.note)) == (False, 0, 280)
    assert link.expires_at == world.now + timedelta(days=3)
    bob = world.invited(campus, BOB)
    assert (bob.holds_seat, world.seats(campus)) == (True, 1)
    with pytest.raises(LaunchFull):
        world.invited(campus, CAROL)
    assert [mail.to_address for mail in world.messages("invite")] == [BOB]
    assert [event.data["uses"] for event in world.events("inviting.issued")] == [10, 1]


def test_the_typed_code_is_found_by_its_hash_and_never_stored(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus)
    symbols = codes.derive_code(world.keys.codes, link.public_id, link.version)
    assert link.code_hash == codes.look_up_hash(world.keys.pepper, symbols)
    assert link.code_end == symbols[-4:]
    with world.reading() as rx:
        assert rx.execute(by_public_id(campus.id, link.public_id)).one().id == link.id
        assert rx.execute(by_public_id(campus.id + 1, link.public_id)).one_or_none() is None


def test_alice_gives_as_many_invites_as_she_has(world: World) -> None:
    campus = world.launch(allowance=3)
    world.member(campus, ALICE)
    member_invite(world, campus, uses=2)
    with pytest.raises(NoInvitesLeft) as refused:
        member_invite(world, campus, uses=2)
    assert refused.value.left == world.entry(ALICE).allowance_left == 1


def test_nobody_gives_invites_of_nobody(world: World) -> None:
    campus = world.launch()
    with pytest.raises(NoInvitesLeft):
        world.issue(campus, source=InviteSource.MEMBER)


def test_a_members_invite_is_mailed_in_their_name(world: World) -> None:
    campus = world.launch()
    alice = world.member(campus, ALICE)
    later = world.now + timedelta(hours=1)
    invite = world.invited(campus, BOB, source=InviteSource.MEMBER, inviter_id=alice.id, starts_at=later)
    (mail,) = world.messages("member_invite")
    assert (mail.invite_id, mail.available_at, invite.holds_seat) == (invite.id, later, False)


def test_a_newer_invite_ends_the_older_link_and_is_mailed(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    world.later(days=1)
    newer = resend(world, campus, invite)
    assert (newer.version, newer.expires_at) == (2, world.now + timedelta(days=7))
    assert newer.code_hash != invite.code_hash
    assert len(world.messages("invite")) == 2
    with pytest.raises(NotOpenAnyMore):
        resend(world, campus, invite)  # two admins press at once
    assert len(world.messages("invite")) == 2
    resend(world, campus, world.issue(campus))
    assert len(world.messages("invite")) == 2, "a link is mailed to nobody"


def test_a_revoked_invite_gives_its_seat_back_once(world: World) -> None:
    campus = world.launch(seats=1)
    invite = world.invited(campus, BOB)
    assert revoke(world, campus, invite).revoked_by == "admin:1"
    assert world.seats(campus) == 0
    with pytest.raises(NotOpenAnyMore):
        revoke(world, campus, invite)
    with pytest.raises(NotOpenAnyMore):
        resend(world, campus, invite)
    assert world.seats(campus) == 0
    assert len(world.events("inviting.revoked")) == 1


def test_a_revoked_link_returns_what_is_left_of_it(world: World) -> None:
    campus = world.launch(allowance=3)
    world.member(campus, ALICE)
    link = member_invite(world, campus, uses=3)
    world.redeem(campus, link, BOB)
    revoke(world, campus, link)
    assert (world.entry(ALICE).allowance_left, world.entry(BOB).state) == (2, "joined")
    assert world.seats(campus) == 2


def test_a_used_invite_gives_nothing_back(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    world.redeem(campus, invite, BOB)
    with pytest.raises(NotOpenAnyMore):
        revoke(world, campus, invite)
    admission = world.admission(BOB)
    assert admission is not None
    assert (admission.state, world.entry(BOB).state, world.seats(campus)) == ("active", "joined", 1)


def test_bob_whose_waves_invite_is_revoked_stands_where_he_stood(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.waiting(campus, CAROL)
    world.release(campus, 1)
    revoke(world, campus, world.invite_of(BOB))
    admission = world.admission(BOB)
    assert admission is not None
    assert (admission.state, world.entry(BOB).state, world.seats(campus)) == ("revoked", "waiting", 0)
    assert (world.place(BOB), world.place(CAROL)) == (1, 2)
    world.release(campus, 1)
    assert world.entry(BOB).state == "invited", "and may be invited again"


def test_a_lapsed_offer_keeps_its_key_and_no_place(world: World) -> None:
    campus = world.launch()
    bob = world.waiting(campus, BOB)
    world.release(campus, 1)
    with world.writing() as tx:
        ended = ending.end(tx, campus, world.invite_of(BOB), ending.LAPSED, actor=TEAM, now=world.now)
    assert ended is not None
    assert (world.entry(BOB).state, world.entry(BOB).rank_key) == ("lapsed", bob.rank_key)
    assert (world.place(BOB), world.seats(campus)) == (None, 0)
    with world.writing() as tx:
        assert ranking.recount(tx, bob.line_id) == 0


def test_an_offer_that_went_elsewhere_is_not_ended_with_its_invite(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state="left"))
    with world.writing() as tx:
        ending.end(tx, campus, world.invite_of(BOB), ending.WITHDRAWN, actor=TEAM, now=world.now)
    assert world.entry(BOB).state == "left"


def lapse(world: World) -> None:
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 100)


def by_alice(world: World, launch: Launch, email: str = BOB, **order) -> Invite:
    alice = world.entry(ALICE, launch)
    to = (email, email, world.application(launch, email).abuse_key)
    return world.issue(launch, source=InviteSource.MEMBER, inviter_id=alice.id, **{"to": to} | order)


def fresh(world: World, invite: Invite) -> Invite:
    return world.rows(Invite, Invite.id == invite.id)[0]


def test_the_teams_invite_takes_a_waiting_person_out_of_the_line_and_keeps_their_key(world: World) -> None:
    campus = world.launch(seats=5)
    before = world.waiting(campus, BOB)
    world.waiting(campus, CAROL)
    invite = world.invited(campus, BOB)
    bob = world.entry(BOB)
    assert (bob.state, bob.rank_key) == ("invited", before.rank_key)
    assert world.place(CAROL) == 1
    admission = world.admission(BOB)
    assert admission is not None
    assert (admission.state, admission.via, admission.expires_at) == ("offered", "admin", invite.expires_at)
    assert world.seats(campus) == 1


def test_nobody_is_invited_twice_or_when_inside(world: World) -> None:
    campus = world.launch(allowance=5)
    world.member(campus, ALICE)
    world.invited(campus, BOB)
    with pytest.raises(inviting.AlreadyInvited):
        world.invited(campus, BOB)
    with pytest.raises(inviting.AlreadyInvited):
        by_alice(world, campus, BOB)
    with pytest.raises(inviting.AlreadyIn):
        by_alice(world, campus, ALICE)
    by_alice(world, campus, CAROL)
    assert world.invited(campus, CAROL).holds_seat


def test_whoever_asked_not_to_be_invited_is_not(world: World) -> None:
    campus = world.launch(allowance=5)
    world.member(campus, ALICE)
    invite = by_alice(world, campus)
    with world.writing() as tx:
        declining.decline(tx, campus, invite, never_again=True, actor=WORKER, now=world.now)
    with pytest.raises(inviting.CannotBeInvited):
        by_alice(world, campus)
    with pytest.raises(inviting.CannotBeInvited):
        resend(world, campus, invite)
    assert world.entry(ALICE).allowance_left == 5


def test_three_nos_are_enough_for_a_while(world: World) -> None:
    campus = world.launch(allowance=5)
    world.member(campus, ALICE)
    for _ in range(3):
        invite = by_alice(world, campus)
        with world.writing() as tx:
            declining.decline(tx, campus, invite, actor=WORKER, now=world.now)
    with pytest.raises(inviting.CannotBeInvited):
        by_alice(world, campus)
    world.later(days=91)
    assert by_alice(world, campus).email == BOB


def test_fifty_mailed_invites_a_day_are_the_most(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inviting, "A_DAY", 2)
    campus = world.launch(allowance=5)
    world.member(campus, ALICE)
    by_alice(world, campus, "a@college.edu")
    by_alice(world, campus, "b@college.edu")
    with pytest.raises(inviting.TooManyToday):
        by_alice(world, campus, "c@college.edu")
    assert world.entry(ALICE).allowance_left == 3


def test_sending_again_gives_a_new_link_and_a_new_end(world: World) -> None:
    campus = world.launch(seats=2)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    invite = world.invite_of(BOB)
    world.later(days=5)
    newer = resend(world, campus, invite)
    assert (newer.version, newer.expires_at) == (2, world.now + timedelta(days=7))
    assert newer.code_hash != invite.code_hash
    admission = world.admission(BOB)
    assert admission is not None
    assert admission.expires_at == newer.expires_at
    assert len(world.messages("invite", BOB)) == 2
    assert world.seats(campus) == 1
    with pytest.raises(inviting.NotOpenAnyMore):
        resend(world, campus, invite)


def test_an_expired_invite_works_again_when_sent_again(world: World) -> None:
    campus = world.launch(seats=2)
    before = world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=8)
    lapse(world)
    assert (world.entry(BOB).state, world.seats(campus)) == ("lapsed", 0)
    newer = resend(world, campus, fresh(world, world.invite_of(BOB)))
    bob = world.entry(BOB)
    assert (bob.state, bob.rank_key, world.seats(campus)) == ("invited", before.rank_key, 1)
    assert world.redeem(campus, newer, BOB).first
    assert world.seats(campus) == 1


def test_an_expired_members_invite_costs_its_use_again(world: World) -> None:
    campus = world.launch(allowance=1)
    world.member(campus, ALICE)
    invite = by_alice(world, campus)
    world.later(days=8)
    lapse(world)
    assert world.entry(ALICE).allowance_left == 1
    newer = resend(world, campus, fresh(world, invite))
    assert world.entry(ALICE).allowance_left == 0
    assert world.redeem(campus, newer, BOB).first


def test_no_seat_no_second_chance(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    world.later(days=8)
    lapse(world)
    world.invited(campus, CAROL)
    with pytest.raises(LaunchFull):
        resend(world, campus, fresh(world, world.invite_of(BOB)))
    assert fresh(world, world.invite_of(BOB)).version == 1


def test_what_was_used_revoked_or_superseded_is_not_sent_again(world: World) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    with pytest.raises(inviting.NotOpenAnyMore):
        resend(world, campus, world.invite_of(ALICE))
    old = world.invited(campus, BOB)
    world.later(days=8)
    lapse(world)
    world.redeem(campus, world.invited(campus, BOB), BOB)
    with pytest.raises(inviting.NotOpenAnyMore):
        resend(world, campus, fresh(world, old))


def test_the_newest_link_can_be_mailed_again_a_few_times_a_day(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    sent = []
    for _ in range(6):
        world.later(minutes=2)
        with world.writing() as tx:
            sent.append(inviting.mail_again(tx, campus, invite, now=world.now))
    assert sent == [True] * 5 + [False]
    assert len(world.messages("invite", BOB)) == 6
    assert fresh(world, invite).expires_at == invite.expires_at
    world.later(days=8)
    with world.writing() as tx, pytest.raises(inviting.NotOpenAnyMore):
        inviting.mail_again(tx, campus, invite, now=world.now)


def test_whoever_was_never_confirmed_is_invited_without_a_place(world: World) -> None:
    campus = world.launch(seats=5)
    world.join(campus, BOB)
    world.invited(campus, BOB)
    assert world.entry(BOB).state == "unconfirmed"
    assert world.rows(Entry, Entry.email_key == BOB)[0].rank_key is None
