"""This was not me: somebody typed another person's address, and one press ends it."""

from __future__ import annotations

import pytest

from tests.web.public.conftest import Hand
from tests.world import CAROL, World
from waitlist.models.entry import Entry
from waitlist.models.message import MailboxChoice
from waitlist.tokens import Purpose


@pytest.mark.parametrize("never", [None, "yes"])
def test_what_a_stranger_asked_for_is_deleted(hand: Hand, world: World, never: str | None) -> None:
    campus = world.launch()
    hand.send(hand.open("/w/campus"), "join", email=CAROL)
    link = hand.confirm_link(campus)
    page = hand.open(link).follow("This was not me")
    assert (page.status, page.state, page.h1) == (200, "not-me", "This was not me")
    assert len(world.rows(Entry)) == 1
    done = hand.send(page, "This was not me", do_not_invite=never)
    assert (done.status, done.h1) == (200, "Thank you. Nothing is kept.")
    assert world.rows(Entry) == []
    assert len([row for row in world.rows(MailboxChoice) if row.do_not_invite_at]) == (1 if never else 0)
    assert hand.send(page, "This was not me").state == "not-me-done"
    assert hand.open(link).status == 410


def test_it_was_me_after_all_leads_back(hand: Hand, world: World) -> None:
    campus = world.launch()
    hand.send(hand.open("/w/campus"), "join", email=CAROL)
    page = hand.open(hand.confirm_link(campus)).follow("This was not me").follow("It was me after all")
    assert page.state == "ask"


def test_links_that_name_nothing(hand: Hand, world: World) -> None:
    campus = world.launch()
    assert hand.open("/c/x/not-me").status == 404
    assert hand.press("/c/x/not-me").status == 404
    gone = hand.link(Purpose.CONFIRM, campus, "att_gone") + "/not-me"
    assert hand.open(gone).h1 == "Thank you. Nothing is kept."
    assert hand.press(gone).h1 == "Thank you. Nothing is kept."


def test_once_it_was_confirmed_the_page_does_not_claim_otherwise(hand: Hand, world: World) -> None:
    campus = world.launch()
    hand.send(hand.open("/w/campus"), "join", email=CAROL)
    link = hand.confirm_link(campus)
    hand.send(hand.open(link), "Confirm my place")
    page = hand.press(link + "/not-me")
    assert (page.state, page.h1) == ("done", "This address was confirmed")
    assert hand.send(page, "See my place").state == "waiting"
