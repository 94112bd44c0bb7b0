"""The team writes what people may agree to."""

from __future__ import annotations

from tests.parts import both
from tests.web.admin.conftest import Desk
from tests.world import CAROL, World
from waitlist.models.launch import ConsentText

CONSENTS = "/admin/w/campus/consents"
SETTINGS = "/admin/w/campus/settings"


def in_force(world: World) -> list[tuple[int, str, bool]]:
    rows = sorted((row for row in world.rows(ConsentText) if row.retired_at is None), key=lambda row: row.ordinal)
    return [(row.version, row.text, row.required) for row in rows]


@both
def test_agreements_are_added_changed_ordered_and_taken_away(grace: Desk, world: World) -> None:
    world.launch()
    assert "Nobody is asked to agree to anything." in grace.get(SETTINGS)
    grace.press(CONSENTS, text_0="The  terms", required_0="yes")
    grace.press(CONSENTS, text_1="News")
    assert in_force(world) == [(1, "The terms", True), (1, "News", False)]
    grace.press(CONSENTS, ordinal_0="2", ordinal_1="1")
    assert in_force(world) == [(1, "News", False), (1, "The terms", True)]
    grace.press(CONSENTS, text_1="The new terms", text_0="")
    assert in_force(world) == [(2, "The new terms", True)]
    assert "The new terms" in grace.get(SETTINGS)


def test_an_agreement_is_one_sentence(grace: Desk, world: World) -> None:
    world.launch()
    told = grace.press(CONSENTS, status=422, text_0="# Terms").text
    assert "Write one sentence" in told
    assert "# Terms" in told
    assert in_force(world) == []


def test_the_team_sees_what_a_person_agreed_to_and_when(grace: Desk, world: World) -> None:
    campus = world.launch()
    grace.press(CONSENTS, text_0="The [terms](https://campus.example/terms)")
    key = world.rows(ConsentText)[0].key
    carol = world.waiting(campus, CAROL, consents={key: "1", "older": "7"})
    page = grace.get(f"/admin/w/campus/people/{carol.public_id}/consent")
    assert '<a href="https://campus.example/terms">terms</a> (version 1)' in page
    assert "older (version 7)" in page
