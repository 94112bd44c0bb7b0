"""A new address: the mail to the new one asks, the mail to the old one can take it back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.web.public.conftest import Hand
from tests.world import CAROL, TEAM, World
from waitlist.models.entry import Entry
from waitlist.models.launch import GateRevision, Launch
from waitlist.services import changing
from waitlist.tokens import Purpose

NEW = "carol.lee@college.edu"


def asked(hand: Hand, world: World, campus: Launch, new: str = NEW) -> tuple[str, str]:
    """The links of the two mails."""
    with world.writing() as tx:
        who = world.application(campus, new)
        made = changing.ask(tx, campus, world.entry(CAROL).id, who, actor=TEAM, now=world.now)
    return (
        hand.link(Purpose.CHANGE, campus, made.attempt),
        hand.link(Purpose.UNDO_CHANGE, campus, made.attempt),
    )


def test_the_place_goes_with_the_new_address(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    confirm, undo = asked(hand, world, campus)
    page = hand.open(confirm)
    assert (page.status, page.state, page.h1) == (200, "ask", "Confirm your new address")
    assert world.entry(CAROL).email == CAROL
    page = hand.send(page, "Confirm my new address")
    assert (page.state, "Your address is changed." in page.text) == ("waiting", True)
    assert world.place(NEW) == 1
    again = hand.open(confirm)
    assert again.h1 == "Your address is changed"
    assert hand.send(again, "See my place").state == "waiting"
    old = hand.open(undo)
    assert (old.status, old.h1) == (200, "Take the change back")
    assert world.place(NEW) == 1
    back = hand.send(old, "Take the change back")
    assert (back.status, back.h1) == (200, "Your old address is back")
    assert world.place(CAROL) == 1
    assert hand.open(confirm).status == 410


def test_after_seven_days_it_cannot_be_taken_back(hand: Hand, world: World) -> None:
    campus = world.launch(contact_email="help@campus.example")
    world.waiting(campus)
    confirm, undo = asked(hand, world, campus)
    hand.send(hand.open(confirm), "Confirm my new address")
    world.later(days=8)
    page = hand.send(hand.open(undo), "Take the change back")
    assert (page.status, page.h1) == (410, "The seven days are over")
    assert "Contact help@campus.example." in page.text
    assert world.place(NEW) == 1


def test_a_link_that_is_two_days_old_changes_nothing(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    confirm, _ = asked(hand, world, campus)
    world.later(hours=49)
    assert hand.open(confirm).status == 410
    assert hand.press(confirm).status == 410
    assert world.entry(CAROL).email == CAROL


def test_an_address_that_joined_meanwhile_keeps_its_own_place(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    confirm, _ = asked(hand, world, campus)
    world.waiting(campus, NEW)
    page = hand.send(hand.open(confirm), "Confirm my new address")
    assert (page.status, page.h1) == (409, "This address is in line already")


def test_rules_that_changed_meanwhile_refuse_and_the_place_stays(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    confirm, _ = asked(hand, world, campus)
    with world.writing() as tx:
        tx.execute(sa.update(GateRevision).values(tree={"kind": "domain", "domains": ["other.edu"]}))
    page = hand.send(hand.open(confirm), "Confirm my new address")
    assert (page.status, page.state, page.forms) == (403, "wrong-domain", [])
    assert "Your place stays with the address you have now." in page.text
    assert world.entry(CAROL).email == CAROL


def test_somebody_who_was_removed_meanwhile_finds_an_expired_link(hand: Hand, world: World) -> None:
    campus = world.launch()
    world.waiting(campus)
    confirm, undo = asked(hand, world, campus)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state="removed"))
    assert hand.press(confirm).status == 410
    assert hand.press(undo).status == 410


@pytest.mark.parametrize("path", ["/v/x", "/v/undo/x"])
def test_altered_links_are_not_found(hand: Hand, world: World, path: str) -> None:
    world.launch()
    assert hand.open(path).status == 404
    assert hand.press(path).status == 404
