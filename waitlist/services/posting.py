"""Posting: a mail is a row written with its cause; the worker claims it, sends it and says how it went."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.db import Tx, insert, inserting
from waitlist.letters import LETTERS
from waitlist.models.entry import ERASED, Attempt, Entry
from waitlist.models.message import MailboxChoice, Message, MessageState


@dataclass(frozen=True)
class To:
    """Who a mail is for, in which language."""

    email: str
    email_key: str
    language: str


def to(somebody: Entry | Attempt) -> To:
    return To(somebody.email, somebody.email_key, somebody.language)


def enqueue(
    tx: Tx,
    kind: str,
    dedupe: str,
    to: To,
    now: datetime,
    *,
    about: Mapping[str, int | None],
    params: dict[str, Any] | None = None,
    available_at: datetime | None = None,
) -> int | None:
    """Put one mail in the outbox and return its id, or None when the same mail (by `dedupe`) is there already.

    None, too, for somebody who was erased: their last mail is behind them.

    `about` are the rows it speaks of: launch_id, entry_id, attempt_id, invite_id, wave_id. The bytes are rendered at
    the first attempt, from those rows.
    """
    if to.email == ERASED:
        return None
    mail = Mail(dedupe, to, about, params or {}, available_at)
    message_id: int | None = tx.execute(_enqueue(tx.dialect.name), _row(kind, mail, now)).scalar_one_or_none()
    return message_id


@cache  # written in every join: built once for each engine
def _enqueue(dialect: str) -> sa.Executable:
    statement = inserting(dialect, Message).on_conflict_do_nothing(index_elements=["dedupe_key"])
    return statement.returning(Message.id)


@dataclass(frozen=True)
class Mail:
    """One mail of a batch; see `enqueue` for what its parts mean."""

    dedupe: str
    to: To
    about: Mapping[str, int | None]
    params: dict[str, Any] = field(default_factory=dict)
    available_at: datetime | None = None


def enqueue_all(tx: Tx, kind: str, mails: Iterable[Mail], now: datetime) -> None:
    """Put a batch of mails of one kind in the outbox; those that are there already stay as they are.

    All of a batch name the same columns in `about`.
    """
    rows = [_row(kind, mail, now) for mail in mails if mail.to.email != ERASED]
    if rows:
        tx.execute(insert(tx, Message).on_conflict_do_nothing(index_elements=["dedupe_key"]), rows)


def _row(kind: str, mail: Mail, now: datetime) -> dict[str, Any]:
    public_id = codes.random_id("msg")
    return {
        "public_id": public_id,
        "dedupe_key": f"{kind}:{mail.dedupe}",
        "kind": kind,
        "priority": LETTERS[kind].priority,
        "to_address": mail.to.email,
        "to_key": mail.to.email_key,
        "language": mail.to.language,
        "params": mail.params,
        "message_id": public_id.removeprefix("msg_"),
        "state": MessageState.QUEUED,
        "state_at": now,
        "available_at": mail.available_at or now,
        "created_at": now,
        **mail.about,
    }


def reconsider_held(tx: Tx, launch_id: int | None, email_key: str, *, now: datetime) -> int:
    """Queue a mailbox's held mail again, of one launch or of all: whoever sends decides anew. Returns how many."""
    held = [Message.to_key == email_key, Message.state == MessageState.HELD]
    held += [] if launch_id is None else [Message.launch_id == launch_id]
    queued = {"state": MessageState.QUEUED, "state_at": now, "available_at": now, "last_error": ""}
    return tx.execute(sa.update(Message).where(*held).values(queued)).rowcount


def choice_for(tx: Tx, launch_id: int, email: str, email_key: str, now: datetime) -> str:
    """The public id of a mailbox's choices on this launch, made at first need; its settings link names it."""
    statement = insert(tx, MailboxChoice).values(
        public_id=codes.random_id("box"), launch_id=launch_id, email=email, email_key=email_key, changed_at=now
    )
    tx.execute(statement.on_conflict_do_nothing(index_elements=["launch_id", "email_key"]))
    public_id: str = tx.execute(
        sa.select(MailboxChoice.public_id).where(
            MailboxChoice.launch_id == launch_id, MailboxChoice.email_key == email_key
        )
    ).scalar_one()
    return public_id
