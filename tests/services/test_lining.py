"""Grace puts people into another line of the launch: each place stays a real one, on both sides."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch, Line
from waitlist.models.rank import RankCell, RankDelta, total_of
from waitlist.services import holding, lining, moving, ranking
from waitlist.services.gathering import Audience
from waitlist.services.lining import BadLine, ThereAlready
from waitlist.services.moving import NotInLine

pytestmark = both


def put(world: World, campus: Launch, email: str, line: str) -> Entry:
    with world.writing() as tx:
        who = world.entry(email).id
        return lining.change_line(tx, campus, who, line, reason="lives there", actor=TEAM, now=world.now)


def totals(world: World) -> dict[str, int]:
    with world.reading() as rx:
        return {line.key: total_of(rx, line.id) for line in rx.execute(sa.select(Line.key, Line.id))}


def test_people_stand_in_another_line_where_arrival_puts_them(world: World) -> None:
    campus = world.launch()
    for email in (ALICE, BOB, CAROL):
        world.waiting(campus, email)
    put(world, campus, CAROL, "north")
    put(world, campus, ALICE, "north")
    assert [world.place(email) for email in (ALICE, BOB, CAROL)] == [1, 1, 2]
    assert totals(world) == {"main": 1, "interest": 0, "north": 2}
    (made,) = world.events("lining.made")
    assert made.data == {"line": "north"}
    assert world.events("lining.changed")[0].data == {"before": "main", "after": "north"}
    put(world, campus, ALICE, "main")
    assert [world.place(email) for email in (ALICE, BOB, CAROL)] == [1, 2, 1], "and back where they were"


def test_the_count_of_each_line_is_right_when_it_is_counted_anew(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 4)
    put(world, campus, "person2@college.edu", "north")
    put(world, campus, "person3@college.edu", "interest")
    told = totals(world)
    with world.writing() as tx:
        for line_id in tx.scalars(sa.select(Line.id).where(Line.ranked)).all():
            ranking.recount(tx, line_id)
        tx.execute(sa.delete(RankDelta))
        assert tx.scalar(sa.select(sa.func.count()).select_from(RankCell).where(RankCell.n < 0)) == 0
    assert totals(world) == told == {"main": 2, "interest": 0, "north": 1}


def test_a_place_given_by_hand_ends_and_the_unranked_line_has_none(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    third = world.entry("person3@college.edu")
    with world.writing() as tx:
        moving.move(tx, campus, third.id, to=1, reason="x", actor=TEAM, now=world.now)
    moved = put(world, campus, "person3@college.edu", "interest")
    assert (moved.rank_key, moved.moved_at, world.place("person3@college.edu")) == (None, None, None)
    put(world, campus, "person3@college.edu", "main")
    assert world.place("person3@college.edu") == 3


def test_who_cannot_be_moved_stays(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, ALICE)
    world.waiting(campus, BOB)
    with world.writing() as tx:
        holding.hold(tx, campus, world.entry(BOB).id, reason="odd", actor=TEAM, now=world.now)
    with pytest.raises(NotInLine):
        put(world, campus, BOB, "north")
    with pytest.raises(ThereAlready):
        put(world, campus, ALICE, "main")
    with pytest.raises(BadLine):
        put(world, campus, ALICE, "North Campus")
    assert "north" not in totals(world)


def test_a_wave_invites_the_first_of_one_line(world: World) -> None:
    campus = world.launch()
    for email in (ALICE, BOB, CAROL):
        world.waiting(campus, email)
    put(world, campus, BOB, "north")
    put(world, campus, CAROL, "north")
    world.release(campus, audience=Audience("first", n=1, line="north"))
    assert [world.entry(email).state for email in (ALICE, BOB, CAROL)] == ["waiting", "invited", "waiting"]
