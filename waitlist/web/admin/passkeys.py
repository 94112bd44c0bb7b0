"""Passkeys: added and removed on one's own page, and a way to sign in without any password.

The question that a browser answers is made of its form's id, so an answer works for one press only. Without a script
none of this is shown; the password stays the way in.
"""

import hashlib

import sqlalchemy as sa
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, passkeys
from waitlist.db import Tx, one, reading, some, writing
from waitlist.models.access import User
from waitlist.models.team import Passkey
from waitlist.passkeys import BadPasskey, Made, Site
from waitlist.runtime import runtime
from waitlist.services import unlocking
from waitlist.services.unlocking import PasskeyTaken
from waitlist.web import forms
from waitlist.web.admin.coming_in import come_in
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk
from waitlist.web.forms import Outcome, Press, new_form_id
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_passkeys", __name__)


@blueprint.get("/admin/account/passkeys")
@guard(Owner.ADMIN)
def index() -> ResponseReturnValue:
    """One's passkeys, and the question for a new one once its name is there."""
    return _page([])


@blueprint.post("/admin/account/passkeys/begin")
@guard(Owner.ADMIN, Proof.CSRF)
def begin() -> ResponseReturnValue:
    """Draws the handle that passkeys know this admin by, once."""
    with writing() as tx:
        unlocking.handle(tx, desk().user.id)
    return back("admin_passkeys.index")


@blueprint.post("/admin/account/passkeys")
@guard(Owner.ADMIN, Proof.CSRF, limit="20/minute")
def add() -> ResponseReturnValue:
    """Keeps the passkey that the browser made."""
    now, fields = clock.now(), Fields()
    press = forms.pressed("passkey", now=now)
    name = fields.text("name", most=60) or gettext("Passkey")
    if press.stale:
        return _page([("name", gettext("Your session timed out. Try again."))], status=422)
    if fields.errors:
        return _page(fields.errors, status=422)
    try:
        made = passkeys.made(site(), challenge(press), request.form.get("credential", ""))
        with writing() as tx:
            forms.once(tx, press, None, now, lambda: _added(tx, made, name))
    except (BadPasskey, PasskeyTaken):
        return _page([("name", gettext("The browser made no new passkey. Try again."))], status=422)
    return back("admin_passkeys.index", "added")


@blueprint.post("/admin/account/passkeys/<int:passkey_id>/remove")
@guard(Owner.ADMIN, Proof.CSRF)
def remove(passkey_id: int) -> ResponseReturnValue:
    """Forgets one."""
    with writing() as tx:
        unlocking.remove(tx, desk().user.id, passkey_id, now=clock.now())
    return back("admin_passkeys.index", "removed")


@blueprint.post("/admin/sign-in/passkey")
@guard(Owner.PUBLIC, Proof.FORM, limit="30/minute")
def sign_in() -> ResponseReturnValue:
    """Signs in whoever holds the passkey; it asked for a finger, a face or a PIN, so it is both steps."""
    press = forms.pressed("passkey-sign-in", now=clock.now())
    user = None if press.stale else _user(press, request.form.get("credential", ""))
    if user is None:
        return redirect(url_for("admin_account.sign_in", passkey="unknown", to=request.form.get("to", "")), 303)
    return come_in(user, request.form.get("to", ""), by="passkey")


def site() -> Site:
    return Site(runtime().settings.base_url)


def challenge(press: Press) -> bytes:
    """The question of one form: whoever answers it has this very form."""
    return hashlib.sha256(f"passkey\x1f{press.key}".encode()).digest()


def question() -> tuple[str, str] | None:
    """A form id and the options for signing in with a passkey; None where no browser makes any."""
    if not site().works:
        return None
    form_id = new_form_id("passkey-sign-in")
    return form_id, passkeys.to_ask(site(), challenge(forms.press_of(form_id, "passkey-sign-in", now=clock.now())))


def _user(press: Press, answer: str) -> User | None:
    now = clock.now()
    try:
        with reading() as rx:
            kept = one(rx, sa.select(Passkey).where(Passkey.credential_id == passkeys.named(answer)))
        if kept is None:
            return None
        key, before = kept.public_key, kept.sign_count
        count = passkeys.used(site(), challenge(press), answer, public_key=key, sign_count=before)
    except BadPasskey:
        return None
    found: list[User] = []

    def act() -> Outcome:
        found.extend(user for user in [unlocking.note_use(tx, kept, count, now=now)] if user is not None)
        return {}

    with writing() as tx:
        forms.once(tx, press, None, now, act)
    return found[0] if found else None


def _added(tx: Tx, made: Made, name: str) -> Outcome:
    unlocking.add(tx, desk().user, made, name, now=clock.now())
    return {}


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    user, form_id = desk().user, new_form_id("passkey")
    with reading() as rx:
        kept = some(rx, sa.select(Passkey).where(Passkey.user_id == user.id).order_by(Passkey.id.desc()))
    asked = None
    if user.webauthn_handle is not None and site().works:
        others = [passkey.credential_id for passkey in kept]
        about = challenge(forms.press_of(form_id, "passkey", now=clock.now()))
        whom = {"user": user.webauthn_handle, "email": user.email, "name": user.name}
        asked = passkeys.to_make(site(), about, **whom, others=others)
    shown = {"kept": kept, "asked": asked, "made_form_id": form_id, "works": site().works}
    return admin_page("admin/passkeys.html", status=status, errors=errors, **shown)
