"""An operator opens a launch step by step."""

from __future__ import annotations

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import ALICE, DAVE, World

EVERYONE = '{"kind": "everyone"}'


@both
def test_a_stage_is_planned_with_what_it_will_do_and_started(world: World, hand: Hand) -> None:
    launch = world.launch(domain=None)
    world.waiting(launch, ALICE)
    world.waiting(launch, DAVE)
    campus = '{"kind": "domain", "domains": ["college.edu"]}'
    assert hand.gets_one("stage", "add", "campus", "dorms", "--rule", campus, "--dry-run")["would_let_in"] == 1
    assert len(hand.gets("stage", "list", "campus")) == 1
    assert hand.gets_one("stage", "add", "campus", "dorms", "--rule", campus)["starts_at"] is None
    assert hand.gets_one("decide", "campus", ALICE)["state"] == "waiting"
    assert hand.gets_one("stage", "start", "campus", "dorms")["starts_at"]
    assert hand.gets_one("decide", "campus", ALICE)["stage"] == "dorms"
    assert hand.gets_one("decide", "campus", DAVE)["state"] == "waiting"
    assert hand.gets_one("stage", "pause", "campus", "dorms", "--reason", "flood")["hold"].startswith("hld_")
    assert hand.gets_one("decide", "campus", ALICE)["state"] == "waiting"
    hand.gets_one("stage", "resume", "campus", "dorms")
    assert "lets 1 people in" in hand.types("stage", "add", "campus", "all", "--rule", EVERYONE).stderr
    assert hand.gets_one("stage", "start", "campus", "all", "--at", "2999-01-01")["starts_at"].startswith("2999")
    assert hand.gets_one("stage", "withdraw", "campus", "all")["key"] == "all"


def test_a_stage_that_cannot_be_is_refused_in_one_sentence(world: World, hand: Hand) -> None:
    world.launch()
    assert "no JSON" in hand.is_refused("stage", "add", "campus", "x", "--rule", "{")
    assert "too small or too large" in hand.is_refused(
        *("stage", "add", "campus", "x", "--rule", '{"kind": "ticket", "below": 2000000}')
    )
    assert "has a stage" in hand.is_refused("stage", "add", "campus", "first", "--rule", EVERYONE)
    assert "no such stage" in hand.is_refused("stage", "start", "campus", "nothing")
