"""Grace prints codes for a talk: made together, shown as a table, a CSV and cards, and revoked together."""

from __future__ import annotations

import csv
import io
import re

import pytest

from tests.web.admin.conftest import Appoint, Desk
from tests.world import ALICE, World
from waitlist.models.access import Role
from waitlist.models.invite import Invite
from waitlist.services import redeeming
from waitlist.services.joining import NotEligible

WAVES = "/admin/w/campus/waves"
NEW = "/admin/w/campus/codes/new"


def made(grace: Desk, **typed: object) -> str:
    """Codes are made; the address of their page."""
    return grace.press(NEW, NEW, **{"n": "3", "prefix": "talk", "uses": "2", "days": "30"} | typed).location


def test_codes_are_made_together_and_each_lets_people_in(grace: Desk, world: World) -> None:
    campus = world.launch()
    assert NEW in grace.get(WAVES)
    page = grace.get(made(grace))
    assert "3 codes are made." in page
    shown = re.findall(r"<code>(TALK-[0-9A-Z-]+)</code>", page)
    assert len(set(shown)) == 3
    invites = world.rows(Invite)
    assert [invite.code_end for invite in invites] == [code.replace("-", "")[-4:] for code in shown]
    assert {(invite.max_uses, invite.holds_seat, invite.email) for invite in invites} == {(2, False, None)}
    assert world.redeem(campus, invites[0], ALICE).first
    page = grace.get(WAVES)
    assert "TALK-…" in page
    assert "No single invite yet" in page, "a batch does not push single invites out of sight"
    (event,) = world.events("minting.minted")
    assert (event.data["codes"], event.data["uses"]) == (3, 2)
    typed = grace.client.post("/redeem", data={"code": shown[1].removeprefix("TALK-").lower()})
    assert typed.status_code == 303, "the prefix may be left out"


def test_they_leave_as_a_file_that_is_written_down_and_as_cards(grace: Desk, world: World) -> None:
    world.launch()
    page = made(grace).partition("?")[0]
    file = grace.press(page, "/export", status=200).text
    head, *rows = csv.reader(io.StringIO(file.removeprefix("\ufeff")))
    assert head == ["code", "link", "for_people", "used", "expires", "domain", "state"]
    assert len(rows) == 3
    assert all(row[0].startswith("TALK-") and "/i/" in row[1] and row[-1] == "active" for row in rows)
    assert len(world.events("exporting.exported")) == 1
    cards = grace.get(f"{page}/cards")
    assert cards.count('data-testid="card"') == cards.count("<svg") == 3
    assert rows[0][0] in cards


def test_codes_for_one_domain_are_for_nobody_else(grace: Desk, world: World) -> None:
    campus = world.launch(domain=None)
    made(grace, domain="b.edu")
    first = world.rows(Invite)[0]
    with pytest.raises(NotEligible) as refused:
        world.redeem(campus, first, ALICE)
    assert "b.edu" in str(refused.value.answer)
    assert world.redeem(campus, first, "ada@b.edu").first
    assert "@b.edu" in grace.get(f"/admin/w/campus/invites/{first.public_id}")


def test_those_that_work_are_revoked_together(grace: Desk, world: World) -> None:
    campus = world.launch()
    page = made(grace).partition("?")[0]
    first, second, _ = world.rows(Invite)
    world.redeem(campus, first, ALICE)
    world.redeem(campus, first, "ada@college.edu")
    done = grace.press(page, "/revoke")
    assert "2 codes are revoked. Whoever is in stays in." in grace.get(done.location)
    with pytest.raises(redeeming.InviteRevoked):
        world.redeem(campus, second, "ben@college.edu")
    assert world.entry(ALICE).state == "joined"
    assert "/revoke" not in grace.get(page)
    states = [row[-1] for row in csv.reader(io.StringIO(grace.press(page, "/export", status=200).text))]
    assert states == ["state", "used", "revoked", "revoked"]


def test_many_codes_are_read_page_by_page(grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.launch()
    monkeypatch.setattr("waitlist.web.admin.codes.PAGE", 2)
    page = made(grace)
    found = re.search(r'rel="next" href="([^"]+)"', grace.get(page))
    assert found
    assert grace.get(found[1].replace("&amp;", "&")).count('data-testid="codes-row"') == 1


def test_what_is_wrong_is_told_and_nothing_is_made(grace: Desk, world: World) -> None:
    world.launch()
    for typed, told in (
        ({"n": "5001"}, "Enter a number from 1 to 5,000"),
        ({"n": ""}, "Enter how many codes"),
        ({"prefix": "Frühling"}, "Use letters, digits and hyphens"),
        ({"domain": "a.edu, b.edu"}, "Enter one domain"),
        ({"domain": ","}, "Enter one domain"),
        ({"uses": "0"}, "Enter a number from 1 to"),
    ):
        text = grace.press(NEW, NEW, status=422, **{"n": "3", "uses": "1", "days": "7"} | typed).text
        assert told.replace("5,000", "5000") in text.replace("5,000", "5000")
    assert world.rows(Invite) == []


def test_an_analyst_sees_how_many_and_no_code(grace: Desk, world: World, appoint: Appoint) -> None:
    campus = world.launch()
    page = made(grace).partition("?")[0]
    vera = appoint("vera@team.example", Role.ANALYST, campus)
    assert "TALK-…" in vera.get(WAVES)
    vera.get(page, status=403)
    world.launch("beta")
    grace.get(page.replace("/campus/", "/beta/"), status=404)
