"""The step "Check": the mail as each person would get it, a test to oneself, and what to mend first."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.web.admin.conftest import GRACE, Appoint, Desk
from tests.web.admin.test_waves import draft, release, where
from tests.world import World
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.message import MailboxChoice, Message
from waitlist.models.wave import Wave
from waitlist.queries import outbox
from waitlist.services import sending
from waitlist.web.admin.outbox import hidden

WAVES = "/admin/w/campus/waves"


def shown_text(page: str) -> str:
    found = re.search(r'data-testid="mail-text"[^>]*>(.*?)</pre>', page, re.S)
    assert found is not None, page
    return unescape(found[1])


def without_ids(text: str) -> str:
    """Without what is made for one row alone: hidden tokens and codes, and a referral slug."""
    return re.sub(r"•••", "", text)


def test_the_preview_is_what_is_sent_apart_from_the_tokens(grace: Desk, world: World) -> None:
    campus = world.launch(tz="Europe/Paris")
    world.crowd(campus, 9)
    with world.clock():
        at = draft(grace, n="2")
        page = grace.get(f"{at}/check?n=2")
        html = grace.get(f"{at}/check/mail?n=2")
        release(grace, at, hold="0")
        world.deliver(campus, world.rows(Wave)[0])
        with world.writing() as tx:
            sending.make_choices(tx, world.messages("invite"), world.now)
        with world.reading() as rx:
            sent = outbox.opened(rx, world.messages("invite")[1].public_id, world.runtime.stationery, now=world.now)
    assert grace.client.get(f"{at}/people").location == at, "whom it would invite now are not those whom it invited"
    assert sent is not None
    assert sent.item.to == "person2@college.edu"
    assert without_ids(shown_text(page)) == without_ids(hidden(sent.text))
    assert without_ids(html).strip() == without_ids(hidden(sent.html)).strip()
    assert sent.item.subject in page


def test_any_recipient_can_be_turned_to_and_found(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace, kind="listed", list="vip@college.edu, person7@college.edu") + "/check"
    assert "Person 1 of 2: person7@college.edu" in grace.get(at)
    last = grace.get(at + "?n=99")
    assert "Person 2 of 2: vip@college.edu" in last
    assert 'rel="prev"' in last
    assert 'rel="next"' not in last
    assert "Person 2 of 2: vip@college.edu" in grace.get(at + "?q=VIP")
    assert "Person 1 of 2: person7@college.edu" in grace.get(at + "?q=person7")
    assert "Nobody of this wave has these words" in grace.get(at + "?q=person3")
    grace.get(at + "/mail?q=person3", status=404)


def test_the_html_part_stands_in_a_frame_in_which_nothing_runs(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    answer = grace.client.get(draft(grace) + "/check/mail")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "•••" in answer.text


def test_a_test_is_a_marked_mail_that_lets_nobody_in(grace: Desk, world: World) -> None:
    campus = world.launch(seats=5)
    world.crowd(campus, 9)
    at = draft(grace)
    page = where(grace, grace.press(f"{at}/check", "/check/test").location)
    assert f"A test is on its way to {GRACE}, marked [TEST]." in page
    (message,) = world.messages("wave_test")
    assert (message.to_address, message.priority, message.wave_id) == (GRACE, 0, None)
    with world.reading() as rx:
        sent = outbox.opened(rx, message.public_id, world.runtime.stationery, now=world.now)
    assert sent is not None
    assert sent.item.subject == "[TEST] Your invite to Campus is ready"
    assert "This is a test of the invite that people will get." in sent.text
    link = next(link for link in sent.item.links if "/i/" in link)
    assert world.app.test_client().get(link.removeprefix(world.runtime.settings.base_url)).status_code == 404
    assert world.seats(campus) == 0
    assert len(world.events("releasing.tried")) == 1


def test_warnings_name_what_to_mend(grace: Desk, world: World) -> None:
    campus = world.launch(mails_per_hour=2)
    world.crowd(campus, 4)
    page = grace.get(draft(grace, n="3") + "/check")
    for word in ("no_smtp", "http", "slow", "nameless", "quarter"):
        assert f'data-testid="warning-{word}"' in page, word
    assert "The name is empty for 3 people." in page
    assert 'data-testid="warning-trouble"' not in page


def test_a_wave_whose_mails_failed_is_named_before_the_next(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 20)
    world.release(campus, 1)
    with world.writing() as tx:
        tx.execute(Message.__table__.update().where(Message.kind == "invite").values(state="failed"))
    page = grace.get(draft(grace, n="1") + "/check")
    assert "The wave before this one has mails that did not arrive, or stands still." in page
    assert ">Wave 1</a>" in page


def test_who_may_not_read_addresses_sees_numbers_only(grace: Desk, appoint: Appoint, world: World) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace)
    page = where(appoint("linus@team.example", Role.VIEWER), at)
    assert 'data-testid="will-invite">2<' in page
    assert "person1@college.edu" not in page
    assert "Send me a test" not in page


def test_a_sample_and_held_back_seats_have_their_rows(grace: Desk, world: World) -> None:
    world.crowd(world.launch(seats=9), 9)
    page = grace.get(draft(grace, kind="filter", sample="4", hold_back="6") + "/check")
    assert "a random sample of 4" in page
    assert "Skip: not drawn" in page
    assert "Over the seats (9 left of 9, 6 held back)" in page
    assert 'data-testid="will-invite">3<' in page


def test_count_says_how_many_and_keeps_nothing(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    response = grace.press(f"{WAVES}/new", status=200, kind="first", n="7", count="yes")
    assert "<strong>7 people</strong>" in response.text
    assert world.rows(Wave) == []
    at = draft(grace)
    again = grace.press(f"{at}/audience", status=200, kind="first", n="1", count="yes").text
    assert "<strong>1 person</strong>" in again
    assert world.rows(Wave)[0].params["audience"]["n"] == 2
    assert "Enter how many" in grace.press(f"{at}/audience", status=422, n="", count="yes").text


def test_people_whose_language_no_mail_has_get_the_one_that_was_chosen(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    with world.writing() as tx:
        tx.execute(Entry.__table__.update().where(Entry.email_key == "person1@college.edu").values(language="de"))
    at = draft(grace, language="fr")
    assert "Votre invitation à Campus est prête" in shown_text(grace.get(f"{at}/check"))
    release(grace, at, hold="0")
    world.later(minutes=1)
    world.deliver(campus, world.rows(Wave)[0])
    assert sorted(message.language for message in world.messages("invite")) == ["en", "fr"]


@pytest.mark.parametrize("state", ["waits", "bounced"])
def test_what_failed_is_tried_again_unless_the_mailbox_is_gone(grace: Desk, world: World, state: str) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    wave = world.release(campus, 2)
    with world.writing() as tx:
        tx.execute(Message.__table__.update().where(Message.kind == "invite").values(state="sent"))
        first = Message.to_key == "person1@college.edu"
        tx.execute(Message.__table__.update().where(Message.kind == "invite", first).values(state="failed"))
        if state == "bounced":
            row = {"public_id": "box_x", "launch_id": None, "email": "x", "email_key": "person1@college.edu"}
            tx.execute(MailboxChoice.__table__.insert().values(changed_at=world.now, bounced_at=world.now, **row))
    at = f"{WAVES}/{wave.public_id}"
    page = where(grace, at)
    if state == "bounced":
        assert "1 of 2 invites sent, 1 bounced, 0 failed" in page
        assert "Retry" not in page
        return
    assert "1 of 2 invites sent, 0 bounced, 1 failed" in page
    assert "Retry 1 failed" in page
    grace.press(f"{at}/result", "/retry")
    assert [message.state for message in world.messages("invite")] == ["queued", "sent"]
    assert 'data-state="releasing"' in where(grace, at)
