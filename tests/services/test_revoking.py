"""A wave is taken back from everybody, also from those inside, and given again with exactly the answers they had."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.gates.deciding import Verdict, decide
from waitlist.models.entry import Entry
from waitlist.models.event import Event
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave
from waitlist.queries import deciding
from waitlist.services import leaving, ranking, redeeming, releasing, restoring, revoking, seating, staging, steering
from waitlist.services.restoring import SeatsMissing
from waitlist.services.steering import WrongState

pytestmark = both


def revoke(world: World, launch: Launch, wave: Wave, *, tell: bool = False) -> revoking.Revoked:
    with world.writing() as tx:
        return revoking.revoke(tx, launch, wave.id, tell=tell, reason="It broke.", actor=TEAM, now=world.now)


def recall(world: World, launch: Launch, wave: Wave) -> None:
    with world.writing() as tx:
        steering.recall(tx, launch, wave.id, tell=True, reason="It broke.", actor=TEAM, now=world.now)


def restore(world: World, launch: Launch, wave: Wave) -> restoring.Restored:
    with world.writing() as tx:
        return restoring.restore(tx, launch, wave.id, actor=TEAM, now=world.now)


def answers(world: World, launch: Launch) -> dict[str, tuple[str, str, str]]:
    """What every product is told of everybody."""
    with world.reading() as rx:
        entries: Sequence[Entry] = world.rows(Entry, Entry.launch_id == launch.id)
        plan = deciding.plan_of(rx, launch)
        known = deciding.subjects(rx, launch, entries, world.now)
        found = {entry.email: decide(plan, known[entry.id], world.now) for entry in entries}
    return {email: (made.verdict.value, made.stage, made.arm) for email, made in found.items()}


def exact(world: World, launch: Launch) -> bool:
    """Places and seats agree with the rows they are counted from."""
    with world.writing() as tx:
        lines = {entry.line_id for entry in world.rows(Entry, Entry.launch_id == launch.id)}
        return seating.difference(tx, launch.id) == 0 and not any(ranking.recount(tx, line) for line in lines)


def a_wave_of_three(world: World, seats: int | None = 4) -> tuple[Launch, Wave]:
    """Two are in by it, one has not answered, and a fourth waits."""
    campus = world.launch(seats=seats)
    world.crowd(campus, 4)
    wave = world.release(campus, 3)
    for n in (1, 2):
        world.redeem(campus, world.invite_of(f"person{n}@college.edu"), f"person{n}@college.edu")
    return campus, world.wave(wave.public_id)


def test_whoever_came_in_by_a_revoked_wave_stands_where_they_stood(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    gone = revoke(world, campus, wave)
    assert (gone.members, gone.invites, gone.wave.state) == (2, 1, "recalled")
    assert [world.place(f"person{n}@college.edu") for n in (1, 2, 3, 4)] == [1, 2, 3, 4]
    assert {verdict for verdict, _, _ in answers(world, campus).values()} == {Verdict.WAITING}
    assert world.seats(campus) == 0
    assert exact(world, campus)
    (event,) = world.events("releasing.revoked")
    assert (event.data["revoked"], event.data["recalled"], event.data["digest"]) == (2, 1, gone.digest)
    assert len(world.events("releasing.withdrawn")) == 2
    with pytest.raises(WrongState):
        revoke(world, campus, wave)


def test_restoring_gives_exactly_the_former_answers_and_the_time_that_was_left(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    before, ends = answers(world, campus), world.invite_of("person3@college.edu").expires_at
    revoke(world, campus, wave)
    lost = world.now
    world.later(days=30)
    back = restore(world, campus, wave)
    assert (back.members, back.invites, back.elsewhere, back.wave.state) == (2, 1, 0, "done")
    assert answers(world, campus) == before
    assert world.invite_of("person3@college.edu").expires_at == ends + (world.now - lost)
    assert world.admission("person3@college.edu").expires_at == ends + (world.now - lost)  # type: ignore[union-attr]
    assert world.seats(campus) == 3
    assert exact(world, campus)
    assert world.redeem(campus, world.invite_of("person3@college.edu"), "person3@college.edu").first
    assert not world.redeem(campus, world.invite_of("person1@college.edu"), "person1@college.edu").first
    with pytest.raises(WrongState):
        restore(world, campus, wave)


def test_a_recall_has_the_same_inverse(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    before = answers(world, campus)
    recall(world, campus, wave)
    assert answers(world, campus) != before
    assert restore(world, campus, wave).invites == 1
    assert answers(world, campus) == before
    assert exact(world, campus)


def test_a_recall_that_is_followed_by_a_revocation_is_restored_whole(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    before = answers(world, campus)
    recall(world, campus, wave)
    world.later(hours=1)
    assert revoke(world, campus, wave).members == 2
    world.later(hours=1)
    back = restore(world, campus, wave)
    assert (back.members, back.invites) == (2, 1)
    assert answers(world, campus) == before


def test_the_next_wave_asks_first_whom_the_last_one_was_taken_from(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    world.waiting(campus, CAROL)
    for friend in range(5):
        world.waiting(campus, f"friend{friend}@college.edu", by=world.entry(CAROL))
    assert world.place(CAROL) == 1
    revoke(world, campus, wave)
    with pytest.raises(releasing.StageHeld):
        world.release(campus, 2)
    with world.writing() as tx:
        staging.resume(tx, campus, "first", actor=TEAM, now=world.now)
    world.release(campus, 2)
    states = {email: world.entry(email).state for email in ("person1@college.edu", "person2@college.edu", CAROL)}
    assert states == {"person1@college.edu": "invited", "person2@college.edu": "invited", CAROL: "waiting"}
    assert world.entry("person1@college.edu").owed_at is None


def test_a_wave_that_was_on_its_way_stands_still_while_its_stage_is_stopped(world: World) -> None:
    campus, wave = a_wave_of_three(world, seats=9)
    held = world.plan_wave(campus, 1)
    revoke(world, campus, wave)
    world.deliver(campus, held)
    assert (world.wave(held.public_id).state, len(world.messages("invite"))) == ("holding", 3)
    restore(world, campus, wave)
    world.deliver(campus, held)
    assert world.wave(held.public_id).state == "done"


def test_restoring_needs_the_seats_and_says_how_many(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    revoke(world, campus, wave)
    for who in (ALICE, BOB):
        world.member(campus, who)
    with pytest.raises(SeatsMissing) as refused:
        restore(world, campus, wave)
    assert refused.value.n == 1
    assert world.wave(wave.public_id).state == "recalled"
    assert exact(world, campus)


def test_who_went_another_way_meanwhile_stays_there(world: World) -> None:
    campus, wave = a_wave_of_three(world, seats=None)
    revoke(world, campus, wave)
    with world.writing() as tx:
        leaving.leave(tx, campus, world.entry("person1@college.edu").id, actor=TEAM, now=world.now)
    world.redeem(campus, world.invited(campus, "person2@college.edu"), "person2@college.edu")
    back = restore(world, campus, wave)
    assert (back.members, back.invites, back.elsewhere) == (0, 1, 2)
    assert world.entry("person1@college.edu").state == "left"
    assert exact(world, campus)


def test_people_hear_of_it_once_and_of_the_good_news_too(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    revoke(world, campus, wave, tell=True)
    told = world.messages("invite_withdrawn")
    # The third one's invite had not left, so there is nothing to take back in words.
    assert sorted(mail.to_address for mail in told) == ["person1@college.edu", "person2@college.edu"]
    assert all(mail.params["was_in"] for mail in told)
    restore(world, campus, wave)
    assert {mail.state for mail in world.messages("invite_withdrawn")} == {"cancelled"}
    assert {mail.state for mail in world.messages("invite")} == {"queued"}
    assert world.messages("already_in_line") == []


def test_whoever_read_the_bad_news_gets_the_good_one(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    revoke(world, campus, wave, tell=True)
    with world.writing() as tx:
        tx.exec_driver_sql("UPDATE message SET state = 'sent' WHERE kind = 'invite_withdrawn'")
    restore(world, campus, wave)
    assert [mail.to_address for mail in world.messages("already_in_line")] == [
        "person1@college.edu", "person2@college.edu",
    ]  # fmt: skip


def test_who_is_out_lets_nobody_in_and_their_invites_wait_for_them(world: World) -> None:
    campus, wave = a_wave_of_three(world, seats=None)
    inviter = world.entry("person1@college.edu")
    given = world.issue(campus, source=InviteSource.MEMBER, inviter_id=inviter.id)
    revoke(world, campus, wave)
    with pytest.raises(redeeming.Paused):
        world.redeem(campus, given, BOB)
    assert world.rows(Invite, Invite.id == given.id)[0].uses == 0
    restore(world, campus, wave)
    assert world.redeem(campus, given, BOB).first


def test_a_listed_person_who_never_stood_in_line_gets_a_place_at_its_end(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    listed = world.application(campus, ALICE)
    row = {"email": listed.email, "email_key": listed.email_key, "abuse_key": listed.abuse_key}
    row |= {"domain": listed.domain, "ticket": listed.ticket, "arm_ticket": listed.arm_ticket}
    wave = world.release(campus, audience=releasing.Audience("listed", listed=(row,)))
    world.redeem(campus, world.invite_of(ALICE), ALICE)
    revoke(world, campus, wave)
    assert {world.place(ALICE), world.place(CAROL)} == {1, 2}
    restore(world, campus, wave)
    assert (world.entry(ALICE).state, world.place(CAROL)) == ("joined", 1)
    assert exact(world, campus)


def test_every_event_of_it_is_in_the_log_of_its_person(world: World) -> None:
    campus, wave = a_wave_of_three(world)
    revoke(world, campus, wave)
    restore(world, campus, wave)
    entry = world.entry("person1@college.edu")
    mine = [event.verb for event in world.rows(Event, Event.subject_kind == "entry", Event.subject_id == entry.id)]
    assert mine[-2:] == ["releasing.withdrawn", "releasing.returned"]
