"""Grace reads the outbox; while no relay is set she follows a mail's links, and that is written down."""

from __future__ import annotations

import html
import re

import pytest

from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import BOB, CAROL, World
from waitlist.models.access import Role
from waitlist.models.message import Message
from waitlist.web.admin.outbox import hidden

OUTBOX = "/admin/w/campus/outbox"


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> dict[str, str]:
    return getattr(request, "param", {})


def mail_at(world: World, kind: str, to: str) -> str:
    return f"{OUTBOX}/{world.messages(kind, to)[-1].public_id}"


def test_the_list_shows_every_mail_with_its_state(grace: Desk, world: World) -> None:
    world.cast()
    page = grace.get(OUTBOX)
    assert page.count('data-testid="outbox-row"') == len(world.messages())
    assert BOB in page
    assert grace.get(f"{OUTBOX}?to={CAROL}").count('data-testid="outbox-row"') == len(world.messages(to=CAROL))
    assert "No mail matches these filters." in grace.get(f"{OUTBOX}?state=failed")
    assert "No mail matches these filters." in grace.get(f"{OUTBOX}?to=nobody")


def test_an_empty_outbox_says_so_and_a_long_one_has_pages(
    grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    campus = world.launch()
    assert "No mail yet" in grace.get(OUTBOX)
    world.crowd(campus, 3)
    monkeypatch.setattr("waitlist.web.admin.outbox.PAGE", 2)
    seen, page = 0, grace.get(OUTBOX)
    while following := re.search(r'rel="next" href="([^"]*)"', page):
        seen += page.count('data-testid="outbox-row"')
        page = grace.get(html.unescape(following[1]))
    assert seen + page.count('data-testid="outbox-row"') == len(world.messages())


def test_a_reason_of_ours_is_said_in_the_language_of_the_page(grace: Desk, world: World) -> None:
    world.join(world.launch(), CAROL)
    with world.writing() as tx:
        tx.execute(Message.__table__.update().values(state="cancelled", last_error="A newer e-mail was asked for."))
    assert "A newer e-mail was asked for." in grace.get(OUTBOX)
    assert "Un e-mail plus récent a été demandé." in grace.get(f"{OUTBOX}?lang=fr")


def test_links_and_codes_are_hidden_until_somebody_presses(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.join(campus, CAROL)
    at = mail_at(world, "confirm", CAROL)
    page = grace.get(at)
    assert "/c/•••" in page
    assert not re.search(r"/c/[\w.-]{20}", page)
    opened = grace.press(at, "/opening").location
    shown = grace.get(opened)
    link = re.search(r'data-testid="mail-link"><code>(/c/[^<]*)', shown)
    assert link
    assert "You see the links and codes of this mail for ten minutes." in shown
    (event,) = world.events("outbox.opened")
    assert event.actor == f"admin:{grace.user.id}"
    followed = grace.press(opened, "/follow", path=link[1])
    assert followed.location == link[1]
    assert len(world.events("outbox.followed")) == 1
    assert grace.client.get(followed.location).status_code in (200, 404)


def test_what_was_shown_is_hidden_again_after_ten_minutes_and_for_others(
    grace: Desk, appoint: Appoint, world: World
) -> None:
    world.join(world.launch(), CAROL)
    at = mail_at(world, "confirm", CAROL)
    opened = grace.press(at, "/opening").location
    assert "/c/•••" in appoint("linus@team.example", Role.ADMIN).get(opened)
    assert "/c/•••" in grace.get(at + "?seen=forged")
    other = world.runtime.tokens.sign_data("see", ["status", "x"])
    assert "/c/•••" in grace.get(f"{at}?seen={other}")
    world.later(minutes=11)
    with world.clock():
        assert "/c/•••" in grace.get(opened)


def test_only_links_of_ours_that_the_mail_has_are_followed(grace: Desk, world: World) -> None:
    world.join(world.launch(), CAROL)
    at = mail_at(world, "confirm", CAROL)
    form = form_of(grace.get(grace.press(at, "/opening").location), "/follow")
    for path in ("", "/admin", "https://elsewhere.example/"):
        response = grace.client.post(form["action"], data=dict(form["fields"]) | {"path": path})
        assert response.status_code == 404


def test_an_analyst_reads_and_opens_nothing(appoint: Appoint, world: World) -> None:
    campus = world.launch()
    world.join(campus, CAROL)
    analyst = appoint("linus@team.example", Role.ANALYST, campus)
    at = mail_at(world, "confirm", CAROL)
    page = analyst.get(at)
    assert "Show its links and codes" not in page
    assert "/c/•••" in page


@pytest.mark.parametrize("settings", [{"WAITLIST_SMTP_URL": "smtp://127.0.0.1:2525"}], indirect=True)
def test_once_a_relay_is_set_nobody_sees_links(grace: Desk, world: World) -> None:
    world.join(world.launch(), CAROL)
    at = mail_at(world, "confirm", CAROL)
    page = grace.get(at)
    assert "Show its links and codes" not in page
    token = re.search(r'name="csrf_token" value="([^"]*)"', grace.get("/admin/account"))[1]
    for action in ("opening", "follow"):
        assert grace.client.post(f"{at}/{action}", data={"csrf_token": token}).status_code == 403
    assert world.events("outbox.opened") == []


def test_a_failed_mail_is_sent_after_all(grace: Desk, world: World) -> None:
    world.join(world.launch(), CAROL)
    at = mail_at(world, "confirm", CAROL)
    with world.writing() as tx:
        tx.execute(Message.__table__.update().values(state="failed", last_error="550 no such user"))
    page = grace.get(at)
    assert "550 no such user" in page
    form = form_of(page, "/retry")
    assert "Queued again." in grace.get(grace.press(at, "/retry").location)
    assert world.messages("confirm")[0].state == "queued"
    again = dict(form["fields"]) | {"form_id": ""}
    assert grace.client.post(form["action"], data=again).location == at + "?done=moved_on"


def test_a_mail_of_another_waitlist_is_unknown_here(grace: Desk, world: World) -> None:
    world.join(world.launch(), CAROL)
    at = mail_at(world, "confirm", CAROL)
    world.launch("beta")
    grace.get(at.replace("/campus/", "/beta/"), status=404)
    grace.get(f"{OUTBOX}/msg_nobody", status=404)


def test_words_that_are_gone_are_said_to_be_gone(grace: Desk, world: World) -> None:
    world.join(world.launch(), CAROL)
    at = mail_at(world, "confirm", CAROL)
    with world.writing() as tx:
        tx.execute(Message.__table__.update().values(state="sent", sent_at=world.now, sealed=None))
    assert "Its words are not kept any more" in grace.get(at)


def test_six_digits_and_typed_codes_are_hidden_too() -> None:
    assert hidden("Your code is 418 207. Or type CAMPUS-7K2P-M9QX-4TB8-WZ.") == "Your code is •••. Or type CAMPUS-•••."
    assert hidden("See http://h.example/w/campus/how-it-works") == "See http://h.example/w/campus/how-it-works"
