"""The second step of a sign-in: six digits from the app, or a recovery code when its device is lost."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, writing
from waitlist.models.access import User
from waitlist.runtime import runtime
from waitlist.services import securing
from waitlist.web import forms
from waitlist.web.admin.coming_in import come_in, halfway
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors, page

blueprint = Blueprint("admin_second_step", __name__)
WAIT = int(securing.WINDOW.total_seconds())


@blueprint.get("/admin/sign-in/second")
@guard(Owner.PUBLIC)
def ask() -> ResponseReturnValue:
    """Asks for the digits of whoever gave the right password just before."""
    return _page() if halfway() is not None else redirect(url_for("admin_account.sign_in"))


@blueprint.post("/admin/sign-in/second")
@guard(Owner.PUBLIC, Proof.FORM, limit="30/minute")
def press() -> ResponseReturnValue:
    """Every try is counted, right or wrong; digits and recovery codes work once."""
    found, now = halfway(), clock.now()
    if found is None:
        return redirect(url_for("admin_account.sign_in"), 303)
    if forms.pressed("second-step", now=now).stale:
        return _page([("code", gettext("Your session timed out. Check your answers and send again."))], status=422)
    user, to = found
    with writing() as tx:
        allowed = securing.may_try(tx, user.id, now=now)
        right = allowed and _spent(tx, user)
    if not allowed:
        answer = _page([("code", gettext("Too many tries. Wait 15 minutes and try again."))], status=429)
        answer.headers["Retry-After"] = str(WAIT)
        return answer
    if not right:
        return _page(
            [("code", gettext("Enter the six digits that the app shows now, or an unused recovery code"))], 422
        )
    return come_in(user, to)


def _spent(tx: Tx, user: User) -> bool:
    typed, kept = request.form.get("code", ""), runtime().authenticators
    counter = kept.matched(typed, user.tf_totp_secret or "") if user.tf_totp_secret else None
    if counter is not None:
        return securing.spend_digits(tx, user.id, counter)
    return securing.spend_code(tx, user.id, kept.code_hash(user.id, typed), now=clock.now())


def _page(errors: Errors = (), status: int = 200) -> Response:
    return page("admin/second_step.html", status=status, errors=errors, state="second_step", private=True)
