"""Sign-ins: the browsers in which somebody is signed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.access import WebSession
from waitlist.models.entry import Entry

_BROWSERS = (("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class SignIn:
    """One browser. `device` is what it calls itself in two words, "" when it does not say; `here` is this one."""

    id: int
    device: str
    since: datetime
    seen_at: datetime
    until: datetime
    here: bool


def of_member(tx: Tx, entry_id: int, *, this: int | None, now: datetime) -> Sequence[SignIn]:
    """The sessions that still work, this browser's first, then the newest."""
    return _working(tx, WebSession.entry_id == entry_id, this, now)


def of_admin(tx: Tx, user_id: int, *, this: int | None, now: datetime) -> Sequence[SignIn]:
    """The same of an admin."""
    return _working(tx, WebSession.user_id == user_id, this, now)


def whose(tx: Tx, entry_id: int) -> str:
    """The public id of whoever signs in."""
    return tx.scalars(sa.select(Entry.public_id).where(Entry.id == entry_id)).one()


def _working(tx: Tx, whose: sa.ColumnElement[bool], this: int | None, now: datetime) -> Sequence[SignIn]:
    still = WebSession.revoked_at.is_(None), WebSession.expires_at > now
    rows = some(tx, sa.select(WebSession).where(whose, *still).order_by(WebSession.id.desc()))
    found = [
        SignIn(row.id, device(row.user_agent), row.created_at, row.seen_at, row.expires_at, row.id == this)
        for row in rows
    ]
    return sorted(found, key=lambda sign_in: not sign_in.here)


def device(user_agent: str) -> str:
    """ "Firefox, Linux" for a user agent string; names of products, the same in every language."""
    words = (_first(user_agent, _BROWSERS), _first(user_agent, _SYSTEMS))
    return ", ".join(word for word in words if word)


def _first(text: str, names: Sequence[tuple[str, str]]) -> str:
    return next((name for mark, name in names if mark in text), "")
