"""An invite is spent once by whom it is for, and a refusal of any kind leaves it as it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.test_joining import leave
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.models.entry import Entry
from waitlist.models.hold import Denied, Hold
from waitlist.models.invite import Invite, InviteSource, Redemption, Wish
from waitlist.models.launch import Launch
from waitlist.models.referral import Vouch
from waitlist.services import inviting, launching, ranking, redeeming
from waitlist.services.joining import NotEligible
from waitlist.services.redeeming import (
    InviteExpired,
    InviteNotYet,
    InviteRevoked,
    InviteSpent,
    Paused,
    WrongPerson,
)

pytestmark = both


def untouched(world: World, invite: Invite) -> bool:
    """Whether nothing of the invite or of the seats has changed."""
    (now,) = world.rows(Invite, Invite.id == invite.id)
    return bool(now.uses == 0 and not world.rows(Redemption))


def fresh(world: World, invite: Invite) -> Invite:
    (now,) = world.rows(Invite, Invite.id == invite.id)
    found: Invite = now
    return found


def test_alice_accepts_a_link_and_is_inside(world: World) -> None:
    campus = world.launch(seats=5)
    link = world.issue(campus, uses=2)
    redeemed = world.redeem(campus, link, ALICE)
    alice = world.entry(ALICE)
    assert (redeemed.first, redeemed.admission.state, redeemed.admission.seat) == (True, "active", True)
    assert (alice.state, alice.allowance_left, alice.allowance_given) == ("joined", 3, 3)
    assert alice.confirmed_no is not None
    assert (fresh(world, link).uses, world.seats(campus)) == (1, 1)
    assert world.events("redeeming.redeemed")[0].data == {"invite": link.id, "revision": 1, "seat": True}


def test_a_second_press_finds_the_first_result(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus, uses=2)
    first, second = world.redeem(campus, link, ALICE), world.redeem(campus, link, ALICE)
    assert (second.first, second.admission.id) == (False, first.admission.id)
    assert (fresh(world, link).uses, world.seats(campus)) == (1, 1)


def test_a_member_spends_nothing_of_somebody_elses_link(world: World) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    link = world.issue(campus, uses=2)
    with pytest.raises(redeeming.AlreadyMember) as refused:
        world.redeem(campus, link, ALICE)
    assert refused.value.admission.entry_id == world.entry(ALICE).id
    assert (fresh(world, link).uses, world.seats(campus)) == (0, 1)


def test_bob_accepts_his_waves_invite_on_the_seat_it_held(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    wave = world.release(campus, 1)
    assert world.seats(campus) == 1
    redeemed = world.redeem(campus, world.invite_of(BOB), BOB)
    assert (redeemed.admission.wave_id, redeemed.admission.via) == (wave.id, "redeem")
    assert (world.entry(BOB).state, world.seats(campus)) == ("joined", 1)


def test_bob_accepts_a_friends_link_on_the_seat_his_wave_held(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    link = world.issue(campus, uses=5)
    assert world.redeem(campus, link, BOB).first is True
    waves = world.invite_of(BOB)
    assert (world.seats(campus), waves.ended_at is not None) == (1, True)
    assert world.redeem(campus, waves, BOB).first is False, "his wave's link says that he is in"
    with pytest.raises(inviting.NotOpenAnyMore), world.writing() as tx:
        inviting.revoke(tx, campus, waves, actor=TEAM, now=world.now)
    assert world.seats(campus) == 1, "the seat goes back to nobody"


def test_an_offer_past_its_date_still_has_its_seat_until_it_lapses(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.release(campus, 1, days=1)
    world.later(days=2)
    assert world.redeem(campus, world.issue(campus), BOB).first is True
    assert world.seats(campus) == 1


def test_two_invites_that_hold_a_seat_become_one_seat(world: World) -> None:
    campus = world.launch(seats=2)
    first = world.invited(campus, BOB)
    world.later(days=8)
    second = world.invited(campus, BOB)
    assert world.seats(campus) == 2
    world.redeem(campus, second, BOB)
    assert (world.seats(campus), fresh(world, first).ended_at is not None) == (1, True)


def test_the_last_seat_goes_to_one_and_the_other_keeps_the_invite(world: World) -> None:
    campus = world.launch(seats=1)
    link = world.issue(campus, uses=2)
    world.redeem(campus, link, ALICE)
    assert isinstance(world.redeem(campus, link, BOB), redeeming.NoSeat)
    assert fresh(world, link).uses == 1
    assert len(world.rows(Entry)) == 1, "nothing else was written either"


def test_a_link_for_one_is_spent_after_one(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus)
    world.redeem(campus, link, ALICE)
    with pytest.raises(InviteSpent):
        world.redeem(campus, link, BOB)
    assert world.seats(campus) == 1


def test_an_invite_past_its_date_is_expired(world: World) -> None:
    campus = world.launch(invite_days=7)
    link = world.issue(campus)
    world.later(days=7)
    with pytest.raises(InviteExpired):
        world.redeem(campus, link, ALICE)
    assert untouched(world, link)


def test_an_invite_starts_when_it_says(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus, starts_at=world.now + timedelta(hours=1), expires_at=world.now + timedelta(days=30))
    with pytest.raises(InviteNotYet):
        world.redeem(campus, link, ALICE)
    assert untouched(world, link)
    world.later(hours=1)
    assert world.redeem(campus, link, ALICE).first


@pytest.mark.parametrize("column", ["revoked_at", "declined_at"])
def test_an_invite_taken_back_is_gone(world: World, column: str) -> None:
    campus = world.launch()
    link = world.issue(campus)
    with world.writing() as tx:
        tx.execute(sa.update(Invite).values(**{column: world.now}))
    with pytest.raises(InviteRevoked):
        world.redeem(campus, link, ALICE)
    assert untouched(world, link)


def test_an_ended_invite_is_expired_and_an_older_version_is_gone(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus)
    with world.writing() as tx:
        newer = inviting.resend(tx, campus, link, keys=world.keys, actor=TEAM, now=world.now)
    with pytest.raises(InviteRevoked):
        world.redeem(campus, link, ALICE)
    with world.writing() as tx:
        tx.execute(sa.update(Invite).values(ended_at=world.now))
    with pytest.raises(InviteExpired):
        world.redeem(campus, newer, ALICE)
    with world.writing() as tx:
        tx.execute(sa.delete(Invite))
    with pytest.raises(InviteRevoked):
        world.redeem(campus, newer, ALICE)


def test_a_bound_invite_is_for_its_address_alone(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    with pytest.raises(WrongPerson):
        world.redeem(campus, invite, CAROL)
    assert untouched(world, invite)


def test_an_invite_never_opens_the_door_to_the_wrong_campus(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus)
    with pytest.raises(NotEligible):
        world.redeem(campus, link, DAVE)
    assert untouched(world, link)
    ticked = world.issue(campus, overrides_rules=True)
    assert world.redeem(campus, ticked, DAVE).first, "unless the team ticked so for this one"


def test_the_deny_list_beats_every_invite(world: World) -> None:
    campus = world.launch()
    row = {"launch_id": campus.id, "kind": "domain", "value": "college.edu", "shown": "college.edu", "reason": "abuse"}
    with world.writing() as tx:
        tx.execute(sa.insert(Denied).values(**row, created_at=world.now, created_by="admin:1"))
    with pytest.raises(NotEligible):
        world.redeem(campus, world.issue(campus, overrides_rules=True), ALICE)


def test_a_pause_keeps_the_invite(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="too quick", public_reason="", actor=TEAM, now=world.now)
    with pytest.raises(Paused):
        world.redeem(campus, link, ALICE)
    assert untouched(world, link)


@pytest.mark.parametrize(("effect", "passes"), [(["admit"], True), (["admit", "redeem"], False)])
def test_a_held_person_gets_in_only_where_the_hold_lets_them(world: World, effect: list[str], passes: bool) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    hold = {"public_id": "hld_1", "launch_id": campus.id, "scope": "entry", "effect": effect, "source": "abuse"}
    with world.writing() as tx:
        made = sa.insert(Hold).values(**hold, reason="look", created_at=world.now, created_by=str(TEAM))
        tx.execute(sa.update(Entry).values(held_by=tx.execute(made.returning(Hold.id)).scalar_one()))
        ranking.went(tx, carol.line_id, rank_key=carol.rank_key or 0, sequence=carol.sequence or 0)
    link = world.issue(campus)
    if passes:
        assert world.redeem(campus, link, CAROL).first
        with world.writing() as tx:
            assert ranking.recount(tx, carol.line_id) == 0
    else:
        with pytest.raises(Paused):
            world.redeem(campus, link, CAROL)
        assert untouched(world, link)


def test_a_removed_person_finds_every_invite_gone(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    leave(world, CAROL, "removed")
    link = world.issue(campus)
    with pytest.raises(InviteRevoked):
        world.redeem(campus, link, CAROL)
    assert untouched(world, link)
    assert world.seats(campus) == 0


def test_whoever_waits_leaves_the_line_and_everybody_moves_up(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    carol = world.waiting(campus, CAROL)
    world.redeem(campus, world.issue(campus), "person1@college.edu")
    assert [world.place(email) for email in ("person1@college.edu", "person2@college.edu", CAROL)] == [None, 1, 2]
    with world.writing() as tx:
        assert ranking.recount(tx, carol.line_id) == 0


def member_link(world: World, campus: Launch, **order: object) -> Invite:
    alice = world.member(campus, ALICE)
    return world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, **order)


def test_alice_invites_bob_who_counts_as_brought_by_her(world: World) -> None:
    campus = world.launch()
    link = member_link(world, campus)
    world.redeem(campus, link, BOB)
    alice, bob = world.entry(ALICE), world.entry(BOB)
    assert (bob.referrer_id, bob.referrer_no) == (alice.id, alice.confirmed_no)
    assert [(vouch.voucher_id, vouch.entry_id) for vouch in world.rows(Vouch)] == [(alice.id, bob.id)]
    assert world.messages("invite_accepted")[0].params == {"friend": bob.id}
    assert (alice.allowance_left, bob.allowance_left) == (2, 3)


def test_whoever_waited_keeps_their_referrer_and_gains_a_vouch(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    world.waiting(campus, BOB, by=carol)
    world.redeem(campus, member_link(world, campus), BOB)
    assert world.entry(BOB).referrer_id == carol.id
    assert len(world.rows(Vouch)) == 1


def test_an_inviter_who_came_later_is_nobodys_referrer(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    link = member_link(world, campus)
    world.redeem(campus, link, CAROL)
    assert world.entry(CAROL).referrer_id == carol.referrer_id is None
    assert len(world.rows(Vouch)) == 1


def test_nobody_thanks_themselves(world: World) -> None:
    campus = world.launch()
    alice = world.waiting(campus, ALICE)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(allowance_left=1))
    world.redeem(campus, world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id), ALICE)
    assert world.rows(Vouch) == []
    assert world.messages("invite_accepted") == []


def test_the_last_place_was_taken_so_the_invite_is_kept_and_the_wish_is_remembered(world: World) -> None:
    campus = world.launch(seats=1)
    link = world.issue(campus, uses=3)
    world.redeem(campus, link, ALICE)
    assert isinstance(world.redeem(campus, link, BOB), redeeming.NoSeat)
    assert isinstance(world.redeem(campus, link, BOB), redeeming.NoSeat)
    assert fresh(world, link).uses == 1
    wish = world.rows(Wish)
    assert [(row.email, row.invite_id, row.told_at) for row in wish] == [(BOB, link.id, None)]
    assert world.seats(campus) == 1


def test_an_ended_link_is_refused_as_ended_also_when_no_seat_is_left(world: World) -> None:
    campus = world.launch(seats=1)
    world.member(campus, ALICE)
    link = world.issue(campus, uses=3)
    world.later(days=8)
    with pytest.raises(redeeming.InviteExpired):
        world.redeem(campus, link, BOB)
    assert world.rows(Wish) == []


def test_carol_uses_a_friends_invite_now_leaves_the_line_and_keeps_who_brought_her(world: World) -> None:
    campus = world.launch(allowance=5)
    alice = world.member(campus, ALICE)
    frank = world.waiting(campus, "frank@college.edu")
    world.waiting(campus, CAROL, by=frank)
    world.waiting(campus, "last@college.edu")
    to = (CAROL, CAROL, world.application(campus, CAROL).abuse_key)
    bound = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, to=to)
    world.redeem(campus, bound, CAROL)
    carol = world.entry(CAROL)
    assert (carol.state, carol.referrer_id) == ("joined", frank.id)
    assert world.place(CAROL) is None
    assert world.place("last@college.edu") == 2
    assert [(vouch.voucher_id, vouch.entry_id) for vouch in world.rows(Vouch)] == [(alice.id, carol.id)]


def test_nothing_is_redeemed_while_paused_before_the_start_or_after_archiving(world: World) -> None:
    campus = world.launch()
    link = world.issue(campus, uses=2)
    later = world.issue(campus, uses=2, starts_at=world.now + timedelta(days=1))
    with pytest.raises(redeeming.InviteNotYet):
        world.redeem(campus, later, BOB)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="r", public_reason="", actor=TEAM, now=world.now)
    with pytest.raises(redeeming.Paused):
        world.redeem(campus, link, BOB)
    with world.writing() as tx:
        launching.resume(tx, campus, actor=TEAM, now=world.now)
        archived = launching.archive(tx, campus, actor=TEAM, now=world.now)
    with pytest.raises(redeeming.InviteRevoked):
        world.redeem(archived, link, BOB)
    unopened = world.launch("later", opens_at=world.now + timedelta(days=3))
    with pytest.raises(redeeming.InviteNotYet):
        world.redeem(unopened, world.issue(unopened, uses=2), BOB)


def test_a_closed_launch_still_honours_its_invites(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    with world.writing() as tx:
        closed = launching.close(tx, campus, actor=TEAM, now=world.now)
    assert world.redeem(closed, invite, BOB).first
