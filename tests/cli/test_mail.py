"""An operator reads the outbox and tries the relay."""

from __future__ import annotations

from tests.cli.conftest import Hand
from tests.world import CAROL, World


def test_the_outbox_is_one_object_a_line_oldest_first(world: World, hand: Hand) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    rows = hand.gets("mail", "outbox", "--launch", "campus", "--to", CAROL)
    assert [row["template"] for row in rows] == ["confirm", "in_line"]
    first = rows[0]
    assert first["links"][0].startswith("http://join.test/c/")
    assert (first["to"], first["state"], bool(first["subject"])) == (CAROL, "queued", True)
    assert [row["template"] for row in hand.gets("mail", "outbox", "--limit", "1")] == ["in_line"]
    assert hand.gets("mail", "outbox", "--state", "sent") == []
    assert "empty" in hand.types("mail", "outbox", "--state", "sent").stderr
    assert CAROL in hand.types("mail", "outbox").stdout


def test_one_mail_is_read_whole(world: World, hand: Hand) -> None:
    world.join(world.launch(), CAROL)
    (mail,) = hand.gets("mail", "outbox")
    shown = hand.types("mail", "show", mail["id"])
    assert f"To: {CAROL}" in shown.stdout
    assert mail["links"][0] in shown.stdout
    assert "not left yet" in shown.stderr
    assert "mail outbox" in hand.is_refused("mail", "show", "msg_none")


def test_without_a_relay_a_test_waits_in_the_outbox(world: World, hand: Hand) -> None:
    result = hand.types("mail", "test", "ada@college.edu")
    assert "WAITLIST_SMTP_URL" in result.stderr
    assert (result.exit_code, hand.gets("mail", "outbox")[0]["state"]) == (0, "queued")


def test_periodic_work_is_done_once(world: World, hand: Hand) -> None:
    assert hand.gets_one("tick")["release waves"] == 0
