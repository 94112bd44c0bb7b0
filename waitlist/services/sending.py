"""Sending: who is next, for how long a worker has them, and how each mail ended.

queued -> leased -> transmitting -> sent | failed | held | cancelled. A lease is a claim with an end: whoever lets one
run out loses it, and the mail goes out again with the bytes that were kept before its first try.
"""

import random
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist import codes, failpoints
from waitlist.actors import WORKER, Actor
from waitlist.db import Tx, insert, one, some
from waitlist.letters import LAST, URGENT
from waitlist.mailer import Answer, Verdict
from waitlist.models.message import MailboxChoice, Message, MessageState
from waitlist.services import choosing, pacing
from waitlist.services.recording import record

# How often a deferred mail is tried, in steps of `retry_seconds`: with the default of a minute, about three days.
STEPS = (1, 5, 15, 30, 60, 120, 240, 480, 720, 720, 720, 720)
KEPT = timedelta(days=30)  # rendered bytes, after the mail was done with
BUSY = (MessageState.LEASED, MessageState.TRANSMITTING)
CLOSED = (MessageState.FAILED, MessageState.HELD, MessageState.CANCELLED)


@dataclass(frozen=True)
class Lease:
    """A worker's claim on some messages: its token and when it ends."""

    token: str
    until: datetime


@dataclass(frozen=True)
class Claimed:
    """Messages that nobody else sends while the lease lasts, in the order they should leave."""

    lease: Lease
    messages: Sequence[Message]


class NotRetryable(Exception):
    """The message is on its way or sent; sending it again would double it."""


def due(rx: Tx, now: datetime, *, urgent: bool = False) -> bool:
    """Whether there is anything to claim, as far as a look without a lock can tell; `urgent`: that people wait for."""
    waiting = sa.exists().where(Message.state == MessageState.QUEUED, Message.available_at <= now)
    waiting = waiting.where(Message.priority == 0) if urgent else waiting
    return rx.scalar(sa.select(sa.or_(waiting, sa.exists().where(_run_out(now))))) in (True, 1)


def claim(tx: Tx, n: int, seconds: float, per_hour: int, *, now: datetime) -> Claimed:
    """Take up to `n` messages that may leave now: first those whose lease ran out, then what people wait for.

    `per_hour` is the host's pace. Each mailbox's row of choices exists from here on, so that its mail can name it.
    """
    lease = Lease(secrets.token_hex(12), now + timedelta(seconds=seconds))
    taken = _take(tx, lease, n, (_run_out(now),), now)
    waiting = (Message.state == MessageState.QUEUED, Message.available_at <= now)
    for allowance in pacing.open_accounts(tx, per_hour, now):
        room = min(n - len(taken), allowance.left)
        if room > 0:
            fresh = _take(tx, lease, room, (*waiting, *allowance.scope), now)
            pacing.charge(tx, allowance, [message.launch_id for message in fresh])
            taken += fresh
    make_choices(tx, taken, now)
    failpoints.reached("mail.claimed_before_commit")
    taken.sort(key=lambda message: (message.priority, message.available_at, message.id))
    return Claimed(lease, taken)


def without_choices(rx: Tx, now: datetime, *, limit: int) -> Sequence[Message]:
    """Waiting messages whose mailbox has no row of choices yet, while no claim makes one."""
    has_one = sa.exists().where(MailboxChoice.launch_id == Message.launch_id, MailboxChoice.email_key == Message.to_key)
    waiting = sa.and_(Message.state == MessageState.QUEUED, Message.available_at <= now)
    query = sa.select(Message).where(waiting, Message.launch_id.is_not(None), Message.kind.not_in(LAST), ~has_one)
    return some(rx, query.order_by(Message.id).limit(limit))


def make_choices(tx: Tx, messages: Sequence[Message], now: datetime) -> int:
    """Make the row that each mail's settings link names, one for a mailbox and launch; returns for how many."""
    boxes = {(m.launch_id, m.to_key): m.to_address for m in messages if m.launch_id is not None and m.kind not in LAST}
    rows: list[dict[str, Any]] = [
        {
            "public_id": codes.random_id("box"),
            "launch_id": launch_id,
            "email": email,
            "email_key": email_key,
            "changed_at": now,
        }
        for (launch_id, email_key), email in sorted(boxes.items())
    ]
    if rows:
        statement = insert(tx, MailboxChoice).on_conflict_do_nothing(index_elements=["launch_id", "email_key"])
        tx.execute(statement, rows)
    return len(rows)


