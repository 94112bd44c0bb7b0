"""A member's settings: each card is saved by itself."""

from __future__ import annotations

from flask.testing import FlaskClient

from tests.parts import forms
from tests.world import ALICE, World
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice

HERE = "/w/campus/me/settings"


def test_a_member_is_named_written_to_and_addressed_as_they_choose(
    alice: FlaskClient, campus: Launch, world: World
) -> None:
    page = forms.visit(alice, HERE)
    assert (page.status, page.h1) == (200, "My settings")
    saved = page.submit("name-form", name="Alice Archer", shown="yes")
    assert "Saved." in saved.text
    saved.submit("mails-form", wants="place")
    saved.submit("language-form", language="fr")
    member = world.entry(ALICE, campus)
    assert (member.name, member.share_name, member.show_on_board, member.language) == (
        "Alice Archer",
        True,
        False,
        "fr",
    )
    (choice,) = world.rows(MailboxChoice, MailboxChoice.email_key == ALICE)
    assert choice.wants == "place"
    assert [len(world.events(verb)) for verb in ("introducing.spoken", "choosing.chosen")] == [1, 1]


def test_what_cannot_be_is_refused_or_left_as_it_is(alice: FlaskClient, campus: Launch, world: World) -> None:
    page = forms.visit(alice, HERE)
    too_long = page.submit("name-form", name="x" * 121)
    assert (too_long.status, "must be 120 characters or less" in too_long.text) == (422, True)
    page.submit("language-form", language="tlh")
    page.submit("mails-form", wants="everything")
    assert world.entry(ALICE, campus).language == "en"
    assert world.events("choosing.chosen") == []


def test_the_way_to_ones_own_data_leads_on(alice: FlaskClient) -> None:
    assert forms.visit(alice, HERE).follow("Your data").state == "own-data"
