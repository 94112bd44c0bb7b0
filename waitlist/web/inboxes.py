"""Inboxes: where a six-digit code was sent, carried by the address of the page that asks for it.

The carrier is signed and goes back only to who typed the address, so the page needs neither session nor cookie and
survives a reload. It proves nothing: the code does.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from flask import request

from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.tokens import BadToken, Purpose

LIFE = timedelta(hours=24)
_KIND = "code"  # other pages carry other things under the same purpose


@dataclass(frozen=True)
class Inbox:
    """An attempt and the address it was sent to; `back` is the token of the invite it is for, or nothing."""

    attempt: str  # public id
    email: str
    back: str = ""
    sent_at: datetime | None = None  # when it was sent again

    def again(self, attempt: str, at: datetime) -> "Inbox":
        return replace(self, attempt=attempt, sent_at=at)


def carried(launch: Launch, inbox: Inbox, now: datetime) -> str:
    """The text for `?t=`."""
    again = int(inbox.sent_at.timestamp()) if inbox.sent_at is not None else 0
    data = [_KIND, launch.public_id, inbox.attempt, inbox.email, inbox.back, again, int(now.timestamp())]
    return runtime().tokens.sign_data(Purpose.CHECK_INBOX, data)


def opened(launch: Launch, now: datetime) -> Inbox | None:
    """What this request's `?t=` carries; None for an altered or old one, or one of another launch."""
    try:
        data = runtime().tokens.read_data(Purpose.CHECK_INBOX, request.args.get("t", ""))
    except BadToken:
        return None
    match data:
        case [str(kind), str(named), str(attempt), str(email), str(back), int(again), int(made)]:
            fits = (kind, named) == (_KIND, launch.public_id) and now.timestamp() - made <= LIFE.total_seconds()
            sent_at = datetime.fromtimestamp(again, UTC) if again else None
            return Inbox(attempt, email, back, sent_at) if fits else None
    return None
