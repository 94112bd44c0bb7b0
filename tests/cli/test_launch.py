"""An operator makes, looks at and steers launches."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Hand
from tests.world import World
from waitlist import branding
from waitlist.branding import Branding


def test_a_new_launch_is_open_and_says_where_it_is(hand: Hand) -> None:
    made = hand.gets_one("launch", "create", "campus", "--name", "Campus", "--domain", "College.edu")
    assert made["slug"] == "campus"
    assert made["url"] == "http://join.test/w/campus"
    shown = hand.gets_one("launch", "show", "campus")
    assert shown["condition"] == "open"
    assert shown["rules"] == {"kind": "domain", "domains": ["college.edu"], "subdomains": False}
    assert shown["people"]["waiting"] == 0


def test_every_wish_of_create_reaches_the_launch(hand: Hand) -> None:
    hand.gets_one(
        *("launch", "create", "labs", "--name", "Labs", "--domain", "college.edu", "--subdomains", "--referral-only"),
        *("--capacity", "5", "--line-limit", "7", "--product-url", "https://labs.test/in", "--points", "3"),
        *("--cap", "4", "--tz", "Europe/Paris", "--language", "fr", "--contact", "ada@college.edu"),
    )
    shown = hand.gets_one("launch", "show", "labs")
    assert [shown[name] for name in ("seats", "seats_left", "line_limit", "points", "cap")] == [5, 5, 7, 3, 4]
    assert [gate["kind"] for gate in shown["rules"]["gates"]] == ["domain", "any_of"]


def test_a_fixed_order_and_a_line_without_a_cap(hand: Hand) -> None:
    hand.gets_one("launch", "create", "fixed", "--name", "Fixed", "--fixed")
    hand.gets_one("launch", "create", "open", "--name", "Open", "--no-cap", "--invite-only", "--draft")
    assert hand.gets_one("launch", "show", "fixed")["points"] == 0
    shown = hand.gets_one("launch", "show", "open")
    assert (shown["cap"], shown["condition"], shown["rules"]) == (None, "not_open", {"kind": "invited"})


@pytest.mark.parametrize(
    ("wish", "names"),
    [
        (["--fixed", "--points", "2"], "--fixed"),
        (["--cap", "2", "--no-cap"], "--no-cap"),
        (["--invite-only", "--referral-only"], "--referral-only"),
        (["--no-confirm", "--domain", "college.edu"], "--no-confirm"),
        (["--no-confirm", "--invite-only"], "--no-confirm"),
        (["--capacity", "many"], "many"),
        (["--tz", "Mars/Olympus"], "Mars/Olympus"),
        (["--product-url", "labs.test"], "https://"),
    ],
)
def test_a_contradiction_is_wrong_use(hand: Hand, wish: list[str], names: str) -> None:
    result = hand.types("launch", "create", "campus", "--name", "Campus", *wish)
    assert result.exit_code == 2
    assert names in result.stderr
    assert hand.gets("launch", "list") == []


@pytest.mark.parametrize(
    ("words", "way_out"),
    [
        (["Campus!", "--name", "Campus"], "lower-case"),
        (["taken", "--name", "Campus"], "another slug"),
        (["campus", "--name", "Campus", "--domain", "*.college.edu"], "and subdomains"),
        (["campus", "--name", "Campus", "--domain", "edu"], "whole domain"),
        (["campus", "--name", "Campus", "--domain", "gmail.com"], "--yes"),
        (["campus", "--name", "Campus", "--contact", "nobody"], "name@example.com"),
    ],
)
def test_a_refusal_is_one_sentence_that_names_the_way_out(hand: Hand, words: list[str], way_out: str) -> None:
    hand.types("launch", "create", "taken", "--name", "Taken")
    result = hand.types("launch", "create", *words)
    assert result.exit_code == 1
    assert way_out in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_mail_provider_may_be_a_rule_for_who_means_it(hand: Hand) -> None:
    hand.gets_one("launch", "create", "campus", "--name", "Campus", "--domain", "gmail.com", "--yes")
    assert hand.gets_one("launch", "show", "campus")["rules"]["domains"] == ["gmail.com"]


def test_a_dry_run_makes_nothing_and_finds_the_same_refusals(hand: Hand) -> None:
    result = hand.types("launch", "create", "campus", "--name", "Campus", "--dry-run")
    assert result.exit_code == 0
    assert "Nothing was changed" in result.stderr
    assert hand.gets("launch", "list") == []
    assert hand.types("launch", "create", "Campus!", "--name", "Campus", "--dry-run").exit_code == 1


def test_an_error_page_knows_a_launch_made_by_command(world: World, hand: Hand) -> None:
    hand.types("launch", "create", "campus", "--name", "Campus", "--contact", "hello@college.edu")
    assert branding.recall(world.runtime.settings.instance, "campus") == Branding(
        "campus", "Campus", "hello@college.edu"
    )


def test_pausing_twice_holds_once(hand: Hand) -> None:
    hand.types("launch", "create", "campus", "--name", "Campus")
    first = hand.gets_one("launch", "pause", "campus", "--reason", "fire drill")
    second = hand.gets_one("launch", "pause", "campus", "--reason", "fire drill")
    assert (first["changed"], second["changed"]) == (True, False)
    assert hand.gets_one("launch", "show", "campus")["condition"] == "paused"


def test_an_unknown_launch_is_refused_with_the_way_to_the_names(hand: Hand) -> None:
    result = hand.types("launch", "show", "nowhere")
    assert result.exit_code == 1
    assert "launch list" in result.stderr


def test_people_read_columns(hand: Hand) -> None:
    assert "launch create" in hand.types("launch", "list").stderr
    hand.types("launch", "create", "campus", "--name", "Campus", "--capacity", "3")
    table = hand.types("launch", "list").stdout.splitlines()
    assert table[0].split() == ["slug", "name", "condition", "in", "line", "seats", "left"]
    assert table[1].split() == ["campus", "Campus", "open", "0", "3"]
    assert "condition" in hand.types("launch", "show", "campus").stdout


def test_a_launch_is_resumed_closed_opened_and_put_away(hand: Hand) -> None:
    hand.types("launch", "create", "campus", "--name", "Campus", "--draft")
    assert hand.gets_one("launch", "open", "campus")["condition"] == "open"
    assert "already" in hand.is_refused("launch", "open", "campus")
    assert hand.gets_one("launch", "resume", "campus")["changed"] is False
    hand.types("launch", "pause", "campus", "--reason", "fire drill")
    assert hand.gets_one("launch", "resume", "campus", "--dry-run")["changed"] is True
    assert hand.gets_one("launch", "resume", "campus")["changed"] is True
    assert hand.gets_one("launch", "close", "campus")["condition"] == "closed"
    assert hand.gets_one("launch", "open", "campus")["condition"] == "open"
    assert "--yes" in hand.is_refused("launch", "archive", "campus")
    assert hand.gets_one("launch", "archive", "campus", "--yes")["condition"] == "archived"
    assert hand.gets("launch", "list") == []
    assert [row["slug"] for row in hand.gets("launch", "list", "--archived")] == ["campus"]
