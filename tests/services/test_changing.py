"""Moving to another address, and taking it back."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.actors import person
from waitlist.models.access import WebSession
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.hold import Denied
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import changing, choosing, confirming, joining, posting, redeeming
from waitlist.services.joining import Asked, NotEligible

pytestmark = both

NEW = "carol.new@college.edu"
NEWER = "carol.newer@college.edu"
CAROLS = person("ent_carol")


def ask(world: World, launch: Launch, email: str, new: str) -> Asked:
    entry = world.entry(email, launch)
    with world.writing() as tx:
        return changing.ask(tx, launch, entry.id, world.application(launch, new), actor=CAROLS, now=world.now)


def confirm(world: World, launch: Launch, asked: Asked, new: str) -> Entry:
    with world.writing() as tx:
        address = world.application(launch, new)
        return changing.confirm(tx, launch, asked.attempt_id, address, keys=world.keys, actor=CAROLS, now=world.now)


def undo(world: World, launch: Launch, asked: Asked) -> Entry:
    with world.writing() as tx:
        return changing.undo(tx, launch, asked.attempt_id, keys=world.keys, actor=CAROLS, now=world.now)


def move(world: World, launch: Launch, email: str, new: str) -> Asked:
    asked = ask(world, launch, email, new)
    confirm(world, launch, asked, new)
    return asked


def write(world: World, statement: Any) -> None:
    with world.writing() as tx:
        tx.execute(statement)


def test_carol_keeps_her_place_at_her_new_address(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    world.waiting(campus, BOB)

    asked = ask(world, campus, CAROL, NEW)
    assert [(mail.kind, mail.to_address) for mail in world.messages()[-2:]] == [
        ("change_confirm", NEW),
        ("change_notice", CAROL),
    ]
    assert world.entry(CAROL).id == carol.id

    confirm(world, campus, asked, NEW)
    moved = world.entry(NEW)
    drawn = world.application(campus, NEW)
    assert (moved.id, moved.rank_key, moved.referrer_id) == (carol.id, carol.rank_key, carol.referrer_id)
    assert (moved.email_abuse_key, moved.domain) == (drawn.abuse_key, drawn.domain)
    assert (moved.ticket, moved.arm_ticket) == (drawn.ticket, drawn.arm_ticket)
    assert world.place(NEW) == 1


def test_a_second_press_finds_it_done(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    asked = move(world, campus, CAROL, NEW)
    assert confirm(world, campus, asked, NEW).email == NEW
    assert len(world.events("changing.changed")) == 1


def test_the_audit_log_keeps_both_addresses_apart_from_the_chain(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    move(world, campus, CAROL, NEW)
    (event,) = world.events("changing.changed")
    assert event.data == {}
    assert event.commitment is not None


def test_the_old_address_takes_it_back_within_a_week(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    asked = move(world, campus, CAROL, NEW)
    session = {"id_hash": "x", "data": {}, "entry_id": carol.id, "created_at": world.now, "seen_at": world.now}
    write(world, sa.insert(WebSession).values(session | {"expires_at": world.later(days=6)}))

    restored = undo(world, campus, asked)

    assert (restored.email, restored.link_version) == (CAROL, carol.link_version + 1)
    assert (restored.ticket, restored.email_abuse_key) == (carol.ticket, carol.email_abuse_key)
    assert world.rows(WebSession)[0].revoked_at == world.now
    assert undo(world, campus, asked).link_version == carol.link_version + 1
    with pytest.raises(confirming.LinkExpired):
        confirm(world, campus, asked, NEW)


def test_after_a_week_it_stays(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    asked = move(world, campus, CAROL, NEW)
    world.later(days=7)
    with pytest.raises(changing.TooLate):
        undo(world, campus, asked)


def test_the_old_address_can_say_no_before_anything_happened(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    asked = ask(world, campus, CAROL, NEW)
    assert undo(world, campus, asked).email == CAROL
    with pytest.raises(confirming.LinkExpired):
        confirm(world, campus, asked, NEW)


def test_the_first_owner_gets_it_back_however_often_a_thief_moved_on(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    first = move(world, campus, CAROL, NEW)
    second = move(world, campus, NEW, NEWER)
    assert undo(world, campus, first).email == CAROL
    assert undo(world, campus, second).email == CAROL


def test_an_address_that_somebody_has_is_not_given_away(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    world.waiting(campus, BOB)
    asked = ask(world, campus, CAROL, BOB)
    assert [mail.kind for mail in world.messages()[-1:]] == ["change_notice"]
    with pytest.raises(confirming.LinkExpired):
        confirm(world, campus, asked, BOB)


def test_an_address_taken_meanwhile_is_told_to_its_owner(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    asked = ask(world, campus, CAROL, NEW)
    world.join(campus, NEW)
    with pytest.raises(changing.AddressTaken):
        confirm(world, campus, asked, NEW)
    assert world.entry(CAROL).state == State.WAITING


def test_the_old_address_may_be_taken_by_somebody_new(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    asked = move(world, campus, CAROL, NEW)
    world.join(campus, CAROL)
    with pytest.raises(changing.AddressTaken):
        undo(world, campus, asked)


def test_the_rules_are_asked_about_the_new_address(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    with pytest.raises(NotEligible):
        ask(world, campus, CAROL, "carol@elsewhere.edu")
    assert world.messages("change_confirm") == []


def test_a_blocked_address_gets_the_same_answer_and_no_link(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    deny = {"kind": "address", "value": world.application(campus, NEW).abuse_key, "shown": NEW, "reason": "spam"}
    write(
        world,
        sa.insert(Denied).values(deny | {"launch_id": campus.id, "created_at": world.now, "created_by": str(TEAM)}),
    )
    ask(world, campus, CAROL, NEW)
    assert world.messages("change_confirm") == []


def test_somebody_blocked_in_between_is_refused_with_nothing_changed(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    asked = ask(world, campus, CAROL, NEW)
    deny = {"kind": "domain", "value": "college.edu", "shown": "college.edu", "reason": "spam"}
    write(
        world,
        sa.insert(Denied).values(deny | {"launch_id": campus.id, "created_at": world.now, "created_by": str(TEAM)}),
    )
    with pytest.raises(NotEligible):
        confirm(world, campus, asked, NEW)
    assert world.entry(CAROL).email == CAROL


def test_the_newest_link_counts_and_lasts_two_days(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    first = ask(world, campus, CAROL, NEW)
    second = ask(world, campus, CAROL, NEWER)
    with pytest.raises(confirming.LinkReplaced):
        confirm(world, campus, first, NEW)
    world.later(hours=48)
    with pytest.raises(confirming.LinkExpired):
        confirm(world, campus, second, NEWER)


def test_an_open_invite_moves_along_and_its_old_link_dies(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    old = world.invite_of(BOB)
    new = "bob.new@college.edu"

    move(world, campus, BOB, new)

    moved = world.invite_of(new)
    assert (moved.id, moved.version, moved.expires_at) == (old.id, old.version + 1, old.expires_at)
    assert moved.code_hash != old.code_hash
    assert world.messages("invite")[-1].to_address == new
    with pytest.raises(redeeming.InviteRevoked):
        world.redeem(campus, old, BOB)
    assert world.redeem(campus, moved, new).first
    assert world.seats(campus) == 1


def test_waiting_mails_and_wishes_about_mail_move_along(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    with world.writing() as tx:
        box = posting.choice_for(tx, campus.id, carol.email, carol.email_key, world.now)
        choosing.choose(tx, campus, box, choosing.Wants.PLACE, actor=CAROLS, now=world.now)
    move(world, campus, CAROL, NEW)
    assert [mail.to_address for mail in world.messages("in_line")] == [NEW]
    assert [mail.to_address for mail in world.messages("confirm")] == [CAROL]
    assert {choice.email: choice.wants for choice in world.rows(MailboxChoice)} == {CAROL: "place", NEW: "place"}


def test_a_member_moves_as_well(world: World) -> None:
    campus = world.launch()
    world.member(campus, ALICE)
    move(world, campus, ALICE, "alice.new@college.edu")
    assert world.entry("alice.new@college.edu").state == State.JOINED


def test_nothing_is_asked_for_the_address_one_has(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    with pytest.raises(changing.SameAddress):
        ask(world, campus, CAROL, "Carol@College.edu")


@pytest.mark.parametrize("state", [State.UNCONFIRMED, State.REMOVED])
def test_who_is_not_here_changes_nothing(world: World, state: State) -> None:
    campus = world.launch()
    world.waiting(campus)
    write(world, sa.update(Entry).values(state=state))
    with pytest.raises(changing.CannotChange):
        ask(world, campus, CAROL, NEW)


def test_a_person_removed_in_between_finds_a_dead_link(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    asked = ask(world, campus, CAROL, NEW)
    write(world, sa.update(Entry).values(state=State.REMOVED))
    with pytest.raises(confirming.LinkExpired):
        confirm(world, campus, asked, NEW)


def test_a_link_of_another_kind_or_launch_changes_no_address(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    join = world.rows(Attempt)[0]
    asked = ask(world, campus, CAROL, NEW)
    other = world.launch("other")
    for launch, attempt_id in ((campus, join.id), (other, asked.attempt_id), (campus, 4711)):
        with pytest.raises(changing.NotChanged):
            undo(world, launch, joining.Asked(attempt_id, ""))
    for launch, attempt_id in ((campus, join.id), (other, asked.attempt_id)):
        with pytest.raises(changing.NotChanged):
            confirm(world, launch, joining.Asked(attempt_id, ""), NEW)
    with pytest.raises(ValueError, match="another address"):
        confirm(world, campus, asked, NEWER)
