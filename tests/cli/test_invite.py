"""An operator makes links and codes, looks codes up, and takes them back."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import CAROL, World


@both
def test_a_link_for_many_prints_its_code_and_link(world: World, hand: Hand) -> None:
    world.launch()
    made = hand.gets_one("invite", "create", "campus", "--uses", "3")
    assert made["id"].startswith("inv_")
    assert made["code"].startswith("CAMPUS-")
    assert made["link"].startswith("http://join.test/i/")
    found = hand.gets_one("invite", "verify", made["code"].lower().replace("-", " "))
    assert (found["id"], found["launch"], found["state"], found["uses"]) == (made["id"], "campus", "active", 3)


def test_a_bound_invite_holds_a_seat_and_is_mailed_only_when_asked(world: World, hand: Hand) -> None:
    campus = world.launch(seats=2)
    world.waiting(campus, CAROL, language="fr")
    bound = hand.gets_one("invite", "create", "campus", "--email", CAROL)
    assert bound["email"] == CAROL
    assert hand.gets("mail", "outbox", "--template", "invite") == []
    assert "--send" in hand.types("invite", "create", "campus", "--email", "new@college.edu", "--dry-run").stderr
    hand.gets_one("invite", "create", "campus", "--email", "new@college.edu", "--send")
    (mail,) = hand.gets("mail", "outbox", "--template", "invite", "--to", "new@college.edu")
    assert mail["links"]
    assert "No seat" in hand.is_refused("invite", "create", "campus", "--email", "late@college.edu")


def test_a_resent_invite_ends_the_old_code_and_a_revoked_one_is_over(world: World, hand: Hand) -> None:
    world.launch()
    old = hand.gets_one("invite", "create", "campus")
    new = hand.gets_one("invite", "resend", "campus", old["id"])
    assert new["code"] != old["code"]
    assert "replaced" in hand.is_refused("invite", "verify", old["code"])
    assert hand.gets_one("invite", "revoke", "campus", old["id"], "--dry-run")["state"] == "revoked"
    assert hand.gets_one("invite", "verify", new["code"])["state"] == "active"
    assert hand.gets_one("invite", "revoke", "campus", old["id"])["state"] == "revoked"
    assert "ended" in hand.is_refused("invite", "revoke", "campus", old["id"])
    assert "ended" in hand.is_refused("invite", "resend", "campus", old["id"])


def test_an_invite_shows_the_state_it_is_in(world: World, hand: Hand) -> None:
    world.launch()
    later = hand.gets_one("invite", "create", "campus", "--starts", "2999-01-01", "--ends", "2999-02-01")
    assert later["state"] == "scheduled"
    assert hand.gets_one("invite", "create", "campus", "--ends", "2020-01-01")["state"] == "expired"


@pytest.mark.parametrize(
    "words", [["--uses", "0"], ["--uses", "2", "--email", CAROL], ["--send"], ["--starts", "whenever"]]
)
def test_wrong_use(world: World, hand: Hand, words: list[str]) -> None:
    world.launch()
    hand.is_refused("invite", "create", "campus", *words, code=2)


def test_a_mistyped_code_is_told_before_anything_is_looked_up(world: World, hand: Hand) -> None:
    world.launch()
    code = hand.gets_one("invite", "create", "campus")["code"]
    wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert "one character looks wrong" in hand.is_refused("invite", "verify", wrong)
    assert "invite verify" in hand.is_refused("invite", "revoke", "campus", "inv_unknown")
