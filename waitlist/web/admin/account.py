"""Signing in and out, a new password by the operator's link, and the page of one's own account."""

from flask import Blueprint, Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_security import logout_user

from waitlist import addresses, clock, passwords
from waitlist.addresses import BadAddress
from waitlist.db import one, reading, writing
from waitlist.models.access import user_by_email
from waitlist.services import appointing
from waitlist.web import forms
from waitlist.web.admin.coming_in import after_password, is_known, sign_in_as
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk
from waitlist.web.admin.passkeys import question
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.networks import network
from waitlist.web.pages import Errors, page

blueprint = Blueprint("admin_account", __name__)
WAIT = int(appointing.TRIES_WINDOW.total_seconds())


@blueprint.get("/admin/sign-in")
@guard(Owner.PUBLIC)
def sign_in() -> ResponseReturnValue:
    """The form that asks who is there."""
    said = gettext("That passkey is not known here. Use your password.")
    unknown = [("email", said)] if request.args.get("passkey") == "unknown" else []
    return _sign_in_page(request.args.get("to", ""), errors=unknown)


@blueprint.post("/admin/sign-in")
@guard(Owner.PUBLIC, Proof.FORM, limit="30/minute")
def sign_in_press() -> ResponseReturnValue:
    """Every try is counted, right or wrong, for known and unknown addresses; both are answered alike."""
    now, to = clock.now(), request.form.get("to", "")
    typed = request.form.get("email", "")
    if forms.pressed("sign-in", now=now).stale:
        said = gettext("Your session timed out. Check your answers and send again.")
        return _sign_in_page(to, typed, [("email", said)], status=422)
    email = _key(typed)
    with reading() as rx:
        user = one(rx, user_by_email(email))
    right = passwords.is_right(request.form.get("password", ""), user.password if user and user.active else None)
    known = user is not None and is_known(user)
    with writing() as tx:
        allowed = appointing.may_try(tx, email=email, network=network(), known=known, now=now)
    if not allowed:
        return _too_many(to, typed)
    if not right or user is None:
        return _sign_in_page(to, typed, [("email", gettext("Check your e-mail address and password"))], status=422)
    return after_password(user, to)


@blueprint.post("/admin/sign-out")
@guard(Owner.ADMIN, Proof.CSRF)
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    logout_user()
    session.end()  # type: ignore[attr-defined]
    return redirect(url_for("admin_account.sign_in"), 303)


@blueprint.get("/admin/account")
@guard(Owner.ADMIN)
def account() -> ResponseReturnValue:
    """Who one is here, in which roles."""
    return _account_page([])


@blueprint.post("/admin/account/password")
@guard(Owner.ADMIN, Proof.CSRF, limit="10/minute")
def change_password() -> ResponseReturnValue:
    """A new password by the present one; every other browser is signed out."""
    fields, user, now = Fields(), desk().user, clock.now()
    new = new_password(fields)
    with reading() as rx:
        kept = one(rx, user_by_email(user.email))
    if not passwords.is_right(request.form.get("password_now", ""), kept.password if kept else None):
        fields.wrong("password_now", gettext("Enter your present password"))
    with writing() as tx:
        allowed = appointing.may_try(tx, email=user.email, network=network(), now=now)
        if allowed and not fields.errors:
            appointing.set_password(tx, user.id, new, actor=desk().actor, now=now)
    if not allowed:
        fields.errors = [("password_now", gettext("Too many tries. Wait 15 minutes and try again."))]
    if fields.errors:
        return _account_page(fields.errors, status=422 if allowed else 429)
    _sign_in_again(user.email)
    return back("admin_account.account", "password")


def new_password(fields: Fields) -> str:
    """The hash of the password that was chosen, or an empty text with its fault noted."""
    typed = request.form.get("password", "")
    match passwords.fault_in(typed):
        case "password_short":
            words = gettext("Use %(least)s characters or more", least=passwords.SHORTEST)
        case "password_long":
            words = gettext("Use %(most)s characters or fewer", most=passwords.LONGEST)
        case _:
            return passwords.hashed(typed)
    fields.wrong("password", words)
    return ""


def _key(typed: str) -> str:
    try:
        return addresses.canon(typed).key
    except BadAddress:
        return typed.strip().lower()[:254]  # counted like any other try, and known to nobody


def _sign_in_again(email: str) -> None:
    with reading() as rx:
        user = one(rx, user_by_email(email))
    assert user is not None, "whoever changes a password is there"
    session.row_id = None  # type: ignore[attr-defined]  # its row was revoked with all the others
    sign_in_as(user, by=session.get("by", "password"))  # a passkey stays two steps


def _too_many(to: str, typed: str) -> Response:
    said = gettext("Too many tries. Wait 15 minutes and try again.")
    response = _sign_in_page(to, typed, [("email", said)], status=429)
    response.headers["Retry-After"] = str(WAIT)
    return response


def _sign_in_page(to: str, email: str = "", errors: Errors = (), *, status: int = 200) -> Response:
    return page(
        "admin/sign_in.html", status=status, errors=errors, state="sign_in", to=to, email=email, passkey=question()
    )


def _account_page(errors: Errors, *, status: int = 200) -> Response:
    names = {launch.id: launch.name for launch in desk().launches}
    roles = [(names.get(grant.launch_id) if grant.launch_id else None, grant.role) for grant in desk().grants]
    return admin_page("admin/account.html", status=status, errors=errors, roles=roles)
