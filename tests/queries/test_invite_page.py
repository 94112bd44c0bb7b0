from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.queries import invite_page
from waitlist.queries.invite_page import InvitePage, Shown
from waitlist.services import inviting, launching

pytestmark = both


def opened(world: World, launch: Launch, invite: Invite, *, version: int = 1, **how) -> InvitePage:
    with world.reading() as rx:
        page = invite_page.open_link(
            rx, world.launch_of(launch.slug), invite.public_id, version, **{"mailed": True, "now": world.now} | how
        )
    assert page is not None
    return page


def change(world: World, noun, row_id: int, **values) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(noun).where(noun.id == row_id).values(**values))


def test_bob_opens_his_mail_and_sees_what_the_invite_gives(world: World) -> None:
    campus = world.launch(allowance=3)
    page = opened(world, campus, world.invited(campus, BOB))
    assert page.shown is Shown.OPEN
    assert page.proven
    assert page.bound
    assert (page.email, page.allowance, page.days, page.inviter) == (BOB, 3, 7, None)
    assert page.expires_at == world.now + timedelta(days=7)
    assert page.person is None


def test_a_shown_link_proves_no_mailbox_and_tells_nothing_of_its_person(world: World) -> None:
    campus = world.cast()
    page = opened(world, campus, world.invite_of(BOB), mailed=False)
    assert page.shown is Shown.OPEN
    assert not page.proven
    assert page.person is None


def test_a_waiting_person_is_known_by_the_mailed_link(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL, name="Carol")
    page = opened(world, campus, world.issue(campus, source=InviteSource.ADMIN, uses=3))
    assert page.person is None
    carol = world.entry(CAROL)
    page = opened(world, campus, world.issue(campus, uses=3), mailed=False, visitor=carol.public_id)
    assert page.person is not None
    assert (page.person.name, page.person.state, page.person.admission) == ("Carol", "waiting", None)


def test_whoever_came_in_by_it_is_told_that_they_are_in_and_others_that_it_was_used(world: World) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    invite = world.invite_of(ALICE)
    mine = opened(world, campus, invite)
    assert mine.shown is Shown.USED
    assert mine.person is not None
    assert mine.person.admission is not None
    assert opened(world, campus, invite, mailed=False).shown is Shown.USED_UP
    device = opened(world, campus, invite, mailed=False, visitor=world.entry(ALICE).public_id)
    assert device.shown is Shown.USED


def test_a_revoked_invite_is_neutral(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    with world.writing() as tx:
        inviting.revoke(tx, campus, invite, actor=TEAM, now=world.now)
    assert opened(world, campus, invite).shown is Shown.REVOKED


def test_the_old_link_says_that_a_newer_was_sent(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    world.later(hours=5)
    with world.writing() as tx:
        inviting.resend(tx, campus, invite, keys=world.keys, actor=TEAM, now=world.now)
    old = opened(world, campus, invite)
    assert old.shown is Shown.REPLACED
    assert old.sent_at == world.now
    assert not old.proven
    assert opened(world, campus, invite, version=2).shown is Shown.OPEN


def test_an_ended_invite_offers_to_ask_for_a_new_one(world: World) -> None:
    campus = world.cast()
    world.later(days=8)
    page = opened(world, campus, world.invite_of(BOB))
    assert page.shown is Shown.EXPIRED
    assert page.may_ask
    assert page.keeps_place
    assert page.decides == "team"
    assert not page.renews


def test_a_pause_uses_up_nobodys_time(world: World) -> None:
    campus = world.cast()
    invite = world.invite_of(BOB)
    world.later(days=6)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="exams", public_reason="Exams", actor=TEAM, now=world.now)
    world.later(days=5)
    page = opened(world, campus, invite)
    assert page.shown is Shown.PAUSED
    assert page.reason == "Exams"


def test_an_invite_that_ended_before_the_pause_stays_ended(world: World) -> None:
    campus = world.cast()
    world.later(days=8)
    with world.writing() as tx:
        launching.pause(tx, campus, reason="exams", public_reason="", actor=TEAM, now=world.now)
    assert opened(world, campus, world.invite_of(BOB)).shown is Shown.EXPIRED


@pytest.mark.parametrize(
    ("launch_opens", "invite_starts", "says"), [(2, None, 2), (-1, 3, 3), (5, 3, 5), (None, None, None)]
)
def test_an_invite_that_starts_later_says_when(world: World, launch_opens, invite_starts, says) -> None:
    def day(n: int | None):
        return None if n is None else world.now + timedelta(days=n)

    campus = world.launch(opens_at=day(launch_opens or 1))
    invite = world.issue(campus, uses=2, starts_at=day(invite_starts))
    change(world, Launch, campus.id, opens_at=day(launch_opens))
    page = opened(world, campus, invite)
    assert page.shown is Shown.NOT_YET
    assert page.opens_at == day(says)


def test_a_link_says_when_no_seat_is_left_while_a_wave_invite_has_its_own(world: World) -> None:
    campus = world.launch(seats=1)
    world.waiting(campus, BOB)
    world.release(campus, 1)
    assert opened(world, campus, world.issue(campus, uses=3), mailed=False).shown is Shown.NO_SEAT
    assert opened(world, campus, world.invite_of(BOB)).shown is Shown.OPEN


def test_an_archived_launch_has_no_invites(world: World) -> None:
    campus = world.launch()
    invite = world.invited(campus, BOB)
    change(world, Launch, campus.id, archived_at=world.now)
    assert opened(world, campus, invite).shown is Shown.REVOKED


def test_a_mailed_member_invite_says_who_and_a_shared_link_only_with_leave(world: World) -> None:
    campus = world.launch(allowance=5)
    alice = world.member(campus, ALICE)
    to = (BOB, BOB, world.application(campus, BOB).abuse_key)
    mailed = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, to=to, note="Come in")
    link = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, uses=2)
    page = opened(world, campus, mailed)
    assert (page.inviter, page.inviter_entry, page.note, page.decides) == (ALICE, alice.public_id, "Come in", "member")
    assert opened(world, campus, link, mailed=False).inviter is None
    change(world, Entry, alice.id, name="Alice", share_name=True)
    assert opened(world, campus, link, mailed=False).inviter == "Alice"
    assert opened(world, campus, mailed).inviter == "Alice"


def test_another_launchs_invite_and_a_version_that_never_was_are_unknown(world: World) -> None:
    campus, other = world.launch(), world.launch("other")
    invite = world.invited(campus, BOB)
    with world.reading() as rx:
        assert invite_page.open_link(rx, other, invite.public_id, 1, mailed=True, now=world.now) is None
        assert invite_page.open_link(rx, campus, invite.public_id, 2, mailed=True, now=world.now) is None


def test_a_typed_code_names_its_launch_and_its_invite(world: World) -> None:
    campus = world.launch()
    invite = world.issue(campus, uses=5)
    with world.reading() as rx:
        found = invite_page.by_code(rx, invite.code_hash or "")
        assert found == invite_page.CodeFound("campus", campus.public_id, campus.id, invite.public_id, 1)
        assert invite_page.by_code(rx, "0" * 64) is None
