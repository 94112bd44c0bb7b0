"""The outbox as an operator reads it, with and without a relay."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.parts.letters import stage, write
from tests.parts.smtp import Catcher
from tests.world import BOB, CAROL, World
from waitlist.jobs import mails
from waitlist.models.message import MailboxChoice, Message
from waitlist.queries import outbox
from waitlist.queries.outbox import Item, Opened, Wanted

pytestmark = both


@pytest.fixture
def settings(smtp: Catcher) -> dict[str, str]:
    return {"WAITLIST_SMTP_URL": smtp.url}


def listed(world: World, limit: int = 50, **wanted: object) -> list[Item]:
    with world.reading() as rx:
        return outbox.listed(rx, Wanted(**wanted), world.runtime.stationery, now=world.now, limit=limit)  # type: ignore[arg-type]


def opened(world: World, public_id: str) -> Opened | None:
    with world.reading() as rx:
        return outbox.opened(rx, public_id, world.runtime.stationery, now=world.now)


def send(world: World) -> None:
    with world.app.app_context(), world.clock():
        mails.send(threading.Event())


def test_a_mail_that_never_left_can_be_read_and_its_links_followed(world: World) -> None:
    launch = world.launch()
    world.join(launch, CAROL)
    (item,) = listed(world)
    assert (item.to, item.template, item.state) == (CAROL, "confirm", "queued")
    assert item.subject == "Confirm your place on the Campus waitlist"
    assert item.links[0].startswith("http://127.0.0.1:8000/c/")
    mail = opened(world, item.id)
    assert mail is not None
    assert mail.kept is False
    assert dict(mail.headers)["To"] == CAROL
    assert item.links[0] in mail.text
    assert item.links[0] in mail.html
    assert world.rows(MailboxChoice) == []  # nothing was written by looking


def test_a_mail_that_left_is_shown_as_the_bytes_that_left(world: World, smtp: Catcher) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    send(world)
    (item,) = listed(world)
    assert (item.state, item.attempts, item.why) == ("sent", 1, "")
    assert item.sent_at == world.now
    mail = opened(world, item.id)
    assert mail is not None
    assert mail.kept is True
    assert mail.text == smtp.caught[0].text.replace("\r\n", "\n")
    assert mail.html == smtp.caught[0].html.replace("\r\n", "\n")


def test_a_mail_of_which_nothing_is_kept_has_a_row_and_no_words(world: World, smtp: Catcher) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    send(world)
    with world.writing() as tx:
        tx.execute(sa.update(Message).values(sealed=None))
    (item,) = listed(world)
    assert (item.subject, item.links) == ("", [])
    mail = opened(world, item.id)
    assert mail is not None
    assert (mail.text, mail.html, mail.headers) == ("", "", ())


def test_bytes_of_another_installation_are_not_shown(world: World) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    with world.writing() as tx:
        tx.execute(sa.update(Message).values(sealed=b"somebody else's"))
    assert listed(world)[0].subject == ""


def test_a_mail_that_cannot_be_written_is_listed_without_words(world: World) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    with world.writing() as tx:
        tx.execute(sa.update(Message).values(to_address="bob@college.edu\r\nBcc: eve@x.org"))
    assert listed(world)[0].subject == ""


def test_a_mail_of_a_kind_that_nobody_knows_hides_no_other(world: World) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    world.invited(launch, CAROL)
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.to_key == BOB).values(kind="of another version"))
    carol, bob = listed(world)
    assert carol.subject == "Your invite to Campus is ready"
    assert (bob.subject, bob.why) == ("", "It could not be written: 'of another version'")


def test_the_outbox_says_why_a_mail_will_not_leave(world: World) -> None:
    launch = world.launch()
    world.waiting(launch, CAROL)
    confirm, in_line = listed(world, newest_first=False)
    assert confirm.why == "The person has answered already."
    assert confirm.links != []
    assert in_line.why == ""


def test_an_unknown_mail_is_nothing(world: World) -> None:
    assert opened(world, "msg_unknown") is None


def test_a_long_outbox_is_read_page_by_page_and_narrowed(world: World) -> None:
    launch, other = world.launch(), world.launch("other")
    for n in range(5):
        world.join(launch, f"person{n}@college.edu")
    world.join(other, CAROL)
    newest = listed(world, limit=2)
    assert [item.to for item in newest] == [CAROL, "person4@college.edu"]
    assert [item.to for item in listed(world, limit=2, beyond=newest[-1].row)] == [
        "person3@college.edu",
        "person2@college.edu",
    ]
    oldest = listed(world, limit=2, newest_first=False)
    assert [item.to for item in oldest] == ["person0@college.edu", "person1@college.edu"]
    assert [item.to for item in listed(world, limit=1, newest_first=False, beyond=oldest[-1].row)] == [
        "person2@college.edu"
    ]
    assert [item.to for item in listed(world, launch_id=other.id)] == [CAROL]
    assert [item.to for item in listed(world, to="person1@college.edu")] == ["person1@college.edu"]
    assert listed(world, states=["sent"]) == []
    assert len(listed(world, kind="confirm", states=["queued", "held"])) == 6
    with world.reading() as rx:
        assert outbox.counted(rx) == {"queued": 6}
        assert outbox.counted(rx, other.id) == {"queued": 1}


def test_every_kind_of_mail_can_be_read_before_it_leaves(world: World) -> None:
    launch = stage(world)
    write(world, launch, "member_invite")
    write(world, launch, "test")
    first, second = listed(world, newest_first=False)
    assert first.subject == "Alice Archer invited you to Campus"
    assert (second.subject, second.launch_id) == ("A test from your waitlist service", None)
