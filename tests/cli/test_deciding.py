"""An operator asks why somebody may in."""

from __future__ import annotations

from tests.cli.conftest import Hand
from tests.world import ALICE, DAVE, World


def test_decide_says_what_a_product_would_be_told(world: World, hand: Hand) -> None:
    campus = world.launch(mode="open")
    alice = world.waiting(campus, ALICE)
    answer = hand.gets_one("decide", "campus", ALICE)
    assert (answer["admitted"], answer["state"], answer["stage"], answer["revision"]) == (True, "admitted", "first", 1)
    assert hand.gets_one("decide", "campus", alice.public_id, "--revision", "1")["rule"] == "rule"
    refused = hand.gets_one("decide", "campus", DAVE)
    assert (refused["admitted"], refused["state"], refused["refusal"]) == (False, "not_joined", "")
    assert "never had rules" in hand.is_refused("decide", "campus", ALICE, "--revision", "7")
    assert "is not in campus" in hand.is_refused("decide", "campus", "ent_nobody")


def test_the_origins_of_a_public_key_are_checked(world: World, hand: Hand) -> None:
    world.launch()
    made = hand.gets_one("key", "create", "campus", "--public", "--origin", "https://Shop.example/")
    assert made["origins"] == ["https://shop.example"]
    assert "not the origin" in hand.is_refused("key", "create", "campus", "--public", "--origin", "shop.example")


def test_an_operator_switches_a_launch_off_and_on_again(world: World, hand: Hand) -> None:
    world.waiting(world.launch(mode="open"), ALICE)
    assert hand.gets_one("launch", "kill", "campus", "--reason", "leak")["changed"] is True
    assert hand.gets_one("decide", "campus", ALICE)["state"] == "killed"
    assert hand.gets_one("launch", "unkill", "campus")["changed"] is True
    assert "no such stop" in hand.is_refused("launch", "unkill", "campus")
    assert hand.gets_one("launch", "freeze", "campus", "--reason", "flood")["hold"].startswith("hld_")
    assert hand.gets_one("decide", "campus", ALICE)["state"] == "waiting"
    assert hand.gets_one("launch", "resume", "campus")["changed"] is True
    assert hand.gets_one("decide", "campus", ALICE)["admitted"] is True
