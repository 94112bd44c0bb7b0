"""The mails' job: claim, render, note that they leave, hand them over one by one, note how each ended.

Between two of these steps the power may go. What was claimed is claimed again; what was noted as leaving goes out
again with the same bytes; and since each end is committed before the next mail begins, at most one is sent twice.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app

from waitlist import clock, envelopes, failpoints
from waitlist.db import Tx, reading
from waitlist.jobs.loop import step
from waitlist.mailer import Answer, Mailer, Verdict
from waitlist.models.message import Message, MessageState
from waitlist.queries.letter import UNWRITABLE, Gathered, gather
from waitlist.rendering import render
from waitlist.runtime import runtime
from waitlist.services import sending
from waitlist.services.sending import Claimed, Lease

BATCH = 50
FORGETS = 1_000  # rows in one step
RESTS = 3.0  # seconds between two looks at a queue that its pace or a pause holds back

log = logging.getLogger("waitlist.jobs")


@dataclass
class _Rest:
    """Until when this process looks for urgent mail only: whatever else waits was not allowed to leave just now."""

    until: float = 0.0


_rest = _Rest()


def due(rx: Tx, now: datetime) -> bool:
    if runtime().settings.smtp_url is None:
        return False
    return sending.due(rx, now, urgent=time.monotonic() < _rest.until)


def send(stop: threading.Event) -> int:
    """Send what may leave now; without a relay nothing does, and the outbox keeps it. Returns how many were sent."""
    settings = runtime().settings
    if settings.smtp_url is None:
        return 0
    mailer = Mailer(current_app._get_current_object(), settings, runtime().stationery)  # type: ignore[attr-defined]
    sent = 0
    try:
        while not stop.is_set():
            batch = _claim()
            if not batch.messages:
                break
            n, reached = _send(mailer, batch, stop)
            sent += n
            if not reached:
                break
    finally:
        mailer.close()
    return sent


def unnamed(rx: Tx, now: datetime) -> bool:
    return runtime().settings.smtp_url is None and sending.without_choices(rx, now, limit=1) != []


def name_choices(_stop: threading.Event) -> int:
    """While mails only stand in the outbox, let their settings links work all the same."""
    if runtime().settings.smtp_url is not None:
        return 0
    return step(
        lambda tx: sending.make_choices(tx, sending.without_choices(tx, clock.now(), limit=FORGETS), clock.now())
    )


def forget(stop: threading.Event) -> int:
    """Drop the rendered bytes of mails that were done with 30 days ago."""
    dropped = 0
    while not stop.is_set() and (n := step(lambda tx: sending.drop_rendered(tx, clock.now(), FORGETS))):
        dropped += n
    return dropped


def _claim() -> Claimed:
    settings = runtime().settings
    with reading() as rx:
        if not sending.due(rx, clock.now()):
            return Claimed(Lease("", clock.now()), [])
    claimed = step(
        lambda tx: sending.claim(tx, BATCH, settings.lease_seconds, settings.mails_per_hour, now=clock.now())
    )
    if not claimed.messages:
        _rest.until = time.monotonic() + RESTS
    return claimed


def _send(mailer: Mailer, batch: Claimed, stop: threading.Event) -> tuple[int, bool]:
    """How many of a batch were sent, and whether the relay could be reached."""
    trouble = mailer.open()
    if trouble is not None:
        _let_go(batch.lease, batch.messages, trouble.words)
        return 0, False
    contents = _begin(batch)
    lease, sent = batch.lease, 0
    todo = [message for message in batch.messages if message.id in contents]
    for n, message in enumerate(todo):
        lease, ours = _still(lease, message)
        if stop.is_set():
            _let_go(lease, todo[n:], "")
            break
        if not ours:
            continue
        answer = _deliver(mailer, message, contents[message.id])
        state = _finish(lease, message, answer)
        sent += state is MessageState.SENT
        if answer.verdict is Verdict.UNREACHABLE:
            _let_go(lease, todo[n + 1 :], answer.words)
            return sent, False
    return sent, True


def _begin(batch: Claimed) -> dict[int, bytes]:
    """The closed envelopes of the mails that go out now; the others of the batch are held or cancelled."""
    with reading() as rx:
        gathered = gather(rx, batch.messages, runtime().stationery, clock.now())
    stopped: list[tuple[int, MessageState, str]] = []
    sealed: dict[int, bytes] = {}
    for message in batch.messages:
        reason = _stopped(gathered[message.id])
        if reason is None:
            try:
                sealed[message.id] = _content(message, gathered[message.id])
                continue
            except Exception as error:
                reason = _unwritable(message, error)
        stopped.append((message.id, *reason))

    def note(tx: Tx) -> dict[int, bytes]:
        now = clock.now()
        for message_id, state, why in stopped:
            sending.set_aside(tx, batch.lease, message_id, state, why, now=now)
        begun = sending.begin(tx, batch.lease, sealed, now=now)
        failpoints.reached("mail.before_commit")
        return begun

    begun = step(note)
    failpoints.reached("mail.after_commit")
    return begun


def _unwritable(message: Message, error: Exception) -> tuple[MessageState, str]:
    log.error("message %s (%s) cannot be written", message.public_id, message.kind, exc_info=error)
    return MessageState.FAILED, f"{UNWRITABLE}: {error}"


def _stopped(found: Gathered) -> tuple[MessageState, str] | None:
    if found.fault:
        return MessageState.FAILED, found.fault
    if found.obsolete:
        return MessageState.CANCELLED, found.obsolete
    return (MessageState.HELD, found.held) if found.held else None


def _content(message: Message, found: Gathered) -> bytes:
    """The envelope that was kept at the first try, or a new one."""
    if message.sealed is not None:
        return message.sealed
    assert found.letter is not None, "what cannot be written any more was cancelled"
    stationery = runtime().stationery
    return envelopes.close(stationery.sealing_key, message.public_id, render(found.letter, stationery))


def _still(lease: Lease, message: Message) -> tuple[Lease, bool]:
    """The lease, made longer when it could end during the next try, and whether the message is still ours."""
    settings = runtime().settings
    now = clock.now()
    if now + timedelta(seconds=settings.smtp_timeout) * 1.05 < lease.until:
        return lease, True
    renewed, held = step(lambda tx: sending.renew(tx, lease, settings.lease_seconds, now=now))
    return renewed, message.id in held


def _deliver(mailer: Mailer, message: Message, closed: bytes) -> Answer:
    try:
        content = envelopes.read(runtime().sealing_key, message.public_id, closed)
    except envelopes.Unreadable:
        return Answer(Verdict.REFUSED, "Its kept text was sealed by another key; send it again from the outbox.")
    return mailer.deliver(message.to_address, content)


def _finish(lease: Lease, message: Message, answer: Answer) -> MessageState | None:
    failpoints.reached("mail.before_sent")
    retry = runtime().settings.retry_seconds
    state = step(lambda tx: sending.finish(tx, lease, message, answer, retry, now=clock.now()))
    failpoints.reached("mail.after_sent")
    return state


def _let_go(lease: Lease, messages: Sequence[Message], why: str) -> None:
    ids = [message.id for message in messages]
    if ids:
        delay = runtime().settings.retry_seconds / 4 if why else 0
        step(lambda tx: sending.put_back(tx, lease, ids, why, delay, now=clock.now()))
