"""Holding people, and letting them go again."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.bringing import bring
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.db import some
from waitlist.models.entry import Entry, State, in_line
from waitlist.models.hold import Hold
from waitlist.models.invite import InviteSource
from waitlist.models.launch import Launch
from waitlist.models.rank import place_of
from waitlist.services import confirming, holding, leaving, moving, ranking, redeeming, removing

pytestmark = both


def hold(world: World, launch: Launch, email: str, *, subtree: bool = False) -> str:
    entry = world.entry(email, launch)
    with world.writing() as tx:
        return holding.hold(tx, launch, entry.id, reason="odd", subtree=subtree, actor=TEAM, now=world.now)


def release(world: World, launch: Launch, public_id: str) -> int:
    with world.writing() as tx:
        return holding.release(tx, launch, public_id, actor=TEAM, now=world.now)


def line(world: World, launch: Launch) -> list[str]:
    """The names in the order of the line; fails where the count cells say anything else."""
    with world.writing() as tx:
        people = some(tx, sa.select(Entry).where(Entry.launch_id == launch.id, in_line).order_by(Entry.rank_key))
        assert [place_of(tx, person.id) for person in people] == list(range(1, len(people) + 1))
        main = world.rows(Entry)[0].line_id
        assert ranking.recount(tx, main) == 0
    return [person.email.partition("@")[0] for person in people]


def family(world: World) -> Launch:
    """Ann brought Ben and Bea; Ben brought Cem; Zoe came by herself. Fixed order, so that names tell places."""
    campus = world.launch(points=0)
    ann = world.waiting(campus, "ann@college.edu")
    ben = world.waiting(campus, "ben@college.edu", by=ann)
    world.waiting(campus, "bea@college.edu", by=ann)
    world.waiting(campus, "cem@college.edu", by=ben)
    world.waiting(campus, "zoe@college.edu")
    return campus


def test_a_held_person_stands_outside_the_line_and_keeps_the_key(world: World) -> None:
    campus = family(world)
    key = world.entry("ben@college.edu").rank_key
    held = hold(world, campus, "ben@college.edu")
    assert line(world, campus) == ["ann", "bea", "cem", "zoe"]
    assert world.entry("ben@college.edu").rank_key == key
    assert release(world, campus, held) == 1
    assert line(world, campus) == ["ann", "ben", "bea", "cem", "zoe"]


def test_a_whole_subtree_goes_and_comes_back(world: World) -> None:
    campus = family(world)
    held = hold(world, campus, "ann@college.edu", subtree=True)
    assert line(world, campus) == ["zoe"]
    (event,) = world.events("holding.held")
    assert event.data == {"hold": held, "scope": "subtree", "people": 4}
    assert release(world, campus, held) == 4
    assert line(world, campus) == ["ann", "ben", "bea", "cem", "zoe"]


def test_releasing_undoes_exactly_what_its_own_hold_did(world: World) -> None:
    campus = family(world)
    bens = hold(world, campus, "ben@college.edu")
    anns = hold(world, campus, "ann@college.edu", subtree=True)
    assert release(world, campus, anns) == 3
    assert line(world, campus) == ["ann", "bea", "cem", "zoe"]
    assert release(world, campus, bens) == 1
    assert line(world, campus) == ["ann", "ben", "bea", "cem", "zoe"]


def test_whom_another_hold_still_covers_stays_out(world: World) -> None:
    campus = family(world)
    bens = hold(world, campus, "ben@college.edu")
    anns = hold(world, campus, "ann@college.edu", subtree=True)
    assert release(world, campus, bens) == 0
    assert line(world, campus) == ["zoe"]
    assert release(world, campus, anns) == 4
    assert line(world, campus) == ["ann", "ben", "bea", "cem", "zoe"]


def test_an_entry_hold_takes_over_from_a_subtree_hold(world: World) -> None:
    campus = family(world)
    anns = hold(world, campus, "ann@college.edu", subtree=True)
    zoes = hold(world, campus, "zoe@college.edu")
    cem = world.entry("cem@college.edu")
    with world.writing() as tx:
        tx.execute(sa.update(Hold).where(Hold.public_id == zoes).values(target_id=cem.id))
    assert release(world, campus, anns) == 3
    assert line(world, campus) == ["ann", "ben", "bea"]
    assert release(world, campus, zoes) == 2


def test_whoever_comes_through_a_held_subtree_later_is_held_too(world: World) -> None:
    campus = family(world)
    ann = world.entry("ann@college.edu")
    held = hold(world, campus, "ann@college.edu", subtree=True)
    world.waiting(campus, "dan@college.edu", by=ann)
    assert line(world, campus) == ["zoe"]
    assert release(world, campus, held) == 5
    assert line(world, campus) == ["ann", "ben", "bea", "cem", "zoe", "dan"]


def test_a_hold_waits_for_who_is_confirming_right_now_and_covers_them(world: World) -> None:
    campus = family(world)
    asked = world.join(campus, "dan@college.edu", by=world.entry("ann@college.edu"))
    team = threading.Thread(target=hold, args=(world, campus, "ann@college.edu"), kwargs={"subtree": True})
    with world.writing() as tx:
        confirming.confirm(tx, campus, asked.attempt_id, actor=TEAM, now=world.now)
        team.start()
        team.join(0.2)
        assert team.is_alive()
    team.join(10)
    assert line(world, campus) == ["zoe"]


def test_whoever_is_imported_into_a_held_subtree_is_held_too(world: World) -> None:
    campus = family(world)
    held = hold(world, campus, "ann@college.edu", subtree=True)
    bring(world, campus, "email,referrer\ndan@college.edu,ann@college.edu\neve@college.edu,dan@college.edu\n")
    assert line(world, campus) == ["zoe"]
    assert release(world, campus, held) == 6


def test_friends_of_one_held_person_are_free(world: World) -> None:
    campus = family(world)
    hold(world, campus, "ann@college.edu")
    world.waiting(campus, "dan@college.edu", by=world.entry("ann@college.edu"))
    assert line(world, campus) == ["ben", "bea", "cem", "zoe", "dan"]


def test_credits_earned_on_hold_count_when_it_ends(world: World) -> None:
    campus = world.launch(points=5)
    world.waiting(campus, BOB)
    carol = world.waiting(campus, CAROL)
    held = hold(world, campus, CAROL)
    world.waiting(campus, "dan@college.edu", by=carol)
    assert line(world, campus) == ["bob", "dan"]
    release(world, campus, held)
    assert line(world, campus) == ["carol", "bob", "dan"]


def test_a_place_given_to_others_meanwhile_is_shared_fairly(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 4)
    with world.writing() as tx:
        third = world.entry("person3@college.edu")
        moving.move(tx, campus, third.id, to=2, reason="", actor=TEAM, now=world.now)
    held = hold(world, campus, "person3@college.edu")
    with world.writing() as tx:
        fourth = world.entry("person4@college.edu")
        moving.move(tx, campus, fourth.id, to=2, reason="", actor=TEAM, now=world.now)
    assert world.entry("person3@college.edu").rank_key == world.entry("person4@college.edu").rank_key
    assert release(world, campus, held) == 1
    assert line(world, campus) == ["person1", "person4", "person3", "person2"]


def test_a_held_invite_cannot_be_accepted_until_the_release(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    held = hold(world, campus, BOB)
    with pytest.raises(redeeming.Paused):
        world.redeem(campus, world.invite_of(BOB), BOB)
    release(world, campus, held)
    assert world.redeem(campus, world.invite_of(BOB), BOB).first


def test_nobody_comes_in_by_the_invites_of_a_held_member(world: World) -> None:
    campus = world.launch()
    alice = world.member(campus, ALICE)
    invite = world.issue(campus, source=InviteSource.MEMBER, inviter_id=alice.id, uses=2)
    held = hold(world, campus, ALICE, subtree=True)
    with pytest.raises(redeeming.Paused):
        world.redeem(campus, invite, BOB)
    release(world, campus, held)
    assert world.redeem(campus, invite, BOB).first


def test_a_wave_passes_over_who_is_held(world: World) -> None:
    campus = family(world)
    hold(world, campus, "ann@college.edu", subtree=True)
    world.release(campus, 1)
    assert world.entry("zoe@college.edu").state == State.INVITED


def test_leaving_on_hold_and_coming_back_keeps_the_hold(world: World) -> None:
    campus = family(world)
    held = hold(world, campus, "ben@college.edu")
    ben = world.entry("ben@college.edu")
    with world.writing() as tx:
        leaving.leave(tx, campus, ben.id, actor=TEAM, now=world.now)
        leaving.undo(tx, campus, ben.id, actor=TEAM, now=world.now)
    assert line(world, campus) == ["ann", "bea", "cem", "zoe"]
    release(world, campus, held)
    assert line(world, campus) == ["ann", "ben", "bea", "cem", "zoe"]


def test_nobody_is_held_twice_and_no_hold_released_twice(world: World) -> None:
    campus = family(world)
    held = hold(world, campus, "zoe@college.edu")
    with pytest.raises(holding.NobodyToHold):
        hold(world, campus, "zoe@college.edu")
    assert len(world.rows(Hold)) == 1
    release(world, campus, held)
    with pytest.raises(holding.NotHeld):
        release(world, campus, held)
    with pytest.raises(holding.NotHeld):
        release(world, world.launch("other"), held)


def test_holding_again_finds_whoever_slipped_past(world: World) -> None:
    campus = family(world)
    first = hold(world, campus, "ann@college.edu", subtree=True)
    with world.writing() as tx:
        cem = world.entry("cem@college.edu")
        tx.execute(sa.update(Entry).where(Entry.id == cem.id).values(held_by=None))
        ranking.came(tx, cem.line_id, rank_key=cem.rank_key or 0, sequence=cem.sequence or 0)
    second = hold(world, campus, "ann@college.edu", subtree=True)
    assert line(world, campus) == ["zoe"]
    assert release(world, campus, first) == 0
    assert release(world, campus, second) == 4
    assert line(world, campus) == ["ann", "ben", "bea", "cem", "zoe"]


def test_a_removed_person_is_not_held(world: World) -> None:
    campus = family(world)
    zoe = world.entry("zoe@college.edu")
    with world.writing() as tx:
        removing.remove(tx, campus, zoe.id, reason="", abuse=False, actor=TEAM, now=world.now)
    with pytest.raises(holding.NobodyToHold):
        hold(world, campus, "zoe@college.edu")
