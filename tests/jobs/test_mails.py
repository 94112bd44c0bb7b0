"""Mails on their way: from a row of the outbox to a real SMTP server, on good days and bad ones."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.parts import both
from tests.parts.letters import every_kind, stage, write
from tests.parts.smtp import Catcher
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist import envelopes
from waitlist.jobs import mails
from waitlist.mailer import Answer, Verdict
from waitlist.models.hold import Hold
from waitlist.models.message import MailboxChoice, Message
from waitlist.models.wave import Wave
from waitlist.services import choosing, posting, sending, steering
from waitlist.services.choosing import Wants

pytestmark = both


@pytest.fixture
def settings(smtp: Catcher) -> dict[str, str]:
    return {
        "WAITLIST_SMTP_URL": smtp.url,
        "WAITLIST_SMTP_TIMEOUT": "0.6",
        "WAITLIST_LEASE_SECONDS": "5",
        "WAITLIST_MAIL_FROM": "Mail desk <mail@join.example>",
        "WAITLIST_BASE_URL": "https://join.example",
    }


@pytest.fixture
def send(app: Flask, world: World) -> Callable[[], int]:
    """One pass of the worker's mail job, at the world's time."""

    def run() -> int:
        with app.app_context(), world.clock():
            return mails.send(threading.Event())

    return run


def only(world: World) -> Message:
    (message,) = world.messages()
    return message


def test_each_kind_of_mail_reaches_its_reader_with_the_exact_bytes_that_were_kept(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = stage(world)
    for kind in every_kind():
        write(world, launch, kind)
    assert send() == len(every_kind())
    key = world.runtime.sealing_key
    caught = {mail.message["X-Waitlist-Message"]: mail for mail in smtp.caught}
    for message in world.messages():
        assert message.state == "sent"
        assert message.sealed is not None
        mail = caught.pop(message.public_id)
        assert mail.raw == envelopes.read(key, message.public_id, message.sealed)
        assert mail.recipients == (message.to_address,)
        assert mail.sender == "mail@join.example"
        assert mail.message["To"] == message.to_address
    assert caught == {}
    assert send() == 0


def test_a_queue_that_is_held_back_is_looked_at_less_often_but_codes_are_not(
    app: Flask, world: World, smtp: Catcher, send: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mails, "_rest", mails._Rest())
    launch = world.launch(mails_per_hour=60)
    for n in range(4):
        world.invited(launch, f"slow{n}@college.edu")

    def looks() -> bool:
        with app.app_context(), world.reading() as rx:
            return mails.due(rx, world.now)

    assert looks()
    assert send() == 2
    assert not looks()
    world.join(launch, CAROL)
    assert looks()
    monkeypatch.setattr(mails, "_rest", mails._Rest())
    assert looks()


def test_the_settings_link_of_a_mail_names_a_row_that_is_there(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    send()
    (choice,) = world.rows(MailboxChoice)
    assert choice.email_key == BOB
    assert "https://join.example/u/" in smtp.caught[0].message["List-Unsubscribe"]


def test_without_a_relay_mails_wait_in_the_outbox(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    alone = world.runtime.settings.model_copy(update={"smtp_url": None})
    monkeypatch.setitem(
        world.app.extensions, "waitlist", world.runtime.__class__(alone, world.runtime.secrets, world.runtime.tokens)
    )
    with world.app.app_context(), world.clock():
        assert mails.send(threading.Event()) == 0
        assert mails.name_choices(threading.Event()) == 1
        assert mails.name_choices(threading.Event()) == 0
    assert only(world).state == "queued"


def test_a_dead_relay_keeps_the_mail_waiting_and_counts_no_try(
    world: World, smtp: Catcher, send: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    monkeypatch.setitem(vars(world.app.extensions["mail"]), "port", 1)
    assert send() == 0
    assert (only(world).state, only(world).attempts) == ("queued", 0)
    assert "refused" in only(world).last_error
    assert only(world).available_at > world.now
    monkeypatch.undo()
    assert send() == 0  # its time has not come
    world.later(minutes=1)
    assert send() == 1
    assert only(world).last_error == ""


def test_a_silent_relay_is_given_up_in_time(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    smtp.silent = True
    assert send() == 0
    assert (only(world).state, only(world).attempts) == ("queued", 0)
    assert "timed out" in only(world).last_error


def test_a_mail_that_is_deferred_is_tried_again_later_and_later(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    smtp.at_data = "451 4.3.0 Try again"
    send()
    first = only(world)
    assert (first.state, first.attempts, first.last_error) == ("queued", 1, "451 4.3.0 Try again")
    wait = (first.available_at - world.now).total_seconds()
    assert 48 <= wait <= 72
    world.later(minutes=2)
    send()
    again = only(world)
    assert again.attempts == 2
    assert 240 <= (again.available_at - world.now).total_seconds() <= 360
    assert again.sealed == first.sealed
    smtp.at_data = None
    world.later(minutes=10)
    assert send() == 1


def test_a_mail_deferred_for_days_is_given_up_visibly(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch()
    world.invited(launch, BOB, days=90)
    smtp.at_rcpt = "452 4.2.2 Mailbox full"
    for _ in range(20):
        send()
        world.later(hours=20)
    assert only(world).state == "failed"
    assert only(world).attempts == len(sending.STEPS) + 1
    assert only(world).last_error == "452 4.2.2 Mailbox full"
    assert world.events("sending.failed")
    assert world.rows(MailboxChoice, MailboxChoice.bounced_at.is_not(None)) == []


def test_three_mailboxes_full_within_a_week_are_one_bounce(world: World, smtp: Catcher) -> None:
    launch = world.launch()
    for n in range(3):
        with world.writing() as tx:
            posting.enqueue(
                tx, "in_line", str(n), posting.To(BOB, BOB, "en"), world.now, about={"launch_id": launch.id}
            )
    with world.writing() as tx:
        tx.execute(sa.update(Message).values(attempts=len(sending.STEPS)))
        claimed = sending.claim(tx, 3, 60, 36_000, now=world.now)
        for message in claimed.messages:
            sending.finish(tx, claimed.lease, message, Answer(Verdict.LATER, "452 full", True), 60, now=world.now)
    assert [message.state for message in world.messages()] == ["failed"] * 3
    assert world.rows(MailboxChoice, MailboxChoice.launch_id.is_(None))[0].bounced_at == world.now


def test_an_address_that_is_refused_for_good_is_marked_and_shown(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    world.invited(launch, CAROL)
    smtp.at_rcpt, smtp.only = "550 5.1.1 No such user", BOB
    assert send() == 1
    bob, carol = world.messages()
    assert (bob.state, bob.last_error) == ("failed", "550 5.1.1 No such user")
    assert carol.state == "sent"
    (mark,) = world.rows(MailboxChoice, MailboxChoice.bounced_at.is_not(None))
    assert (mark.launch_id, mark.email_key) == (None, BOB)
    smtp.clear()
    other = world.launch("other")
    world.invited(other, BOB)
    assert send() == 0
    assert (world.messages()[-1].state, world.messages()[-1].last_error) == ("held", "The address bounced.")


def test_a_bounced_mailbox_that_takes_a_mail_somebody_asked_for_is_well_again(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    with world.writing() as tx:
        choosing.bounce(tx, None, CAROL, CAROL, now=world.now)
    world.join(launch, CAROL)
    assert send() == 1
    assert world.rows(MailboxChoice, MailboxChoice.bounced_at.is_not(None)) == []


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ("554 5.7.1 Relaying denied", "failed"),
        ("530 5.7.0 Authentication required", "queued"),
        ("421 4.3.2 Shutting down", "queued"),
    ],
)
def test_the_relays_own_trouble_marks_no_address(
    world: World, smtp: Catcher, send: Callable[[], int], answer: str, state: str
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    smtp.at_rcpt = answer
    send()
    assert (only(world).state, only(world).last_error) == (state, answer)
    assert world.rows(MailboxChoice, MailboxChoice.bounced_at.is_not(None)) == []


def test_a_refused_text_fails_and_can_be_sent_again_with_the_same_bytes(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    smtp.at_data = "554 5.6.0 Not liked"
    send()
    failed = only(world)
    assert (failed.state, failed.last_error) == ("failed", "554 5.6.0 Not liked")
    smtp.clear()
    with world.writing() as tx:
        sending.retry(tx, failed.public_id, actor=TEAM, now=world.now)
    assert send() == 1
    assert smtp.caught[0].raw == envelopes.read(world.runtime.sealing_key, failed.public_id, failed.sealed or b"")
    with pytest.raises(sending.NotRetryable), world.writing() as tx:
        sending.retry(tx, failed.public_id, actor=TEAM, now=world.now)
    with pytest.raises(LookupError), world.writing() as tx:
        sending.retry(tx, "msg_unknown", actor=TEAM, now=world.now)


def test_a_relay_that_hangs_up_after_the_text_gets_the_same_bytes_again(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    smtp.hang_up = True
    assert send() == 0
    assert (only(world).state, only(world).attempts) == ("queued", 1)
    smtp.hang_up = False
    world.later(minutes=2)
    assert send() == 1
    first, second = smtp.caught
    assert first.raw == second.raw


def test_who_unsubscribed_after_the_mail_was_queued_gets_nothing_and_the_outbox_says_so(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    with world.writing() as tx:
        box = posting.choice_for(tx, launch.id, BOB, BOB, world.now)
        choosing.choose(tx, launch, box, Wants.NOTHING, actor=TEAM, now=world.now)
    assert send() == 0
    assert (only(world).state, only(world).last_error) == ("held", "Unsubscribed from everything.")
    assert smtp.caught == []


def test_a_mail_that_was_overtaken_is_cancelled_with_its_reason(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.waiting(launch, CAROL)
    assert send() == 1
    confirm, in_line = world.messages()
    assert (confirm.state, confirm.last_error) == ("cancelled", "The person has answered already.")
    assert in_line.state == "sent"


def test_a_mail_that_cannot_be_written_fails_alone(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    world.invited(launch, CAROL)
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.to_key == BOB).values(to_address="bob@college.edu\r\nBcc: x@y.org"))
    assert send() == 1
    bob, _ = world.messages()
    assert bob.state == "failed"
    assert bob.last_error.startswith("It could not be written: ")
    assert len(smtp.caught) == 1


def test_an_address_with_a_line_break_is_never_a_command_and_keeps_nobody_waiting(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    smtp.at_data = "451 Later"
    send()  # its bytes are kept from now on
    smtp.clear()
    world.invited(launch, CAROL)
    world.later(minutes=2)
    with world.writing() as tx:
        bad = {"to_address": "bob@college.edu>\r\nRCPT TO:<eve@x.org"}
        tx.execute(sa.update(Message).where(Message.to_key == BOB).values(bad))
    assert send() == 1
    bob, carol = world.messages()
    assert (bob.state, carol.state) == ("failed", "sent")
    assert bob.last_error.startswith("This is no address")
    assert [mail.recipients for mail in smtp.caught] == [(CAROL,)]


def test_a_mail_of_a_kind_that_nobody_knows_fails_alone(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch()
    for address in (ALICE, BOB, CAROL):
        world.invited(launch, address)
    with world.writing() as tx:
        tx.execute(sa.update(Message).where(Message.to_key == BOB).values(kind="of another version"))
    assert send() == 2
    assert [(m.state, m.last_error) for m in world.messages()] == [
        ("sent", ""),
        ("failed", "It could not be written: 'of another version'"),
        ("sent", ""),
    ]


def test_bytes_that_were_kept_under_another_key_are_not_sent(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    with world.writing() as tx:
        tx.execute(sa.update(Message).values(sealed=envelopes.close(b"x" * 32, "msg_x", b"hi")))
    assert send() == 0
    assert only(world).state == "failed"
    assert "another key" in only(world).last_error


def test_what_a_person_waits_for_leaves_before_a_wave(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch()
    world.crowd(launch, 5)
    world.release(launch, 5)
    world.join(launch, "late@college.edu")
    send()
    asked = [mail.subject.startswith("Confirm") for mail in smtp.caught]
    assert asked[0] is True
    assert sum(asked) == 1


def test_a_launch_sends_at_its_own_pace_and_codes_pass_it(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch(mails_per_hour=60)
    free = world.launch("free")
    for n in range(4):
        world.invited(launch, f"slow{n}@college.edu")
        world.invited(free, f"quick{n}@college.edu")
    world.join(launch, "code@college.edu")
    send()
    assert sorted(mail.recipients[0] for mail in smtp.caught) == [
        "code@college.edu",
        "quick0@college.edu",
        "quick1@college.edu",
        "quick2@college.edu",
        "quick3@college.edu",
        "slow0@college.edu",
    ]
    smtp.clear()
    world.later(seconds=30)
    send()
    assert smtp.caught == []
    world.later(minutes=2)
    send()
    assert [mail.recipients[0] for mail in smtp.caught] == ["slow1@college.edu", "slow2@college.edu"]


class TestHostPace:
    """The whole host's pace."""

    @pytest.fixture
    def settings(self, smtp: Catcher) -> dict[str, str]:
        return {"WAITLIST_SMTP_URL": smtp.url, "WAITLIST_MAILS_PER_HOUR": "120"}

    def test_the_host_never_sends_more_than_its_pace(
        self, world: World, smtp: Catcher, send: Callable[[], int]
    ) -> None:
        launch = world.launch()
        for n in range(8):
            world.join(launch, f"person{n}@college.edu")
        assert send() == 3  # a minute's worth at once, and one for the moment itself
        assert send() == 0
        world.later(seconds=30)
        assert send() == 1
        world.later(hours=1)
        assert send() == 3


