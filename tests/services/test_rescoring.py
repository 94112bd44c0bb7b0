"""The team changes what a friend is worth: every score, credit and place follows, and adds up."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import CAROL, TEAM, World
from waitlist.models.launch import Launch
from waitlist.models.referral import Credit
from waitlist.services import ranking, rescoring

pytestmark = both


@pytest.fixture
def campus(world: World) -> Launch:
    """Ten people, then Carol, who brings three friends, and Erin, who brings one: +1 point a friend."""
    campus = world.launch(points=1, points_cap=2)
    world.crowd(campus, 10)
    carol = world.waiting(campus, CAROL)
    erin = world.waiting(campus, "erin@college.edu")
    for n in range(3):
        world.waiting(campus, f"carols{n}@college.edu", by=carol)
    world.waiting(campus, "erins@college.edu", by=erin)
    return campus


def change(world: World, launch: Launch, points: int, cap: int | None) -> int:
    with world.writing() as tx:
        return rescoring.change(tx, launch, points=points, cap=cap, actor=TEAM, now=world.now)


def credits_of(world: World, email: str) -> list[int]:
    return [row.points for row in world.rows(Credit, Credit.referrer_id == world.entry(email).id)]


def differences(world: World, launch: Launch) -> int:
    with world.writing() as tx:
        return ranking.recount(tx, world.entry(CAROL).line_id)


def test_more_points_a_friend_move_everybody_who_has_friends(world: World, campus: Launch) -> None:
    assert change(world, campus, 5, 2) == 2
    assert (world.entry(CAROL).score, world.entry("erin@college.edu").score) == (10, 5)
    assert (world.place(CAROL), world.place("erin@college.edu")) == (1, 2)
    assert credits_of(world, CAROL) == [5, 5, 0]
    assert differences(world, campus) == 0


def test_a_fixed_order_puts_people_back_where_they_confirmed(world: World, campus: Launch) -> None:
    change(world, campus, 0, 2)
    assert (world.place(CAROL), world.place("erin@college.edu")) == (11, 12)
    assert world.entry(CAROL).friends == 2
    assert differences(world, campus) == 0


def test_a_lifted_cap_counts_the_friends_who_came_too_late(world: World, campus: Launch) -> None:
    change(world, campus, 1, None)
    assert (world.entry(CAROL).score, world.entry(CAROL).friends) == (3, 3)
    assert credits_of(world, CAROL) == [1, 1, 1]


def test_there_and_back_is_where_it_was(world: World, campus: Launch) -> None:
    before = world.entry(CAROL).rank_key, world.entry(CAROL).score
    change(world, campus, 7, None)
    change(world, campus, 1, 2)
    assert (world.entry(CAROL).rank_key, world.entry(CAROL).score) == before
    assert differences(world, campus) == 0


def test_a_second_run_changes_nothing(world: World, campus: Launch) -> None:
    change(world, campus, 5, 2)
    with world.writing() as tx:
        assert rescoring.settle(tx, campus.id) == 0


def test_a_friend_counted_by_the_old_rule_is_put_right(world: World, campus: Launch) -> None:
    change(world, campus, 5, 2)
    with world.writing() as tx:
        tx.execute(sa.update(Credit).values(points=1))
    world.waiting(campus, "late@college.edu", by=world.entry("erin@college.edu"))  # `campus` still says 1 point
    with world.writing() as tx:
        assert rescoring.settle(tx, campus.id) == 1
    assert world.entry("erin@college.edu").score == 10
    assert credits_of(world, CAROL) == [5, 5, 0]


def test_the_change_is_written_down_with_before_and_after(world: World, campus: Launch) -> None:
    change(world, campus, 5, 3)
    event = world.events("launching.rescored")[0]
    assert event.data == {
        "before": {"points": 1, "cap": 2},
        "after": {"points": 5, "cap": 3},
        "moved": 2,
    }