def begin(tx: Tx, lease: Lease, sealed: Mapping[int, bytes], *, now: datetime) -> dict[int, bytes]:
    """Note that these mails go out now, with their bytes: kept at the first try, the kept ones at any later one.

    Whoever is not in the answer was taken back meanwhile, and must not be sent.
    """
    begun = {}
    for message_id, content in sorted(sealed.items()):
        kept = tx.scalar(_BEGIN, {"of": message_id, "by": lease.token, "at": now, "content": content})
        if kept is not None:
            begun[message_id] = kept
    return begun


def renew(tx: Tx, lease: Lease, seconds: float, *, now: datetime) -> tuple[Lease, set[int]]:
    """The same lease with a later end, and the ids it still holds: none that ran out."""
    until = now + timedelta(seconds=seconds)
    held = tx.scalars(
        sa.update(Message)
        .where(Message.lease == lease.token, Message.state.in_(BUSY), Message.lease_until > now)
        .values(lease_until=until)
        .returning(Message.id)
    )
    return Lease(lease.token, until), set(held)


def finish(
    tx: Tx, lease: Lease, message: Message, answer: Answer, retry_seconds: float, *, now: datetime
) -> MessageState | None:
    """Write down how a try ended; None when the lease was lost to somebody else meanwhile."""
    if answer.verdict is Verdict.ACCEPTED:
        return _sent(tx, lease, message, now)
    if answer.verdict is Verdict.UNREACHABLE:
        return put_back(tx, lease, [message.id], answer.words, retry_seconds / 4, now=now)
    tries = message.attempts + 1  # `message` was read before this try
    if answer.verdict is Verdict.LATER and tries <= len(STEPS):
        delay = retry_seconds * STEPS[tries - 1] * random.uniform(0.8, 1.2)  # noqa: S311 - jitter, not a secret
        values = {"available_at": now + timedelta(seconds=delay), "last_error": answer.words}
        return _close(tx, lease, message.id, MessageState.QUEUED, values, now)
    return _fail(tx, lease, message, answer, now)


def put_back(tx: Tx, lease: Lease, ids: Sequence[int], why: str, delay: float, *, now: datetime) -> MessageState | None:
    """Let go of messages that nothing was said about: they wait for another try, and this one does not count."""
    tried = sa.case((Message.state == MessageState.TRANSMITTING, 1), else_=0)
    rows = tx.execute(
        sa.update(Message)
        .where(Message.id.in_(ids), Message.lease == lease.token, Message.state.in_(BUSY))
        .values(
            state=MessageState.QUEUED,
            state_at=now,
            attempts=Message.attempts - tried,
            lease=None,
            lease_until=None,
            available_at=now + timedelta(seconds=delay),
            last_error=why or Message.last_error,
        )
    ).rowcount
    return MessageState.QUEUED if rows else None


def set_aside(tx: Tx, lease: Lease, message_id: int, state: MessageState, why: str, *, now: datetime) -> None:
    """End a claimed message without sending it: held or cancelled, with the reason that the outbox shows."""
    _close(tx, lease, message_id, state, {"last_error": why}, now)


def cancel(tx: Tx, *where: sa.ColumnElement[bool], why: str, now: datetime) -> int:
    """Take back what has not begun to leave, of the messages that meet the conditions; returns how many."""
    return tx.execute(
        sa.update(Message)
        .where(*where, Message.state.in_((MessageState.QUEUED, MessageState.LEASED)))
        .values(state=MessageState.CANCELLED, state_at=now, lease=None, lease_until=None, last_error=why)
    ).rowcount


