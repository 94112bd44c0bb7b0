"""A wave that is stopped or recalled takes back what nobody has used, once, and leaves everybody else alone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import BOB, CAROL, TEAM, WORKER, World
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.models.wave import Wave, WaveMember
from waitlist.services import delivering, lapsing, ranking, releasing, steering
from waitlist.services.steering import WrongState

pytestmark = both


def stop(world: World, launch: Launch, wave: Wave) -> steering.Stopped:
    with world.writing() as tx:
        return steering.stop(tx, launch, wave.id, reason="a mistake", actor=TEAM, now=world.now)


def recall(world: World, launch: Launch, wave: Wave, *, tell: bool = False) -> steering.Recalled:
    with world.writing() as tx:
        return steering.recall(tx, launch, wave.id, tell=tell, reason="We were too quick.", actor=TEAM, now=world.now)


def mailed(world: World, *emails: str) -> None:
    """The worker has sent the invites of these people."""
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.to_key.in_(emails)).values(state="sent", sent_at=world.now))


def outcomes(world: World) -> dict[str, int]:
    found: dict[str, int] = {}
    for member in world.rows(WaveMember):
        found[member.outcome] = found.get(member.outcome, 0) + 1
    return found


def is_true(world: World, email: str) -> bool:
    with world.writing() as tx:
        return ranking.recount(tx, world.entry(email).line_id) == 0


def test_stopping_in_the_holding_window_invites_nobody(world: World) -> None:
    campus = world.launch(seats=5)
    world.crowd(campus, 3)
    wave = world.plan_wave(campus, 2)
    assert stop(world, campus, wave).people == 2
    assert (world.seats(campus), outcomes(world)) == (0, {"stopped": 2})
    assert world.place("person1@college.edu") == 1
    assert world.messages("invite") == []
    with pytest.raises(WrongState) as refused:
        stop(world, campus, wave)
    assert refused.value.state == "stopped"


def test_stopping_half_way_keeps_what_was_sent_and_nothing_else(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "CHUNK", 2)
    campus = world.launch(seats=5)
    world.crowd(campus, 4)
    wave = world.plan_wave(campus, 4)
    with world.writing() as tx:
        releasing.start(tx, campus, wave.id, actor=WORKER, now=world.now)
    with world.writing() as tx:
        assert delivering.deliver_chunk(tx, campus, wave.id, keys=world.keys, actor=WORKER, now=world.now)
    mailed(world, "person1@college.edu")
    assert stop(world, campus, wave).people == 3
    stopped = world.wave(wave.public_id)
    assert (stopped.state, stopped.invited, world.seats(campus)) == ("stopped", 1, 1)
    assert outcomes(world) == {"invited": 1, "stopped": 3}
    assert [world.place(f"person{n}@college.edu") for n in (1, 2, 3, 4)] == [None, 1, 2, 3]
    assert is_true(world, "person1@college.edu")
    assert world.redeem(campus, world.invite_of("person1@college.edu"), "person1@college.edu").first
    assert [mail.state for mail in world.messages("invite")] == ["sent", "cancelled"]
    with world.writing() as tx:
        assert not delivering.deliver_chunk(tx, campus, wave.id, keys=world.keys, actor=WORKER, now=world.now)
    again = world.release(campus, 3)
    assert again.invited == 3


def test_a_recall_brings_people_back_to_their_places_and_leaves_members_in(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steering, "CHUNK", 2)
    campus = world.launch(seats=9)
    people = world.crowd(campus, 6)
    keys = {person.email: person.rank_key for person in people}
    wave = world.release(campus, 5)
    mailed(world, *keys)
    first = people[0].email
    world.redeem(campus, world.invite_of(first), first)
    assert recall(world, campus, wave, tell=True).people == 4
    recalled = world.wave(wave.public_id)
    assert (recalled.state, recalled.recalled, world.seats(campus)) == ("recalled", 4, 1)
    assert outcomes(world) == {"invited": 1, "recalled": 4}
    assert world.entry(first).state == "joined"
    assert [world.place(person.email) for person in people[1:]] == [1, 2, 3, 4, 5]
    assert {world.entry(person.email).rank_key == keys[person.email] for person in people} == {True}
    assert is_true(world, first)
    told = world.messages("invite_withdrawn")
    assert len(told) == 4
    assert {mail.params["reason"] for mail in told} == {"We were too quick."}
    with pytest.raises(WrongState):
        recall(world, campus, wave)
    assert world.seats(campus) == 1


def test_whoever_never_got_the_mail_hears_nothing_of_the_recall(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    wave = world.release(campus, 1)
    assert recall(world, campus, wave, tell=True).people == 1
    assert [mail.state for mail in world.messages("invite")] == ["cancelled"]
    assert world.messages("invite_withdrawn") == []
    assert world.place(BOB) == 1


def test_a_recall_leaves_what_is_past_its_date_to_its_policy(world: World) -> None:
    campus = world.launch(seats=2)
    world.waiting(campus, BOB)
    wave = world.release(campus, 1)
    world.later(days=8)
    assert recall(world, campus, wave).people == 0
    with world.writing() as tx:
        assert lapsing.lapse_due(tx, world.now, 10) == 1
    assert (world.entry(BOB).state, world.seats(campus)) == ("lapsed", 0)


def test_a_key_that_somebody_was_moved_to_meanwhile_is_not_taken_twice(world: World) -> None:
    campus = world.launch()
    bob, carol = world.waiting(campus, BOB), world.waiting(campus, CAROL)
    wave = world.release(campus, 1)
    with world.writing() as tx:
        ranking.shifted(tx, carol.line_id, old=carol.rank_key or 0, new=bob.rank_key or 0)
        tx.execute(sa.update(Entry).where(Entry.id == carol.id).values(rank_key=bob.rank_key))
    recall(world, campus, wave)
    assert sorted([world.place(BOB), world.place(CAROL)], key=str) == [1, 2]
    assert is_true(world, BOB)


def test_a_stranger_from_a_list_is_unconfirmed_again(world: World) -> None:
    campus = world.launch()
    application = world.application(campus, "vip@college.edu")
    listed = {
        "email": application.email,
        "email_key": application.email_key,
        "abuse_key": application.abuse_key,
        "domain": application.domain,
        "ticket": application.ticket,
        "arm_ticket": application.arm_ticket,
    }
    wave = world.release(campus, audience=releasing.Audience("listed", listed=(listed,)))
    assert world.entry("vip@college.edu").state == "invited"
    recall(world, campus, wave)
    assert (world.entry("vip@college.edu").state, world.seats(campus)) == ("unconfirmed", 0)


def test_a_paused_wave_can_be_stopped_and_a_drafted_one_cannot_be_recalled(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    wave = world.plan_wave(campus, 2)
    with pytest.raises(WrongState):
        recall(world, campus, wave)
    with world.writing() as tx:
        steering.pause(tx, campus, wave.id, reason="wait", actor=TEAM, now=world.now)
    assert stop(world, campus, wave).people == 2
    assert recall(world, campus, wave).people == 0
