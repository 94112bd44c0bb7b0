"""An operator releases waves: sees first, then does, and can still take it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import BOB, CAROL, TEAM, World
from waitlist.services import removing


@both
def test_a_wave_without_a_hold_is_out_when_the_command_returns(world: World, hand: Hand) -> None:
    campus = world.launch()
    world.crowd(campus, 5)
    seen = hand.gets_one("wave", "preview", "campus", "--first", "3", "--yes")
    assert (seen["wave"], seen["state"], seen["invited"], seen["skipped"]) == (None, "preview", 3, 0)
    done = hand.gets_one("wave", "release", "campus", "--first", "3", "--hold", "0", "--yes")
    assert (done["state"], done["invited"], done["skipped"], done["digest"]) == ("done", 3, 0, seen["digest"])
    assert [row["state"] for row in hand.gets("people", "list", "campus")] == ["waiting"] * 2 + ["invited"] * 3
    mails = hand.gets("mail", "outbox", "--template", "invite")
    assert [mail["to"] for mail in mails] == ["person1@college.edu", "person2@college.edu", "person3@college.edu"]
    assert all("/i/" in mail["links"][0] for mail in mails)


def test_a_held_wave_waits_for_the_worker_and_can_be_undone(world: World, hand: Hand) -> None:
    world.crowd(world.launch(), 2)
    held = hand.gets_one("wave", "release", "campus", "--first", "1", "--yes", "--name", "Monday")
    assert (held["state"], held["invited"], held["planned"]) == ("holding", 0, 1)
    assert hand.gets_one("wave", "status", "campus", "1")["due_at"] is not None
    assert hand.gets_one("wave", "pause", "campus", "1", "--reason", "wait")["state"] == "paused"
    assert hand.gets_one("wave", "resume", "campus", held["wave"])["state"] == "holding"
    assert hand.gets_one("wave", "undo", "campus", "1", "--dry-run")["state"] == "draft"
    assert hand.gets_one("wave", "status", "campus", "1")["state"] == "holding"
    assert hand.gets_one("wave", "undo", "campus", "1")["state"] == "draft"
    assert "past the point" in hand.is_refused("wave", "undo", "campus", "1")
    assert [row["name"] for row in hand.gets("wave", "status", "campus")] == ["Monday"]


def test_a_release_does_what_its_preview_showed_or_nothing(world: World, hand: Hand) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    digest = hand.gets_one("wave", "preview", "campus", "--first", "2")["digest"]
    zoe = world.waiting(campus, "zoe@college.edu")
    for n in range(3):
        world.waiting(campus, f"f{n}@college.edu", by=zoe)
    refused = hand.is_refused("wave", "release", "campus", "--first", "2", "--digest", digest, "--hold", "0")
    assert "Preview again" in refused
    assert hand.gets("mail", "outbox", "--template", "invite") == []
    assert "Add --yes" in hand.is_refused("wave", "release", "campus", "--first", "2")


def test_a_dry_run_of_a_release_changes_nothing(world: World, hand: Hand) -> None:
    world.crowd(world.launch(), 2)
    assert hand.gets_one("wave", "release", "campus", "--first", "1", "--dry-run", "--hold", "0")["planned"] == 1
    assert hand.gets("wave", "status", "campus") == []
    assert "No wave" in hand.types("wave", "status", "campus").stderr


def test_a_wave_is_for_whom_one_says(world: World, hand: Hand, tmp_path: Path) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    world.waiting(campus, BOB, by=carol)
    (tmp_path / "vips.txt").write_text(f"Vip <vip@college.edu>; nonsense\n{CAROL}, vip@college.edu\n")

    def counted(*words: str) -> int:
        return int(hand.gets_one("wave", "preview", "campus", *words)["invited"])

    assert counted("--min-friends", "1") == 1
    assert counted("--domain", "college.edu") == 2
    assert counted("--joined-from", "2000-01-01", "--joined-to", "2999-01-01T00:00Z") == 2
    assert counted("--joined-to", "2000-01-01") == 0
    assert counted("--who", CAROL, "--who", world.entry(BOB).public_id) == 2
    assert counted("--list", str(tmp_path / "vips.txt")) == 2
    assert "nonsense" in hand.types("wave", "preview", "campus", "--list", str(tmp_path / "vips.txt")).stderr
    offer = hand.types("wave", "preview", "campus", "--first", "1", "--days", "2", "--allowance", "0", "--lapse", "end")
    assert offer.exit_code == 0


@pytest.mark.parametrize(
    "words",
    [[], ["--first", "1", "--domain", "college.edu"], ["--first", "0"], ["--first", "1", "--joined-from", "soon"]],
)
def test_an_audience_is_said_in_one_way(world: World, hand: Hand, words: list[str]) -> None:
    world.launch()
    hand.is_refused("wave", "preview", "campus", *words, code=2)


def test_refusals_name_the_way_out(world: World, hand: Hand) -> None:
    campus = world.launch(seats=1)
    assert "wave preview" in hand.is_refused("wave", "release", "campus", "--first", "1", "--yes")
    assert "wave status" in hand.is_refused("wave", "status", "campus", "7")
    world.waiting(campus, CAROL)
    hand.types("launch", "pause", "campus", "--reason", "fire")
    assert "launch resume" in hand.is_refused("wave", "release", "campus", "--first", "1", "--yes")


def test_a_wave_is_revoked_from_those_inside_and_restored(world: World, hand: Hand) -> None:
    campus = world.launch(seats=2)
    world.crowd(campus, 3)
    hand.gets_one("wave", "release", "campus", "--first", "2", "--hold", "0", "--yes")
    world.redeem(campus, world.invite_of("person1@college.edu"), "person1@college.edu")
    assert "--dry-run" in hand.is_refused("wave", "revoke", "campus", "1")
    looked = hand.gets_one("wave", "revoke", "campus", "1", "--dry-run")
    assert (looked["revoked"], looked["recalled"], world.entry("person1@college.edu").state) == (1, 1, "joined")
    gone = hand.gets_one("wave", "revoke", "campus", "1", "--reason", "it broke", "--yes")
    assert (gone["state"], gone["digest"]) == ("recalled", looked["digest"])
    assert "stage resume" in hand.is_refused("wave", "release", "campus", "--first", "1", "--yes")
    world.member(campus, "alice@college.edu")
    assert "1 more" in hand.is_refused("wave", "restore", "campus", "1")
    with world.writing() as tx:
        alice = world.entry("alice@college.edu").id
        removing.remove(tx, campus, alice, reason="", abuse=False, actor=TEAM, now=world.now)
    back = hand.gets_one("wave", "restore", "campus", "1")
    assert (back["state"], back["members"], back["invites"], back["elsewhere"]) == ("done", 1, 1, 0)


def test_a_wave_is_stopped_or_recalled_and_its_people_stand_where_they_stood(world: World, hand: Hand) -> None:
    world.crowd(world.launch(), 4)
    before = [row["email"] for row in hand.gets("people", "list", "campus")]
    hand.gets_one("wave", "release", "campus", "--first", "2", "--hold", "0", "--yes")
    recalled = hand.gets_one("wave", "recall", "campus", "1", "--reason", "a mistake", "--tell")
    assert (recalled["state"], recalled["recalled"]) == ("recalled", 2)
    assert [row["email"] for row in hand.gets("people", "list", "campus")] == before
    hand.gets_one("wave", "release", "campus", "--first", "1", "--yes")
    assert hand.gets_one("wave", "send-now", "campus", "2")["state"] == "holding"
    stopped = hand.gets_one("wave", "stop", "campus", "2", "--reason", "rain")
    assert (stopped["state"], stopped["kept_in_line"]) == ("stopped", 1)
    assert "past the point" in hand.is_refused("wave", "send-now", "campus", "2")
