"""Arms and the draw, from the command line."""

from __future__ import annotations

import subprocess

from tests.cli.conftest import Hand
from tests.world import ALICE, CAROL, World
from waitlist.models.entry import Entry


def test_arms_are_set_and_shown(world: World, hand: Hand) -> None:
    campus = world.launch()
    assert hand.gets("arms", "show", "campus") == []
    made = hand.gets_one("arms", "set", "campus", "new=12.5", "other=50")
    assert made == {"version": 1, "new": 125_000, "other": 500_000, "control": 375_000}
    world.member(campus, ALICE)
    shown = {row["arm"]: row["people"] for row in hand.gets("arms", "show", "campus")}
    assert sum(shown.values()) == 1
    assert "more than 100 %" in hand.is_refused("arms", "set", "campus", "a=60", "b=60")
    assert hand.gets_one("arms", "set", "campus")["control"] == 1_000_000


def test_anybody_recomputes_the_draw_from_the_published_secret(world: World, hand: Hand) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    found = hand.gets_one("launch", "verify-draw", "campus", "--email", "Carol@College.edu")
    assert (found["kept"], found["checked"], found["wrong"]) == (True, 1, 0)
    assert (found["ticket"], found["arm_ticket"]) == (carol.ticket, carol.arm_ticket)
    # The line of docs/flags.md, as it stands there.
    command = "printf 'wave\\037carol@college.edu' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$SALT"
    assert command.replace("carol@college.edu", "ada@college.edu") in read_docs()
    done = subprocess.run(
        ["sh", "-c", command],
        env={"SALT": campus.salt, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert int(done.stdout.split()[-1][:16], 16) >> 1 == carol.ticket


def test_another_secret_or_a_moved_ticket_is_found_out(world: World, hand: Hand) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    other = hand.types("launch", "verify-draw", "campus", "--salt", "00" * 32)
    assert (other.exit_code, "does not follow" in other.stderr) == (1, True)
    assert "no hexadecimal" in hand.is_refused("launch", "verify-draw", "campus", "--salt", "zz")
    with world.writing() as tx:
        tx.execute(Entry.__table__.update().where(Entry.id == carol.id).values(ticket=1))
    assert hand.types("launch", "verify-draw", "campus").exit_code == 1


def read_docs() -> str:
    from pathlib import Path

    return (Path(__file__).parents[2] / "docs" / "flags.md").read_text()
