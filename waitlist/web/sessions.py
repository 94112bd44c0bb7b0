"""Sessions of signed-in admins and members: an opaque id in the cookie, a revocable row for everything else.

Only pages under a cookie's authority have one (`/admin`, `/setup`, `/w/<slug>/me`), and only a POST saves it.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask, Request, Response, request
from flask.sessions import SessionInterface, SessionMixin

from waitlist import clock
from waitlist.db import one, reading, writing
from waitlist.models.access import WebSession
from waitlist.web.cookies import cookie_name, drop, put

MEMBER_DAYS = 30
ADMIN_DAYS = 7
_ADMIN = re.compile(r"/(admin|setup)(/|$)")
_MEMBER = re.compile(r"/w/([a-z0-9-]+)/me(/|$)")


class StoredSession(dict[str, Any], SessionMixin):
    """What a signed-in browser carries. `user_id` or `entry_id` says who it is; None is nobody yet."""

    def __init__(self, cookie: str | None, row: WebSession | None = None) -> None:
        super().__init__(row.data if row is not None else {})
        self.cookie = cookie  # None: pages here have no session
        self.row_id = row.id if row is not None else None
        self.user_id = row.user_id if row is not None else None
        self.entry_id = row.entry_id if row is not None else None
        self.before = dict(self)
        self.rotated = False
        self.ended = False

    def rotate(self) -> None:
        """Give the browser a new id: whoever knew the old one is out. Done at every sign-in."""
        self.rotated = True
        self["csrf_token"] = secrets.token_hex(20)

    def end(self) -> None:
        """Sign out: the row is revoked and the cookie goes."""
        self.clear()
        self.ended = True

    @property
    def changed(self) -> bool:
        return self.rotated or self.ended or dict(self) != self.before


class DatabaseSessions(SessionInterface):
    """Flask's interface over the `session` table."""

    def open_session(self, app: Flask, request: Request) -> StoredSession:  # noqa: ARG002 - Flask's signature
        cookie = _cookie_for(request.path)
        presented = request.cookies.get(cookie_name(cookie), "") if cookie else ""
        if not presented:
            return StoredSession(cookie)
        now = clock.now()
        with reading() as rx:
            row = one(
                rx,
                sa.select(WebSession).where(
                    WebSession.id_hash == _hash(presented),
                    WebSession.revoked_at.is_(None),
                    WebSession.expires_at > now,
                ),
            )
        return StoredSession(cookie, row)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:  # noqa: ARG002
        if not isinstance(session, StoredSession) or session.cookie is None or not session.changed:
            return
        if request.method != "POST":
            return  # what a page only looked at is not kept
        if session.ended:
            _revoke(session)
            drop(response, session.cookie)
        elif session.row_id is None or session.rotated:
            opaque = secrets.token_urlsafe(32)
            _store(session, opaque)
            put(response, session.cookie, opaque, days=_days(session.cookie))
        else:
            with writing() as tx:
                tx.execute(sa.update(WebSession).where(WebSession.id == session.row_id).values(data=dict(session)))

    def should_set_cookie(self, app: Flask, session: SessionMixin) -> bool:  # noqa: ARG002
        return isinstance(session, StoredSession) and session.changed


def _cookie_for(path: str) -> str | None:
    if _ADMIN.match(path):
        return "wl_admin"
    member = _MEMBER.match(path)
    return f"wl_me-{member[1]}" if member else None


def _days(cookie: str) -> int:
    return ADMIN_DAYS if cookie == "wl_admin" else MEMBER_DAYS


def _hash(opaque: str) -> str:
    return hashlib.sha256(opaque.encode()).hexdigest()


def _store(session: StoredSession, opaque: str) -> None:
    now = clock.now()
    row = {
        "id_hash": _hash(opaque),
        "data": dict(session),
        "user_id": session.user_id,
        "entry_id": session.entry_id,
        "user_agent": request.user_agent.string[:200],
        "seen_at": now,
        "expires_at": now + timedelta(days=_days(session.cookie or "")),
    }
    with writing() as tx:
        if session.row_id is not None:
            tx.execute(sa.update(WebSession).where(WebSession.id == session.row_id).values(row))
        else:
            tx.execute(sa.insert(WebSession).values(created_at=now, **row))


def _revoke(session: StoredSession) -> None:
    with writing() as tx:
        tx.execute(sa.update(WebSession).where(WebSession.id == session.row_id).values(revoked_at=clock.now(), data={}))
