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


def test_a_stage_by_waves_is_planned_changed_approved_and_passed_over(world: World, hand: Hand) -> None:
    launch = world.launch(domain=None)
    world.crowd(launch, 4)
    size = ("--mode", "release", "--share", "50", "--every", "2h", "--waves", "2", "--until", "admitted=1")
    added = hand.gets_one("stage", "add", "campus", "half", *size, "--until", "clear")
    assert (added["size"], added["would_let_in"], added["starts"]) == ("50 %", 2, "hand")
    assert hand.gets_one("stage", "change", "campus", "half", "--mode", "release", "--quota", "3")["would_let_in"] == 3
    last = hand.gets_one("stage", "add", "campus", "last", "--mode", "redeem", "--after", "3d")
    assert (last["starts"], last["would_let_in"]) == ("after", 4)
    hand.gets_one("stage", "add", "campus", "board", "--rule", EVERYONE, "--approvals", "1")
    assert "others approve" in hand.is_refused("stage", "start", "campus", "board")
    assert "Ask somebody else" in hand.is_refused("stage", "approve", "campus", "board")
    assert hand.gets_one("stage", "skip", "campus", "board")["ended_at"]
    assert "Keep one" in hand.is_refused("stage", "add", "campus", "x", *size, "--quota", "3")
    wrong = (("--after", "soon"), ("--until", "admitted=x"), ("--after", "1h", "--approvals", "1"))
    assert [hand.types("stage", "add", "campus", "x", *words).exit_code for words in wrong] == [2, 2, 2]


def test_a_plan_is_filled_from_a_preset_shown_and_halted(world: World, hand: Hand) -> None:
    world.launch(domain=None)
    filled = ("plan", "preset", "campus", "regions", "--group", "US,CA", "--group", "MX", "--every", "3d")
    assert "Nothing is saved" in hand.types(*filled, "--dry-run").stderr
    assert hand.gets_one(*filled)["added"] == ["region-1", "region-2"]
    campus = hand.gets_one("plan", "preset", "campus", "campus", "--domain", "College.edu", "--invite-only")
    assert campus["taken_back"] == ["region-1", "region-2"]
    assert campus["rules"]["kind"] == "all_of"
    assert "how many people" in hand.is_refused("plan", "preset", "campus", "slow")
    assert "at least one step" in hand.is_refused("plan", "preset", "campus", "departments")
    hand.gets_one("plan", "hours", "campus", "--days", "3210", "--from", "09:00", "--to", "16:00")
    dark = hand.gets_one(
        "plan", "blackout", "campus", "--from", "2999-01-01", "--to", "2999-01-08", "--reason", "close"
    )
    shown = hand.gets("plan", "show", "campus")
    assert [row["is"] for row in shown] == ["stage", "stage", "hours", "blackout"]
    assert shown[2] == {"is": "hours", "days": "0123", "from": "09:00", "to": "16:00"}
    assert hand.gets_one("plan", "end-blackout", "campus", str(dark["id"]))["ended"]
    assert "no such blackout" in hand.is_refused("plan", "end-blackout", "campus", str(dark["id"]))
    assert "must end after" in hand.is_refused("plan", "hours", "campus", "--from", "16:00", "--to", "09:00")
    for wrong in (("--days", "78"), ("--from", "9")):
        assert hand.types("plan", "hours", "campus", *wrong).exit_code == 2
    assert hand.gets_one("plan", "start", "campus", "campus")["starts_at"]
    assert hand.gets_one("plan", "halt", "campus", "--reason", "look")["hold"].startswith("hld_")
