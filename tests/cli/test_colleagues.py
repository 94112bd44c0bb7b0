"""The operator looks after the team from a terminal."""

from __future__ import annotations

from tests.cli.conftest import Hand
from tests.world import World

ADA, BOB = "ada@college.edu", "bob@college.edu"


def test_the_team_is_listed_changed_and_made_smaller(world: World, hand: Hand) -> None:
    world.launch()
    hand.types("create-admin", ADA)
    hand.types("create-admin", BOB, "--role", "viewer", "--launch", "campus")
    rows = hand.gets("team", "list", "--launch", "campus")
    assert [(row["email"], row["role"], row["on_all"]) for row in rows] == [
        (ADA, "owner", True),
        (BOB, "viewer", False),
    ]
    assert hand.gets_one("team", "role", BOB, "admin", "--launch", "campus", "--dry-run")["changed"]
    assert hand.gets_one("team", "role", BOB, "viewer", "--launch", "campus")["changed"] is False
    assert hand.gets_one("team", "role", BOB, "admin", "--launch", "campus")["changed"] is True
    assert hand.gets_one("team", "remove", BOB, "--launch", "campus")["removed"]
    assert [row["email"] for row in hand.gets("team", "list")] == [ADA]
    assert [mail.params["role"] for mail in world.messages("team_alert", BOB)] == ["admin", None]


def test_refusals_name_the_way_out_of_the_team(world: World, hand: Hand) -> None:
    hand.types("create-admin", ADA)
    assert "last owner" in hand.is_refused("team", "role", ADA, "viewer")
    assert "last owner" in hand.is_refused("team", "remove", ADA)
    assert "is no admin" in hand.is_refused("team", "remove", BOB)
    hand.types("create-admin", BOB, "--role", "owner")
    hand.gets_one("team", "remove", ADA)
    assert "no role there" in hand.is_refused("team", "remove", ADA)
