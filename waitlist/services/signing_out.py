"""Signing out: the browsers of a member or an admin lose their session, one of them or all at once."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor, admin
from waitlist.db import Tx
from waitlist.models.access import WebSession
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.services.recording import record


def one(tx: Tx, launch: Launch, member: Entry, session_id: int, *, actor: Actor, now: datetime) -> bool:
    """End one session of this member; False where it had ended or is somebody else's."""
    return _end(tx, launch, member, WebSession.id == session_id, actor, now) > 0


def everywhere(tx: Tx, launch: Launch, member: Entry, *, actor: Actor, now: datetime) -> int:
    """End every session of this member; answers how many."""
    return _end(tx, launch, member, sa.true(), actor, now)


def _end(tx: Tx, launch: Launch, member: Entry, which: sa.ColumnElement[bool], actor: Actor, now: datetime) -> int:
    ended = tx.execute(
        sa.update(WebSession)
        .where(WebSession.entry_id == member.id, WebSession.revoked_at.is_(None), which)
        .values(revoked_at=now, data={})
    ).rowcount
    if ended:
        record(tx, "signing_out.ended", launch.id, ("entry", member.id), actor, now, {"sessions": ended})
    return ended


def one_of_admin(tx: Tx, user_id: int, session_id: int, *, now: datetime) -> bool:
    """End one session of this admin; False where it had ended or is somebody else's."""
    return _end_admins(tx, user_id, WebSession.id == session_id, now) > 0


def all_of_admin(tx: Tx, user_id: int, *, now: datetime) -> int:
    """End every session of this admin; answers how many."""
    return _end_admins(tx, user_id, sa.true(), now)


def note_seen(tx: Tx, seen: dict[int, datetime]) -> None:
    """Write when sessions were last seen, as observed: by session id."""
    for session_id, at in seen.items():
        mine = WebSession.id == session_id, WebSession.seen_at < at
        tx.execute(sa.update(WebSession).where(*mine).values(seen_at=at))


def _end_admins(tx: Tx, user_id: int, which: sa.ColumnElement[bool], now: datetime) -> int:
    mine = WebSession.user_id == user_id, WebSession.revoked_at.is_(None), which
    ended = tx.execute(sa.update(WebSession).where(*mine).values(revoked_at=now, data={})).rowcount
    if ended:
        record(tx, "signing_out.ended", None, ("user", user_id), admin(user_id), now, {"sessions": ended})
    return ended
