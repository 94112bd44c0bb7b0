"""Coming in: what is between a right password and the desk, and what a browser is known by afterwards."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Response, make_response, redirect, session, url_for
from flask_security import login_user

from waitlist import clock
from waitlist.db import one, reading, writing
from waitlist.models.access import User
from waitlist.runtime import runtime
from waitlist.services import alerting, appointing
from waitlist.tokens import BadToken, Purpose
from waitlist.web import devices
from waitlist.web.admin.again import read_path
from waitlist.web.admin.security import Admin
from waitlist.web.cookies import put, take
from waitlist.web.networks import network

HALFWAY = timedelta(minutes=10)
KNOWN_DAYS = 365


def sign_in_as(user: User, *, by: str = "password") -> None:
    """Sign an admin in on this browser, under a new session id; nothing is left of whoever was here before."""
    session.clear()
    login_user(Admin(user), remember=False, authn_via=[by])
    session["by"] = by
    session.rotate()  # type: ignore[attr-defined]
    session.user_id = user.id  # type: ignore[attr-defined]


def after_password(user: User, to: str) -> Response:
    """Where a right password leads: to the desk, or to the second step of whoever has one."""
    if user.tf_totp_secret is None:
        return come_in(user, to)
    until = (clock.now() + HALFWAY).timestamp()
    session["halfway"] = {"user": user.id, "as": user.fs_uniquifier, "until": until, "to": to}
    session.rotate()  # type: ignore[attr-defined]
    return make_response(redirect(url_for("admin_second_step.ask"), 303))


def halfway() -> tuple[User, str] | None:
    """Whose password was right in this browser within the last ten minutes, and where they wanted to go."""
    found = session.get("halfway")
    if found is None or found["until"] <= clock.now().timestamp():
        return None
    with reading() as rx:
        user = one(rx, sa.select(User).where(User.id == found["user"], User.fs_uniquifier == found["as"], User.active))
    return (user, found["to"]) if user is not None else None


def come_in(user: User, to: str = "", *, by: str = "password") -> Response:
    """Sign in, write it down, tell the admin where the browser is a new one, and lead to where they wanted to go."""
    now, known = clock.now(), is_known(user)
    with writing() as tx:
        if not known:
            device = devices.words()
            alerting.came_in(tx, user, device=device, where=network(), now=now)
        appointing.note_sign_in(tx, user.id, now=now)
    sign_in_as(user, by=by)
    where = read_path(to) or url_for("admin_launches.launches")
    return remembered(make_response(redirect(where, 303)), user)


def remembered(response: Response, user: User) -> Response:
    """Let this browser be known to the account; it signs nobody in."""
    put(response, _cookie(user), runtime().tokens.sign(Purpose.DEVICE, "", f"admin:{user.id}"), days=KNOWN_DAYS)
    return response


def is_known(user: User) -> bool:
    """Whether somebody signed in to this account on this browser before."""
    try:
        return runtime().tokens.read(Purpose.DEVICE, take(_cookie(user))).row == f"admin:{user.id}"
    except BadToken:
        return False


def _cookie(user: User) -> str:
    return f"wl_desk-{user.id}"
