"""An operator puts people where the team wants them, and takes them out for a while."""

from __future__ import annotations

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import World


@both
def test_somebody_is_moved_held_and_given_back(world: World, hand: Hand) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    moved = hand.gets_one("people", "move", "campus", "person3@college.edu", "--to", "1", "--reason", "promised")
    assert moved["position"] == 1
    held = hand.gets_one("people", "hold", "campus", "person3@college.edu", "--reason", "odd")
    rows = {row["email"]: row for row in hand.gets("people", "list", "campus")}
    assert (rows["person3@college.edu"]["held"], rows["person1@college.edu"]["position"]) == (True, 1)
    assert "on hold" in hand.types("people", "list", "campus").stdout
    assert "no place" in hand.is_refused(
        "people", "move", "campus", "person3@college.edu", "--to", "1", "--reason", "x"
    )
    assert "nobody to hold" in hand.is_refused("people", "hold", "campus", "person3@college.edu", "--reason", "odd")
    assert hand.gets_one("people", "release", "campus", held["hold"])["people"] == 1
    assert "no such hold" in hand.is_refused("people", "release", "campus", held["hold"])
    assert hand.gets("people", "list", "campus")[0]["email"] == "person3@college.edu"


def test_a_reason_is_asked_for(world: World, hand: Hand) -> None:
    world.crowd(world.launch(), 1)
    hand.is_refused("people", "hold", "campus", "person1@college.edu", code=2)
    hand.is_refused("people", "move", "campus", "person1@college.edu", "--to", "0", "--reason", "x", code=2)
