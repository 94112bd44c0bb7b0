"""The press that proves a mailbox takes its place once, whoever presses again and whatever happened in between."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.test_joining import leave
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.actors import person
from waitlist.models.entry import Answer, Attempt, Consent, Entry
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch, Question
from waitlist.models.referral import Credit
from waitlist.services import confirming
from waitlist.services.confirming import LinkExpired, LinkReplaced
from waitlist.services.joining import Asked

pytestmark = both


def press(world: World, launch: Launch, asked: Asked) -> confirming.Confirmed:
    with world.writing() as tx:
        return confirming.confirm(tx, launch, asked.attempt_id, actor=person("ent_x"), now=world.now)


def rule(world: World, tree: str) -> None:
    with world.writing() as tx:
        tx.execute(sa.text("UPDATE gate_revision SET tree = :tree"), {"tree": tree})


def test_carol_confirms_and_reads_her_place(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, ALICE)
    carol = world.waiting(campus, CAROL, name="Carol", language="fr", first_touch={"utm_source": "poster"})
    assert (carol.state, carol.name, carol.language) == ("waiting", "Carol", "fr")
    assert carol.first_touch == {"utm_source": "poster"}
    assert carol.place_at_confirm == world.place(CAROL) == 2
    assert (world.messages("in_line", to=CAROL)[0].params, carol.gate_revision) == ({"place": 2}, 1)
    assert [event.subject_id for event in world.events("joining.confirmed")][-1] == carol.id


def test_a_second_press_finds_the_place_taken(world: World) -> None:
    campus = world.launch()
    asked = world.join(campus, CAROL)
    first, second = press(world, campus, asked), press(world, campus, asked)
    assert (first.first, second.first) == (True, False)
    assert first.entry.confirmed_no == second.entry.confirmed_no
    assert len(world.messages("in_line")) == 1


def test_an_old_link_says_that_a_newer_one_was_sent(world: World) -> None:
    campus = world.launch()
    old = world.join(campus, CAROL)
    new = world.join(campus, CAROL)
    with pytest.raises(LinkReplaced) as replaced:
        press(world, campus, old)
    assert replaced.value.attempt.id == old.attempt_id
    assert press(world, campus, new).first


def test_a_link_works_for_48_hours(world: World) -> None:
    campus = world.launch()
    asked = world.join(campus, CAROL)
    world.later(hours=48)
    with pytest.raises(LinkExpired) as expired:
        press(world, campus, asked)
    assert not isinstance(expired.value, LinkReplaced)
    assert world.entry(CAROL).state == "unconfirmed"


def test_whoever_was_removed_or_said_no_keeps_no_working_link(world: World) -> None:
    campus = world.launch()
    asked = world.join(campus, CAROL)
    with world.writing() as tx:
        tx.execute(sa.update(Attempt).values(declined_at=world.now))
    with pytest.raises(LinkExpired):
        press(world, campus, asked)
    with world.writing() as tx:
        tx.execute(sa.update(Attempt).values(declined_at=None))
        tx.execute(sa.update(Entry).values(state="removed"))
    with pytest.raises(LinkExpired):
        press(world, campus, asked)


def test_whoever_got_in_meanwhile_is_not_put_back_in_line(world: World) -> None:
    campus = world.launch()
    asked = world.join(campus, CAROL)
    world.member(campus, CAROL)
    confirmed = press(world, campus, asked)
    assert (confirmed.first, confirmed.entry.state) == (False, "joined")
    assert world.place(CAROL) is None


def test_rules_that_changed_meanwhile_put_a_person_aside_with_their_answers(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        row = {"launch_id": campus.id, "key": "why", "ordinal": 1, "kind": "short", "label": "Why?"}
        question = tx.execute(sa.insert(Question).values(row).returning(Question.id)).scalar_one()
    asked = world.join(campus, CAROL, answers={str(question): "curious"}, consents={"terms": "2"})
    rule(world, '{"kind": "domain", "domains": ["other.edu"]}')
    carol = world.confirm(campus, asked)
    assert (carol.state, carol.rank_key, world.place(CAROL)) == ("waiting", None, None)
    assert [answer.value for answer in world.rows(Answer)] == ["curious"]
    assert [(consent.key, consent.text_version) for consent in world.rows(Consent)] == [("terms", "2")]
    assert [event.verb for event in world.events()][-1] == "joining.interested"
    assert press(world, campus, asked).first is False


def test_answers_of_the_confirmed_attempt_are_kept_and_newer_ones_replace_them(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        row = {"launch_id": campus.id, "key": "why", "ordinal": 1, "kind": "short", "label": "Why?"}
        question = tx.execute(sa.insert(Question).values(row).returning(Question.id)).scalar_one()
    world.join(campus, CAROL, name="Mallory", answers={str(question): "not hers"})
    world.waiting(campus, CAROL, name="Carol", answers={str(question): "hers"})
    assert (world.entry(CAROL).name, [answer.value for answer in world.rows(Answer)]) == ("Carol", ["hers"])
    leave(world, CAROL)
    world.waiting(campus, CAROL, answers={str(question): "newer"})
    assert [answer.value for answer in world.rows(Answer)] == ["newer"]
    assert world.entry(CAROL).name == "Carol", "an empty name takes nothing away"


def test_a_friend_counts_once_for_whoever_brought_them(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    alice = world.waiting(campus, ALICE)
    carol = world.waiting(campus, CAROL, by=alice)
    assert (carol.referrer_id, carol.referrer_no) == (alice.id, alice.confirmed_no)
    assert (world.entry(ALICE).score, world.place(ALICE)) == (1, 1)
    assert world.messages("friend_joined")[0].params == {"friend": carol.id}
    world.waiting(campus, "erin@college.edu", by=alice)
    assert len(world.messages("friend_joined")) == 1, "one mail a day tells of them all"


def test_the_link_of_the_confirmed_attempt_is_the_one_that_counts(world: World) -> None:
    campus = world.launch()
    alice, bob = world.waiting(campus, ALICE), world.waiting(campus, BOB)
    world.join(campus, CAROL, by=alice)
    carol = world.waiting(campus, CAROL, by=bob)
    assert carol.referrer_id == bob.id
    leave(world, CAROL)
    assert world.waiting(campus, CAROL, by=alice).referrer_id == bob.id, "set once"
    assert [credit.referrer_id for credit in world.rows(Credit)] == [bob.id]


def test_nobody_brings_themselves(world: World) -> None:
    campus = world.launch()
    alice = world.waiting(campus, ALICE)
    leave(world, ALICE)
    assert world.waiting(campus, ALICE, by=alice).referrer_id is None
    assert world.waiting(campus, "alice+second@college.edu", by=alice).referrer_id is None
    assert world.rows(Credit) == []


def test_a_link_of_somebody_removed_counts_for_nobody(world: World) -> None:
    campus = world.launch()
    alice = world.waiting(campus, ALICE)
    asked = world.join(campus, CAROL, by=alice)
    leave(world, ALICE, "removed")
    assert world.confirm(campus, asked).referrer_id is None
    assert world.waiting(campus, BOB, by=alice).referrer_id is None
    assert world.rows(Credit) == []


def test_somebody_who_confirmed_later_cannot_have_brought_who_came_before(world: World) -> None:
    campus = world.launch()
    alice = world.waiting(campus, ALICE)
    carol = world.waiting(campus, CAROL, by=alice)
    leave(world, ALICE)
    assert world.waiting(campus, ALICE, by=carol).referrer_id is None, "no circle"


def test_a_member_is_not_mailed_about_friends_in_line(world: World) -> None:
    campus = world.launch()
    alice = world.member(campus, ALICE)
    world.waiting(campus, CAROL, by=alice)
    assert len(world.rows(Credit)) == 1
    assert world.messages("friend_joined") == []


def test_a_place_moves_people_behind_it_by_one(world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 3)
    world.waiting(campus, CAROL, by=people[2])
    assert [world.place(person.email) for person in people] == [2, 3, 1]
    assert world.place(CAROL) == 4
    assert world.waiting(world.launch("other", "elsewhere.edu"), DAVE).place_at_confirm == 1


def test_a_held_person_who_comes_back_has_no_place(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    leave(world, CAROL)
    with world.writing() as tx:
        hold = {"public_id": "hld_1", "launch_id": campus.id, "scope": "entry", "effect": ["admit"], "source": "abuse"}
        made = {"reason": "many sign-ups", "created_at": world.now, "created_by": str(TEAM)}
        hold_id = tx.execute(sa.insert(Hold).values(**hold, **made).returning(Hold.id)).scalar_one()
        tx.execute(sa.update(Entry).values(held_by=hold_id))
    assert world.waiting(campus, CAROL).place_at_confirm is None
    assert world.messages("in_line")[-1].params == {"place": None}