def retry(tx: Tx, public_id: str, *, actor: Actor, now: datetime) -> Message:
    """Send a failed, held or cancelled mail after all, with the bytes it had. Raises NotRetryable, or LookupError."""
    again = one(
        tx,
        sa.update(Message)
        .where(Message.public_id == public_id, Message.state.in_(CLOSED))
        .values(state=MessageState.QUEUED, state_at=now, attempts=0, available_at=now, last_error="")
        .returning(Message),
    )
    if again is None:
        if tx.scalar(sa.select(Message.id).where(Message.public_id == public_id)) is None:
            raise LookupError(public_id)
        raise NotRetryable(public_id)
    record(tx, "sending.retried", again.launch_id, ("message", again.id), actor, now)
    return again


def drop_rendered(tx: Tx, now: datetime, limit: int) -> int:
    """Forget the bytes of mails that were done with 30 days ago; returns how many."""
    done = (MessageState.SENT, *CLOSED)
    old = (
        sa.select(Message.id)
        .where(Message.state.in_(done), Message.state_at <= now - KEPT, Message.sealed.is_not(None))
        .limit(limit)
    )
    return tx.execute(sa.update(Message).where(Message.id.in_(old.scalar_subquery())).values(sealed=None)).rowcount


def _run_out(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Message.state.in_(BUSY), Message.lease_until <= now)


def _take(tx: Tx, lease: Lease, n: int, where: Sequence[sa.ColumnElement[bool]], now: datetime) -> list[Message]:
    # Chosen once, in a CTE: as a mere subquery PostgreSQL may run it again for each row, and take more than n.
    chosen = (
        sa.select(Message.id)
        .where(Message.channel == "mail", *where)
        .order_by(Message.priority, Message.available_at, Message.id)
        .limit(n)
        .with_for_update(skip_locked=True)
        .cte("chosen")
    )
    values = {"state": MessageState.LEASED, "state_at": now, "lease": lease.token, "lease_until": lease.until}
    return list(
        some(
            tx,
            sa.update(Message).where(Message.id.in_(sa.select(chosen.c.id)), *where).values(values).returning(Message),
        )
    )


def _sent(tx: Tx, lease: Lease, message: Message, now: datetime) -> MessageState | None:
    if tx.execute(_SENT, {"of": message.id, "by": lease.token, "at": now}).rowcount == 0:
        return None
    if message.kind in URGENT:
        choosing.recover(tx, message.to_key, actor=WORKER, now=now)  # it bounced once, and takes mail again
    return MessageState.SENT


def _fail(tx: Tx, lease: Lease, message: Message, answer: Answer, now: datetime) -> MessageState | None:
    state = _close(tx, lease, message.id, MessageState.FAILED, {"last_error": answer.words}, now)
    if state is None:
        return None
    said = {"words": answer.words[:80]}  # a relay's answer often names the address
    record(tx, "sending.failed", message.launch_id, ("message", message.id), WORKER, now, personal=said)
    if answer.of_mailbox and answer.verdict is Verdict.REFUSED:
        choosing.bounce(tx, None, message.to_address, message.to_key, now=now)
    elif answer.of_mailbox:
        choosing.soft_bounce(tx, message.to_address, message.to_key, now=now)
    return state


def _close(
    tx: Tx, lease: Lease, message_id: int, state: MessageState, values: Mapping[str, Any], now: datetime
) -> MessageState | None:
    changed = tx.execute(
        sa.update(Message)
        .where(Message.id == message_id, Message.lease == lease.token, Message.state.in_(BUSY))
        .values(state=state, state_at=now, lease=None, lease_until=None, **values)
    ).rowcount
    return state if changed else None


# Once for each mail that leaves, so these two are built once.
_BEGIN = (
    sa.update(Message)
    .where(
        Message.id == sa.bindparam("of"),
        Message.lease == sa.bindparam("by"),
        Message.state == MessageState.LEASED,
    )
    .values(
        state=MessageState.TRANSMITTING,
        state_at=sa.bindparam("at"),
        attempts=Message.attempts + 1,
        sealed=sa.func.coalesce(Message.sealed, sa.bindparam("content", type_=sa.LargeBinary())),
    )
    .returning(Message.sealed)
)
_SENT = (
    sa.update(Message)
    .where(Message.id == sa.bindparam("of"), Message.lease == sa.bindparam("by"), Message.state.in_(BUSY))
    .values(
        state=MessageState.SENT,
        state_at=sa.bindparam("at"),
        sent_at=sa.bindparam("at"),
        lease=None,
        lease_until=None,
        last_error="",
    )
)
