"""Friends as points: each mailbox once, up to the cap, and taken back only for abuse."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.test_joining import leave
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.rank import TOP_SCORE, pack
from waitlist.models.referral import Credit, ancestors, children, subtree
from waitlist.services import ranking, referring

pytestmark = both


def friends_of(world: World, launch: Launch, by: Entry, n: int, prefix: str = "friend") -> list[Entry]:
    return [world.waiting(launch, f"{prefix}{i}@college.edu", by=by) for i in range(n)]


def reverse(world: World, launch: Launch, friend: Entry) -> None:
    with world.writing() as tx:
        referring.reverse(tx, launch, friend_id=friend.id, actor=TEAM, now=world.now)


def fold_credits(world: World, launch: Launch) -> int:
    with world.writing() as tx:
        return referring.fold_credits(tx, launch)


def recount(world: World, entry: Entry) -> int:
    with world.writing() as tx:
        return ranking.recount(tx, entry.line_id)


def test_friends_count_up_to_the_cap(world: World) -> None:
    campus = world.launch(points=5, points_cap=2)
    alice = world.waiting(campus, ALICE)
    friends_of(world, campus, alice, 3)
    alice = world.entry(ALICE)
    assert (alice.score, alice.friends) == (10, 2)
    assert [credit.points for credit in world.rows(Credit)] == [5, 5, 0]
    assert [event.data["points"] for event in world.events("referring.credited")] == [5, 5, 0]


def test_a_fixed_order_gives_no_points(world: World) -> None:
    campus = world.launch(points=0)
    world.waiting(campus, BOB)
    alice = world.waiting(campus, ALICE)
    friends_of(world, campus, alice, 2)
    assert (world.entry(ALICE).score, world.place(ALICE)) == (0, 2)
    assert len(world.rows(Credit)) == 2


def test_a_second_address_of_one_mailbox_adds_nothing(world: World) -> None:
    campus = world.launch(domain=None)
    alice = world.waiting(campus, ALICE)
    for address in ("c.arol@gmail.com", "carol+list@gmail.com", "carol@googlemail.com"):
        world.waiting(campus, address, by=alice)
    assert (world.entry(ALICE).score, len(world.rows(Credit))) == (1, 1)


def test_the_same_mailbox_counts_once_even_for_two_referrers(world: World) -> None:
    campus = world.launch()
    alice, bob = world.waiting(campus, ALICE), world.waiting(campus, BOB)
    world.waiting(campus, CAROL, by=alice)
    world.waiting(campus, "carol+again@college.edu", by=bob)
    assert [world.entry(email).score for email in (ALICE, BOB)] == [1, 0]


def test_without_a_referrer_there_is_nothing_to_count(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    with world.writing() as tx:
        assert referring.credit(tx, campus, friend=carol, actor=TEAM, now=world.now) is None


def test_a_friend_who_leaves_goes_on_counting(world: World) -> None:
    campus = world.launch()
    alice = world.waiting(campus, ALICE)
    friends_of(world, campus, alice, 1)
    leave(world, "friend0@college.edu")
    world.waiting(campus, "friend0@college.edu", by=alice)
    assert (world.entry(ALICE).score, len(world.rows(Credit))) == (1, 1)


def test_abuse_takes_a_friend_back_once(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    alice = world.waiting(campus, ALICE)
    friend = friends_of(world, campus, alice, 1)[0]
    assert world.place(ALICE) == 1
    reverse(world, campus, friend)
    reverse(world, campus, friend)
    alice = world.entry(ALICE)
    assert (alice.score, alice.friends, world.place(ALICE)) == (0, 0, 2)
    assert len(world.events("referring.reversed")) == 1
    assert recount(world, alice) == 0


def test_a_friend_beyond_the_cap_takes_nothing_back(world: World) -> None:
    campus = world.launch(points_cap=1)
    alice = world.waiting(campus, ALICE)
    friends = friends_of(world, campus, alice, 2)
    reverse(world, campus, friends[1])
    assert (world.entry(ALICE).score, world.entry(ALICE).friends) == (1, 1)
    reverse(world, campus, friends[0])
    friends_of(world, campus, alice, 1, prefix="later")
    assert (world.entry(ALICE).score, world.entry(ALICE).friends) == (1, 1)


def test_without_a_cap_friends_are_counted_by_a_job(world: World) -> None:
    campus = world.launch(points=2, points_cap=None)
    world.waiting(campus, BOB)
    alice, carol = world.waiting(campus, ALICE), world.waiting(campus, CAROL)
    friends_of(world, campus, alice, 3)
    friends_of(world, campus, carol, 1, prefix="other")
    assert (world.entry(ALICE).score, world.place(ALICE)) == (0, 2)
    assert (fold_credits(world, campus), fold_credits(world, campus)) == (4, 0)
    assert [world.entry(email).score for email in (ALICE, CAROL)] == [6, 2]
    assert [world.place(email) for email in (ALICE, CAROL, BOB)] == [1, 2, 3]
    assert recount(world, alice) == 0


def test_a_friend_taken_back_before_the_job_came_is_never_counted(world: World) -> None:
    campus = world.launch(points_cap=None)
    alice = world.waiting(campus, ALICE)
    friend = friends_of(world, campus, alice, 1)[0]
    reverse(world, campus, friend)
    assert fold_credits(world, campus) == 0
    assert (world.entry(ALICE).score, world.entry(ALICE).friends) == (0, 0)


def test_a_score_stays_within_its_bits(world: World) -> None:
    campus = world.launch(points=1000, points_cap=None)
    alice = world.waiting(campus, ALICE)
    friend = friends_of(world, campus, alice, 1)[0]
    with world.writing() as tx:
        tx.execute(sa.update(Credit).values(points=TOP_SCORE + 7))
    assert fold_credits(world, campus) == 1
    alice = world.entry(ALICE)
    assert (alice.score, world.place(ALICE)) == (TOP_SCORE, 1)
    reverse(world, campus, friend)
    assert world.entry(ALICE).score == 0
    assert recount(world, alice) == 0


def test_a_friend_taken_back_from_a_full_score_costs_what_the_others_do_not_give(world: World) -> None:
    campus = world.launch(points=1000, points_cap=None)
    alice = world.waiting(campus, ALICE)
    friends = friends_of(world, campus, alice, 3)
    with world.writing() as tx:
        tx.execute(sa.update(Credit).values(points=TOP_SCORE // 2))
    assert fold_credits(world, campus) == 3
    assert world.entry(ALICE).score == TOP_SCORE
    reverse(world, campus, friends[0])
    assert world.entry(ALICE).score == TOP_SCORE // 2 * 2
    with world.writing() as tx:
        referring.reinstate(tx, campus, friend_id=friends[0].id, actor=TEAM, now=world.now)
    assert world.entry(ALICE).score == TOP_SCORE // 2 * 2 + 1
    for friend in friends:
        reverse(world, campus, friend)
    assert (world.entry(ALICE).score, world.entry(ALICE).friends) == (0, 0)
    assert recount(world, alice) == 0


def test_points_of_somebody_out_of_line_wait_in_their_key(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    alice = world.waiting(campus, ALICE)
    leave(world, ALICE, "lapsed")
    friends_of(world, campus, alice, 1)
    alice = world.entry(ALICE)
    assert alice.rank_key == ranking.key_for(score=1, sequence=alice.sequence or 0)
    assert world.place(ALICE) is None
    assert recount(world, alice) == 0


def test_somebody_moved_by_hand_climbs_from_there_to_a_key_of_their_own(world: World) -> None:
    campus = world.launch()
    bob, alice = world.waiting(campus, BOB), world.waiting(campus, ALICE)
    by_hand = (bob.rank_key or 0) + 1
    taken = pack(band=4, score=1, sequence=bob.sequence or 0) + 1
    with world.writing() as tx:
        ranking.shifted(tx, alice.line_id, old=alice.rank_key or 0, new=by_hand)
        tx.execute(sa.update(Entry).where(Entry.id == alice.id).values(rank_key=by_hand))
    carol = world.waiting(campus, CAROL)
    with world.writing() as tx:
        ranking.shifted(tx, carol.line_id, old=carol.rank_key or 0, new=taken)
        tx.execute(sa.update(Entry).where(Entry.id == carol.id).values(rank_key=taken))
    friends_of(world, campus, alice, 1)
    assert world.entry(ALICE).rank_key == taken + 1
    assert [world.place(email) for email in (CAROL, ALICE, BOB)] == [1, 2, 3]
    assert recount(world, alice) == 0


@pytest.fixture
def chain(world: World) -> list[Entry]:
    """Each was brought by the one before; the third brought two."""
    campus = world.launch()
    people = [world.waiting(campus, "p0@college.edu")]
    for n in range(1, 5):
        people.append(world.waiting(campus, f"p{n}@college.edu", by=people[-1]))
    people.append(world.waiting(campus, "p5@college.edu", by=people[2]))
    return people


def test_the_chain_up_and_down_is_read_in_bounds(world: World, chain: list[Entry]) -> None:
    ids = [entry.id for entry in chain]
    with world.reading() as rx:
        up = rx.execute(ancestors(ids[4], depth=3)).all()
        down = rx.execute(subtree(ids[0], depth=3, limit=10)).all()
        first = rx.execute(subtree(ids[0], depth=9, limit=2)).all()
        page = rx.execute(children(ids[2])).all()
        rest = rx.execute(children(ids[2], after=ids[3], limit=5)).all()
    assert [tuple(row) for row in up] == [(ids[3], 1), (ids[2], 2), (ids[1], 3)]
    assert [tuple(row) for row in down] == [
        (ids[1], ids[0], 1),
        (ids[2], ids[1], 2),
        (ids[3], ids[2], 3),
        (ids[5], ids[2], 3),
    ]
    assert [row.distance for row in first] == [1, 2]
    assert [[row.id for row in rows] for rows in (page, rest)] == [[ids[3], ids[5]], [ids[5]]]
