"""A link, a QR code and a typed code are one invite: made with a limit and an end, shown again, printed, turned off."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from tests.parts import forms
from tests.web.invites import links
from tests.world import ALICE, World
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch

NEW = "/w/campus/me/links/new"
ERIN = "erin@college.edu"


def made(world: World) -> Invite:
    return world.rows(Invite, Invite.source == InviteSource.MEMBER)[-1]


def test_a_link_for_two_is_made_once_and_works(
    alice: FlaskClient, client: FlaskClient, world: World, campus: Launch
) -> None:
    form = forms.visit(alice, NEW)
    page = form.submit("Make the link", uses="2", days="30")
    assert (page.status, page.h1) == (200, "Your invite link")
    assert form.submit("Make the link", uses="2", days="30").url == page.url, "a double press makes one"
    invite = made(world)
    assert (invite.max_uses, world.entry(ALICE).allowance_left) == (2, 1)
    assert abs(invite.expires_at - world.now - timedelta(days=30)) < timedelta(minutes=1)
    link = links.shown(world, campus, invite)
    assert f"{world.runtime.settings.base_url}{link}" in unescape(page.text)
    assert links.typed(world, campus, invite) in page.text
    assert "<svg" in page.text
    code = forms.visit(client, link).submit("accept", email=ERIN)
    assert code.submit("Continue", code=links.digits(world)).h1 == "You are in"
    again = forms.visit(alice, page.url)
    assert "1 of 2 used" in again.text
    assert "e•••@…" in again.text, "who came is shown as they allow"
    assert "Turn off this link" in again.text


def test_the_last_day_can_be_a_date(alice: FlaskClient, world: World, campus: Launch) -> None:
    day = (world.now + timedelta(days=12)).date()
    forms.visit(alice, NEW).submit("Make the link", uses="1", days="date", until=day.isoformat())
    assert made(world).expires_at.date() == day


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"uses": "", "days": "7"}, "Enter how many people can use the link"),
        ({"uses": "many", "days": "7"}, "Enter how many people can use the link"),
        ({"uses": "-1", "days": "7"}, "Enter how many people can use the link"),
        ({"uses": "4", "days": "7"}, "You have 3 invites left"),
        ({"uses": "1", "days": "8"}, "Select when the link stops working"),
        ({"uses": "1", "days": "date", "until": ""}, "Choose a day from today"),
        ({"uses": "1", "days": "date", "until": "2020-02-30"}, "Choose a day from today"),
    ],
)
def test_a_form_that_does_not_fit_is_told_and_kept(
    alice: FlaskClient, world: World, campus: Launch, fields: dict[str, str], why: str
) -> None:
    page = forms.visit(alice, NEW).submit("Make the link", **fields)
    assert (page.status, why in page.text) == (422, True)
    assert dict(page.form("Make the link").values)["uses"] == fields["uses"]
    assert world.entry(ALICE).allowance_left == 3


def test_two_tabs_do_not_spend_more_than_there_is(alice: FlaskClient, world: World, campus: Launch) -> None:
    one, other = forms.visit(alice, NEW), forms.visit(alice, NEW)
    one.submit("Make the link", uses="3", days="7")
    refused = other.submit("Make the link", uses="1", days="7")
    assert (refused.status, "You have 0 invites left" in refused.text) == (422, True)


def test_an_old_form_is_asked_again(alice: FlaskClient, world: World, campus: Launch) -> None:
    form = forms.visit(alice, NEW)
    world.later(days=2)
    with world.clock():
        assert "Your session timed out" in form.submit("Make the link", uses="1", days="7").text


def test_the_card_and_the_pictures_are_there_while_the_invite_works(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    page = forms.visit(alice, NEW).submit("Make the link", uses="1", days="7")
    card = page.follow("Print card")
    assert card.h1 == "Your invite to Campus"
    assert links.typed(world, campus, made(world)) in card.text
    png, svg = (alice.get(f"{page.url}/qr.{kind}") for kind in ("png", "svg"))
    assert (png.mimetype, png.data[:4]) == ("image/png", b"\x89PNG")
    assert (svg.mimetype, b"<svg" in svg.data) == ("image/svg+xml", True)
    assert "no-store" in png.headers["Cache-Control"]
    world.redeem(campus, made(world), ERIN)
    used = forms.visit(alice, page.url)
    assert (used.status, "Print card" in used.text) == (200, False)
    assert alice.get(f"{page.url}/card").status_code == alice.get(f"{page.url}/qr.png").status_code == 404


def test_the_link_of_a_bound_invite_says_that_digits_are_asked(
    alice: FlaskClient, world: World, campus: Launch
) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Entry).where(Entry.email == ALICE).values(name="Alice Archer"))
    invite = links.from_member(world, campus, ALICE, ERIN)
    page = forms.visit(alice, f"/w/campus/me/invites/{invite.public_id}")
    assert page.h1 == f"Invite for {ERIN}"
    assert f"Only {ERIN} can use it" in page.text
    mailed = links.mailed(world, campus, invite)
    assert mailed not in unescape(page.text), "the link that proves the mailbox is in its mail alone"
