"""Somebody who wants to look around first gets six made-up weeks, in an empty house only."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import World


@both
def test_the_demo_has_every_state_and_an_exact_line(world: World, hand: Hand) -> None:
    made = hand.gets_one("seed-demo", "--people", "240")
    assert made["url"] == "http://join.test/w/harbour"
    assert all(made["people"].values()), made["people"]
    assert hand.gets_one("recount", "harbour")["differences"] == 0
    waves = {wave["name"]: wave["state"] for wave in hand.gets("wave", "status", "harbour")}
    assert waves == {"Early birds": "done", "Second wave": "done", "Third wave": "scheduled", "Friends first": "draft"}
    assert hand.gets_one("launch", "show", "harbour")["condition"] == "open"
    people = hand.gets("people", "list", "harbour")
    assert max(person["friends"] for person in people) > 1
    assert "only fills an empty database" in hand.is_refused("seed-demo")
    mails = hand.gets("mail", "outbox", "--launch", "harbour", "--template", "invite", "--limit", "3")
    assert {mail["to"].partition("@")[2] for mail in mails} == {"harbour.example.org"}


@pytest.mark.parametrize("settings", [{"WAITLIST_SMTP_URL": "smtp://127.0.0.1:2525"}])
def test_nobody_made_up_is_ever_written_to(world: World, hand: Hand) -> None:
    assert "Unset WAITLIST_SMTP_URL" in hand.is_refused("seed-demo")
