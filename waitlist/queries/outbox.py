"""The outbox as people read it: every mail with its words and links, also those that never left. Writes nothing."""

import email
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import default

import sqlalchemy as sa

from waitlist import envelopes
from waitlist.db import Tx, some
from waitlist.models.message import Message, MessageState
from waitlist.queries.letter import Gathered, gather
from waitlist.rendering import render
from waitlist.stationery import Stationery

log = logging.getLogger("waitlist.letters")
_LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Item:
    """One mail of the list. `links` stand in the order of its text; `why` is the last error or the reason to wait."""

    row: int  # where the next page begins
    id: str
    to: str
    template: str
    state: str
    subject: str
    links: Sequence[str]
    attempts: int
    why: str
    launch_id: int | None
    created_at: datetime
    available_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True)
class Opened:
    """One mail with everything it says. `kept`: these are the bytes that left, or were about to, and not a preview."""

    item: Item
    kept: bool
    headers: Sequence[tuple[str, str]]
    text: str
    html: str


@dataclass(frozen=True)
class Wanted:
    """Which mails to list."""

    launch_id: int | None = None
    states: Sequence[str] = ()
    kind: str | None = None
    to: str | None = None  # an address, as its key
    newest_first: bool = True
    beyond: int | None = None  # the `row` of the last item seen


def listed(rx: Tx, wanted: Wanted, stationery: Stationery, *, now: datetime, limit: int = 50) -> list[Item]:
    """The next `limit` mails, by the order of their rows; a shorter list is the last one."""
    messages = some(rx, _query(wanted).limit(limit))
    gathered = gather(rx, _unwritten(messages), stationery, now)
    return [_item(m, _written(m, gathered.get(m.id), stationery)[0], gathered.get(m.id)) for m in messages]


def opened(rx: Tx, public_id: str, stationery: Stationery, *, now: datetime) -> Opened | None:
    """One mail as it left, or as it would leave now; its words are empty once they are no longer kept."""
    messages = some(rx, sa.select(Message).where(Message.public_id == public_id))
    if not messages:
        return None
    message = messages[0]
    gathered = gather(rx, _unwritten(messages), stationery, now)
    found = gathered.get(message.id)
    mail, kept = _written(message, found, stationery)
    item = _item(message, mail, found)
    if mail is None:
        return Opened(item, False, (), "", "")
    headers = [(name, str(value)) for name, value in mail.items()]
    return Opened(item, kept, headers, _part(mail, "plain"), _part(mail, "html"))


def counted(rx: Tx, launch_id: int | None = None) -> dict[str, int]:
    """How many mails are in each state."""
    query = sa.select(Message.state, sa.func.count()).group_by(Message.state)
    if launch_id is not None:
        query = query.where(Message.launch_id == launch_id)
    return {row[0]: row[1] for row in rx.execute(query)}


def _query(wanted: Wanted) -> sa.Select[Message]:
    query = sa.select(Message)
    if wanted.launch_id is not None:
        query = query.where(Message.launch_id == wanted.launch_id)
    if wanted.states:
        query = query.where(Message.state.in_(wanted.states))
    if wanted.kind is not None:
        query = query.where(Message.kind == wanted.kind)
    if wanted.to is not None:
        query = query.where(Message.to_key == wanted.to)
    if wanted.newest_first:
        return _beyond(query, Message.id < (wanted.beyond or 0), wanted).order_by(Message.id.desc())
    return _beyond(query, Message.id > (wanted.beyond or 0), wanted).order_by(Message.id)


def _beyond(query: sa.Select[Message], condition: sa.ColumnElement[bool], wanted: Wanted) -> sa.Select[Message]:
    return query if wanted.beyond is None else query.where(condition)


def _unwritten(messages: Sequence[Message]) -> list[Message]:
    """Those whose words must be gathered: nothing was kept of them, and they have not been sent."""
    return [m for m in messages if m.sealed is None and m.state != MessageState.SENT]


def _written(message: Message, found: Gathered | None, stationery: Stationery) -> tuple[EmailMessage | None, bool]:
    """The mail and whether it is the one that was kept; None when there is nothing to show any more."""
    if message.sealed is not None:
        try:
            return _parsed(envelopes.read(stationery.sealing_key, message.public_id, message.sealed)), True
        except envelopes.Unreadable:
            return None, False
    if found is None or found.letter is None:
        return None, False
    try:
        return _parsed(render(found.letter, stationery)), False
    except Exception:
        log.exception("message %s (%s) cannot be written", message.public_id, message.kind)
        return None, False


def _parsed(content: bytes) -> EmailMessage:
    return email.message_from_bytes(content, policy=default)


def _item(message: Message, mail: EmailMessage | None, found: Gathered | None) -> Item:
    links = _LINK.findall(_part(mail, "plain")) if mail is not None else []
    return Item(
        row=message.id,
        id=message.public_id,
        to=message.to_address,
        template=message.kind,
        state=message.state,
        subject=str(mail["Subject"]) if mail is not None else "",
        links=list(dict.fromkeys(links)),
        attempts=message.attempts,
        why=message.last_error or (found.stopped if found is not None else ""),
        launch_id=message.launch_id,
        created_at=message.created_at,
        available_at=message.available_at,
        sent_at=message.sent_at,
    )


def _part(mail: EmailMessage, subtype: str) -> str:
    part = mail.get_body((subtype,))
    return "" if part is None else str(part.get_content()).replace("\r\n", "\n")
