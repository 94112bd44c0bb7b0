"""One's own second step: set up with an app, recovery codes shown once, turned off again with the password."""

from collections.abc import Callable

from flask import Blueprint, Response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, passwords
from waitlist.db import Tx, one, reading, writing
from waitlist.models.access import user_by_email
from waitlist.runtime import runtime
from waitlist.services import appointing, securing
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, wants_two_steps
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.networks import network
from waitlist.web.pages import Errors
from waitlist.web.public.qr import inline

blueprint = Blueprint("admin_two_steps", __name__, url_prefix="/admin/account/two-steps")


@blueprint.get("")
@guard(Owner.ADMIN)
def two_steps() -> ResponseReturnValue:
    """How one signs in, and the QR code while it is being set up."""
    return _page([])


@blueprint.post("/begin")
@guard(Owner.ADMIN, Proof.CSRF)
def begin() -> ResponseReturnValue:
    """Draws a secret for the app; nothing changes until its first digits were right."""
    session["new_secret"] = runtime().authenticators.new_secret()
    return back("admin_two_steps.two_steps")


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, limit="20/minute")
def confirm() -> ResponseReturnValue:
    """Turns it on by the app's first digits; the recovery codes stand in this answer alone."""
    secret, user = session.get("new_secret"), desk().user
    if secret is None or user.tf_totp_secret is not None:
        return redirect(url_for("admin_two_steps.two_steps"), 303)
    counter = runtime().authenticators.matched(request.form.get("code", ""), secret)
    if counter is None:
        return _page([("code", gettext("Enter the six digits that the app shows now"))], status=422)
    codes, hashes = _new_codes()
    with writing() as tx:
        first = securing.turn_on(tx, user.id, secret, counter, hashes, now=clock.now())
    session.pop("new_secret", None)
    if not first:
        return redirect(url_for("admin_two_steps.two_steps"), 303)
    return _page([], codes=codes, on=True)


@blueprint.post("/codes")
@guard(Owner.ADMIN, Proof.CSRF, limit="10/minute")
def renew_codes() -> ResponseReturnValue:
    """New recovery codes, shown in this answer alone; the old ones end."""
    codes, hashes = _new_codes()
    refused = _with_password(
        "password_codes", lambda tx: securing.renew_codes(tx, desk().user.id, hashes, now=clock.now())
    )
    return refused or _page([], codes=codes, on=True)


@blueprint.post("/off")
@guard(Owner.ADMIN, Proof.CSRF, limit="10/minute")
def turn_off() -> ResponseReturnValue:
    """The password alone is enough again."""
    user = desk().user
    refused = _with_password(
        "password_off", lambda tx: securing.turn_off(tx, user.id, actor=desk().actor, now=clock.now())
    )
    return refused or back("admin_two_steps.two_steps", "off")


def _with_password(field: str, act: Callable[[Tx], object]) -> Response | None:
    """Do something once the password is typed again; answers the page with what is wrong otherwise."""
    fields, user, now = Fields(), desk().user, clock.now()
    with reading() as rx:
        kept = one(rx, user_by_email(user.email))
    if not passwords.is_right(request.form.get("password", ""), kept.password if kept else None):
        fields.wrong(field, gettext("Enter your present password"))
    with writing() as tx:
        allowed = appointing.may_try(tx, email=user.email, network=network(), now=now)
        if allowed and not fields.errors:
            act(tx)
    if not allowed:
        fields.errors = [(field, gettext("Too many tries. Wait 15 minutes and try again."))]
    return _page(fields.errors, status=422 if allowed else 429) if fields.errors else None


def _new_codes() -> tuple[list[str], list[str]]:
    kept = runtime().authenticators
    codes = kept.new_codes()
    return codes, [kept.code_hash(desk().user.id, code) for code in codes]


def _page(errors: Errors, *, status: int = 200, codes: list[str] | None = None, on: bool = False) -> Response:
    user, secret, kept = desk().user, session.get("new_secret"), runtime().authenticators
    shown = secret if secret and user.tf_totp_secret is None and not on else None
    return admin_page(
        "admin/two_steps.html",
        status=status,
        errors=errors,
        private=True,
        on=on or user.tf_totp_secret is not None,
        left=len(user.recovery_codes or []),
        codes=codes,
        qr=inline(kept.uri(shown, user.email)) if shown else None,
        spelled=kept.spelled(shown) if shown else None,
        wanted=wants_two_steps(),
    )
