"""Grace sets when a wave stops by itself, in the console and on the command line."""

from __future__ import annotations

from tests.cli.conftest import Hand
from tests.services.test_guarding import a_wave, guard, trouble, watch
from tests.web.admin.conftest import Appoint, Desk
from tests.web.admin.test_waves import draft
from tests.world import World
from waitlist.models.access import Role
from waitlist.models.guard import Guardrail
from waitlist.models.wave import Wave

PAGE = "/admin/w/campus/guardrails"


def test_grace_sets_guardrails_and_reads_what_they_did(grace: Desk, world: World) -> None:
    campus, _ = a_wave(world)
    assert "No guardrail had to act yet." in grace.get(PAGE)
    saved = grace.press(
        PAGE, PAGE, limit_problems="5", action_problems="hold", limit_complaints="0.1", follow=True
    ).text
    assert "watched by this as well" in saved
    assert {(one.metric, one.limit_ppm, one.action) for one in world.rows(Guardrail)} == {
        ("problems", 50_000, "hold"), ("complaints", 1_000, "pause"),
    }  # fmt: skip
    trouble(world, campus, 6)
    assert watch(world) == 1
    assert "6 of 12" in grace.get(PAGE)
    (wave,) = world.rows(Wave)
    result = grace.client.get(f"/admin/w/campus/waves/{wave.public_id}", follow_redirects=True).text
    assert "A guardrail acted" in result
    assert "Let waves go on" in result
    assert "above 5 %" in grace.get(draft(grace) + "/when")
    grace.press(PAGE, PAGE, limit_problems="", limit_complaints="")
    assert world.rows(Guardrail) == []


def test_a_share_that_cannot_be_is_refused_and_a_viewer_only_reads(grace: Desk, appoint: Appoint, world: World) -> None:
    campus = world.launch()
    assert "like 5 or 0.1" in grace.press(PAGE, PAGE, status=422, limit_errors="101").text
    guard(world, campus, "errors", "warn")
    seen = appoint("vera@team.example", Role.VIEWER, campus).get(PAGE)
    assert "tell the team" in seen
    assert "Save the guardrails" not in seen


def test_the_team_is_told_by_mail_when_a_guardrail_warns(grace: Desk, world: World) -> None:
    campus, _ = a_wave(world)
    guard(world, campus, "errors", "warn")
    trouble(world, campus, 7, "error")
    watch(world)
    (mail,) = world.messages("team_alert", to=grace.user.email)
    assert mail.params["what"] == "guardrail"


def test_guardrails_from_the_command_line(world: World) -> None:
    world.launch()
    hand = Hand(world.app)
    assert hand.gets_one("guard", "set", "campus", "bounces", "--limit", "5")["action"] == "pause"
    assert "above 0 and below 100" in hand.is_refused("guard", "set", "campus", "bounces", "--limit", "none")
    assert [row["limit_ppm"] for row in hand.gets("guard", "list", "campus")] == [50_000]
    assert hand.gets_one("guard", "off", "campus", "bounces")["watched_before"]
    assert hand.gets("guard", "list", "campus") == []
