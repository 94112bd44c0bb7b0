"""The team moves people by hand."""

from __future__ import annotations

import random

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import CAROL, TEAM, World
from waitlist.db import some
from waitlist.models.entry import Entry, State, in_line
from waitlist.models.launch import INTEREST, Launch
from waitlist.models.rank import place_of
from waitlist.queries.standing import status_page
from waitlist.services import moving, ranking, spacing

pytestmark = both


def move(world: World, launch: Launch, email: str, to: int) -> int:
    entry = world.entry(email, launch)
    with world.writing() as tx:
        return moving.move(tx, launch, entry.id, to=to, reason="asked nicely", actor=TEAM, now=world.now)


def mark(world: World, launch: Launch, email: str, *, vip: bool) -> Entry:
    entry = world.entry(email, launch)
    with world.writing() as tx:
        return moving.mark_vip(tx, launch, entry.id, vip=vip, reason="a donor", actor=TEAM, now=world.now)


def line(world: World, launch: Launch) -> list[str]:
    """The names in the order of the line; fails where the count cells say anything else."""
    with world.writing() as tx:
        people = some(tx, sa.select(Entry).where(Entry.launch_id == launch.id, in_line).order_by(Entry.rank_key))
        assert [place_of(tx, person.id) for person in people] == list(range(1, len(people) + 1))
        assert not people or ranking.recount(tx, people[0].line_id) == 0
    return [person.email.partition("@")[0].removeprefix("person") for person in people]


@pytest.mark.parametrize(
    ("who", "to", "place", "order"),
    [
        ("4", 2, 2, "14235"),
        ("2", 4, 4, "13425"),
        ("5", 1, 1, "51234"),
        ("1", 5, 5, "23451"),
        ("1", 99, 5, "23451"),
        ("3", 0, 1, "31245"),
        ("3", 3, 3, "12345"),
    ],
)
def test_somebody_stands_where_the_team_puts_them(world: World, who: str, to: int, place: int, order: str) -> None:
    campus = world.launch()
    world.crowd(campus, 5)
    assert move(world, campus, f"person{who}@college.edu", to) == place
    assert "".join(line(world, campus)) == order


def test_a_move_says_who_why_and_from_where(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    move(world, campus, "person3@college.edu", 1)
    (event,) = world.events("moving.moved")
    assert (event.actor, event.data) == (str(TEAM), {"before": 3, "after": 1})
    with world.reading() as rx:
        page = status_page(rx, campus, world.entry("person3@college.edu").public_id, now=world.now)
    assert page is not None
    assert page.moved_by_team
    assert page.place is not None
    assert (page.place.arrival, page.place.points, page.place.place) == (3, -2, 1)


def test_no_number_of_moves_uses_up_the_room_between_two_people(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 40)
    for n in range(3, 41):
        move(world, campus, f"person{n}@college.edu", 2)
    assert line(world, campus) == ["1", *map(str, range(40, 2, -1)), "2"]


def test_moves_to_the_top_and_the_end_follow_each_other(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 6)
    for n in (4, 5, 6):
        move(world, campus, f"person{n}@college.edu", 1)
    for n in (1, 2):
        move(world, campus, f"person{n}@college.edu", 6)
    assert "".join(line(world, campus)) == "654312"


def test_any_moves_among_joins_and_credits_keep_every_place_right(world: World) -> None:
    campus = world.launch(points=1)
    world.crowd(campus, 12)
    chance = random.Random(20)
    for step in range(60):
        n = chance.randrange(1, 13)
        if step % 6 == 5:
            by = world.entry(f"person{n}@college.edu")
            world.waiting(campus, f"friend{step}@college.edu", by=by)
        else:
            to = chance.randrange(1, 13)
            assert move(world, campus, f"person{n}@college.edu", to) == to
    assert len(line(world, campus)) == 22


def test_a_moved_person_still_climbs_by_friends(world: World) -> None:
    campus = world.launch(points=1)
    world.crowd(campus, 4)
    move(world, campus, "person4@college.edu", 3)
    world.waiting(campus, "friend@college.edu", by=world.entry("person4@college.edu"))
    assert "".join(line(world, campus)) == "4123friend"


def test_a_full_gap_is_said(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    first = world.entry("person1@college.edu")
    with world.writing() as tx, pytest.MonkeyPatch.context() as patch:
        patch.setattr(spacing, "GAP", 4)  # as if ten thousand people stood in it
        second = world.entry("person2@college.edu")
        key = (first.rank_key or 0) + 1
        tx.execute(sa.update(Entry).where(Entry.id == second.id).values(rank_key=key))
        with pytest.raises(spacing.NoRoom):
            spacing.between(tx, first.line_id, first.rank_key, key)


def test_a_vip_stands_before_everybody_and_can_be_put_back(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 4)
    assert mark(world, campus, "person3@college.edu", vip=True).vip
    mark(world, campus, "person4@college.edu", vip=True)
    assert "".join(line(world, campus)) == "3412"
    move(world, campus, "person4@college.edu", 1)
    assert "".join(line(world, campus)) == "4312"
    assert mark(world, campus, "person4@college.edu", vip=True).vip
    mark(world, campus, "person4@college.edu", vip=False)
    mark(world, campus, "person3@college.edu", vip=False)
    assert "".join(line(world, campus)) == "1234"
    assert world.entry("person4@college.edu").moved_at is None


def test_a_vip_who_has_not_confirmed_gets_the_place_with_the_press(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    asked = world.join(campus, CAROL)
    mark(world, campus, CAROL, vip=True)
    world.confirm(campus, asked)
    assert world.place(CAROL) == 1


def test_a_vip_on_hold_comes_back_as_one(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    world.waiting(campus)
    with world.writing() as tx:
        entry = world.entry(CAROL)
        ranking.went(tx, entry.line_id, rank_key=entry.rank_key or 0, sequence=entry.sequence or 0)
        tx.execute(sa.update(Entry).where(Entry.id == entry.id).values(state=State.LAPSED))
    held = mark(world, campus, CAROL, vip=True)
    assert "".join(line(world, campus)) == "12"
    assert held.rank_key is not None
    assert held.rank_key < (world.entry("person1@college.edu").rank_key or 0)


def test_only_somebody_with_a_place_can_be_moved(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, "dave@elsewhere.edu", line=INTEREST)
    world.join(campus, CAROL)
    for email in ("dave@elsewhere.edu", CAROL):
        with pytest.raises(moving.NotInLine):
            move(world, campus, email, 1)
    other = world.launch("other")
    away = world.waiting(other)
    with world.writing() as tx, pytest.raises(moving.NotInLine):
        moving.move(tx, campus, away.id, to=1, reason="", actor=TEAM, now=world.now)


def test_a_removed_person_is_no_vip(world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state=State.REMOVED))
    with pytest.raises(moving.CannotBeVip):
        mark(world, campus, CAROL, vip=True)