def test_no_invite_leaves_while_the_launch_is_paused(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    world.join(launch, CAROL)
    hold = {"public_id": "hol_1", "launch_id": launch.id, "scope": "launch", "effect": ["admit", "redeem"]}
    hold |= {"source": "admin", "reason": "tea", "created_at": world.now, "created_by": str(TEAM)}
    with world.writing() as tx:
        tx.execute(sa.insert(Hold).values(hold))
    assert send() == 1
    assert smtp.to(BOB) == []
    with world.writing() as tx:
        tx.execute(sa.update(Hold).values(released_at=world.now))
    assert send() == 1
    assert len(smtp.to(BOB)) == 1


def test_a_paused_waves_mails_wait_for_it(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch()
    world.crowd(launch, 2)
    wave = world.release(launch, 2)
    with world.writing() as tx:
        tx.execute(sa.delete(Message).where(Message.kind != "invite"))
        tx.execute(sa.update(Wave).where(Wave.id == wave.id).values(state="releasing"))
        steering.pause(tx, launch, wave.id, reason="wait", actor=TEAM, now=world.now)
    assert send() == 0
    with world.writing() as tx:
        steering.resume(tx, launch, wave.id, actor=TEAM, now=world.now)
    assert send() == 2


def test_a_worker_that_is_asked_to_stop_lets_go_of_what_it_had(
    app: Flask, world: World, smtp: Catcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = world.launch()
    for n in range(4):
        world.invited(launch, f"person{n}@college.edu")
    stop = threading.Event()
    accept = smtp.handle_DATA

    async def stop_after_one(*words: object) -> str:
        stop.set()
        return await accept(*words)  # type: ignore[arg-type]

    monkeypatch.setattr(type(smtp), "handle_DATA", lambda self, *words: stop_after_one(*words))
    with app.app_context(), world.clock():
        assert mails.send(stop) == 1
    states = [(message.state, message.attempts, message.lease) for message in world.messages()]
    assert states == [("sent", 1, None)] + [("queued", 0, None)] * 3


def test_a_relay_that_dies_in_the_middle_leaves_the_rest_waiting(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    for n in range(3):
        world.invited(launch, f"person{n}@college.edu")
    smtp.at_rcpt, smtp.only = "421 4.3.2 Shutting down", "person1@college.edu"
    assert send() == 1
    assert [(m.state, m.attempts) for m in world.messages()] == [("sent", 1), ("queued", 0), ("queued", 0)]


def test_a_lease_that_ran_out_while_transmitting_is_sent_again_with_the_same_bytes(
    world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    send()
    sent = only(world)
    with world.writing() as tx:  # as if the power went between the relay's 250 and our commit
        back = {"state": "transmitting", "lease": "dead", "lease_until": world.now, "sent_at": None}
        tx.execute(sa.update(Message).values(back))
    assert send() == 1
    first, second = smtp.caught
    assert first.raw == second.raw
    assert only(world).sealed == sent.sealed
    assert only(world).attempts == 2


def test_a_lease_that_was_lost_ends_nothing(world: World) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    with world.writing() as tx:
        slow = sending.claim(tx, 5, 10, 36_000, now=world.now)
        assert sending.claim(tx, 5, 10, 36_000, now=world.now).messages == []
    world.later(seconds=11)
    with world.writing() as tx:
        quick = sending.claim(tx, 5, 10, 36_000, now=world.now)
        (message,) = quick.messages
        assert sending.renew(tx, slow.lease, 10, now=world.now)[1] == set()
        assert sending.begin(tx, slow.lease, {message.id: b"x"}, now=world.now) == {}
        assert sending.begin(tx, quick.lease, {message.id: b"y"}, now=world.now) == {message.id: b"y"}
        accepted = Answer(Verdict.ACCEPTED)
        assert sending.finish(tx, slow.lease, message, accepted, 60, now=world.now) is None
        refused = Answer(Verdict.REFUSED, "550 no", True)
        assert sending.finish(tx, slow.lease, message, refused, 60, now=world.now) is None
        assert sending.put_back(tx, slow.lease, [message.id], "", 0, now=world.now) is None
        later, held = sending.renew(tx, quick.lease, 60, now=world.now)
        assert held == {message.id}
        assert sending.finish(tx, later, message, accepted, 60, now=world.now) == "sent"
    assert world.rows(MailboxChoice, MailboxChoice.bounced_at.is_not(None)) == []


def test_a_batch_longer_than_its_lease_is_renewed_mail_by_mail(
    app: Flask, world: World, smtp: Catcher, send: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = world.launch()
    for n in range(6):
        world.invited(launch, f"person{n}@college.edu")
    with app.app_context():
        instant = {"lease_seconds": 0.7, "smtp_timeout": 0.69}
        runtime = world.runtime
        brief = runtime.__class__(runtime.settings.model_copy(update=instant), runtime.secrets, runtime.tokens)
        monkeypatch.setitem(app.extensions, "waitlist", brief)
        assert mails.send(threading.Event()) == 6
    assert {message.state for message in world.messages()} == {"sent"}
    assert len(smtp.caught) == 6


def test_what_has_not_left_can_be_taken_back(world: World, smtp: Catcher, send: Callable[[], int]) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    send()
    world.invited(launch, CAROL)
    with world.writing() as tx:
        assert sending.cancel(tx, Message.launch_id == launch.id, why="Recalled.", now=world.now) == 1
    assert [message.state for message in world.messages()] == ["sent", "cancelled"]
    assert send() == 0


def test_the_text_of_a_mail_is_forgotten_thirty_days_after_it_left(
    app: Flask, world: World, smtp: Catcher, send: Callable[[], int]
) -> None:
    launch = world.launch()
    world.invited(launch, BOB)
    send()
    world.later(days=29)
    with app.app_context(), world.clock():
        assert mails.forget(threading.Event()) == 0
    world.later(days=2)
    with app.app_context(), world.clock():
        assert mails.forget(threading.Event()) == 1
    assert only(world).sealed is None
    assert only(world).state == "sent"


def test_a_mailbox_outside_ascii_is_reached_where_the_relay_can(
    world: World, smtp: Catcher, send: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    launch = world.launch()
    world.invited(launch, "zoë@college.edu")
    assert send() == 1
    assert smtp.caught[0].recipients == ("zoë@college.edu",)
    assert smtp.caught[0].message["To"] == "zoë@college.edu"
