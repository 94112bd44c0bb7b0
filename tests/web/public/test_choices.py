"""E-mail settings by the link of a mail: one press is enough, a scanner changes nothing, everything can be undone."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.web.public.conftest import Hand
from tests.world import ALICE, CAROL, World
from waitlist.models.message import MailboxChoice
from waitlist.tokens import Purpose


def wants(world: World) -> str:
    return world.rows(MailboxChoice)[0].wants


@both
def test_unsubscribing_is_one_press_keeps_the_place_and_can_be_undone(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    page = hand.open(hand.settings_link(campus, CAROL))
    assert (page.status, page.state, page.h1) == (200, "choices", "E-mail settings for carol@college.edu")
    page = hand.send(page, "Unsubscribe from all")
    assert page.state == "unsubscribed"
    assert "You will get no more e-mail from Campus." in page.text
    assert "You keep place 1. Leave the line too?" in page.text
    assert wants(world) == "nothing"
    page = hand.send(page, "Undo")
    assert "It is as it was before." in page.text
    assert wants(world) == "all"
    assert hand.press(hand.settings_link(campus, CAROL) + "/undo").state == "choices"


def test_a_mail_program_unsubscribes_by_one_click(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    link = hand.settings_link(campus, CAROL)
    with world.clock():
        for _ in range(2):
            answer = hand.client.post(link, data={"List-Unsubscribe": "One-Click"})
            assert (answer.status_code, answer.mimetype, answer.text) == (200, "text/plain", "Unsubscribed")
            assert "Set-Cookie" not in answer.headers
    assert wants(world) == "nothing"


def test_a_foreign_site_and_a_missing_cookie_do_not_stop_a_one_click(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    link = hand.settings_link(campus, CAROL)
    with world.clock():
        answer = hand.client.post(
            link, data={"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"}
        )
    assert answer.status_code == 200


def test_a_scanner_that_opens_the_link_changes_nothing(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    link = hand.settings_link(campus, CAROL)
    with world.clock():
        hand.client.head(link)
        hand.client.get(link)
    assert wants(world) == "all"


@pytest.mark.parametrize("choice", ["all", "place", "nothing"])
def test_each_choice_is_kept(hand: Hand, world: World, choice: str) -> None:
    campus = world.launch(places_shown="hidden")
    world.waiting(campus)
    page = hand.send(hand.open(hand.settings_link(campus, CAROL)), "settings", wants=choice)
    assert wants(world) == choice
    assert ("wants", choice) in page.form("settings").values
    if choice == "nothing":
        assert "You keep your place. Leave the line too?" in page.text


def test_a_choice_that_is_none_changes_nothing(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    assert hand.press(hand.settings_link(campus, CAROL), wants="everything").status == 200
    assert wants(world) == "all"


def test_the_line_can_be_left_from_here(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    link = hand.settings_link(campus, CAROL)
    page = hand.send(hand.send(hand.open(link), "Unsubscribe from all"), "Leave the line")
    assert "You left the line." in page.text
    assert world.entry(CAROL).state == "left"
    assert hand.press(link + "/leave").state == "choices"


def test_a_member_has_no_line_to_leave(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.member(campus)
    page = hand.send(hand.open(hand.settings_link(campus, ALICE)), "Unsubscribe from all")
    assert "Leave the line" not in page.text


def test_somebody_who_only_got_an_invite_turns_off_invites_alone(hand: Hand, world: World) -> None:
    campus = world.launch()
    link = hand.settings_link(campus, "stranger@college.edu")
    page = hand.open(link + "?only=invites")
    assert "You are not on any list. Somebody typed your address to invite you." in page.text
    page = hand.send(page, "Do not let people invite me again")
    assert "Nobody can invite you to Campus any more." in page.text
    row = world.rows(MailboxChoice)[0]
    assert (row.wants, row.do_not_invite_at is not None) == ("all", True)
    with world.clock():
        again = hand.client.post(link + "?only=invites", data={"List-Unsubscribe": "One-Click"})
    assert again.text == "Unsubscribed"
    assert world.rows(MailboxChoice)[0].wants == "all"
    assert hand.press(link + "/leave").status == 404


@pytest.mark.parametrize("press", [None, "", "/undo", "/leave"])
@pytest.mark.parametrize("row", ["altered", "box_nobody"])
def test_a_link_that_is_not_ours_is_a_404(hand: Hand, world: World, press: str | None, row: str) -> None:
    campus = world.launch()
    link = "/u/altered" if row == "altered" else hand.link(Purpose.CHOICES, campus, row)
    page = hand.open(link) if press is None else hand.press(link + press)
    assert (page.status, page.h1) == (404, "Check the link")


def test_the_settings_stand_on_the_status_page_once_a_mail_was_written(hand: Hand, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    assert "E-mail settings" not in hand.open(hand.status(campus, carol)).text
    hand.settings_link(campus, CAROL)
    assert hand.open(hand.status(campus, carol)).follow("E-mail settings").state == "choices"


def test_settings_of_another_launch_are_unknown_here(hand: Hand, world: World) -> None:
    campus, other = world.launch(), world.launch("other")
    hand.settings_link(campus, CAROL)
    with world.reading() as rx:
        row = rx.scalar(sa.select(MailboxChoice.public_id))
    assert hand.open(hand.link(Purpose.CHOICES, other, row)).status == 404
