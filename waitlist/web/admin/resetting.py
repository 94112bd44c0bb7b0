"""A lost password: the operator's command prints a link, and this page sets a new one. No mail is needed."""

from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import one, reading, writing
from waitlist.models.access import User
from waitlist.runtime import runtime
from waitlist.services import appointing
from waitlist.services.appointing import ResetSpent
from waitlist.tokens import BadToken, Purpose
from waitlist.web.admin.account import new_password
from waitlist.web.admin.coming_in import after_password
from waitlist.web.admin.fields import Fields
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors, page

blueprint = Blueprint("admin_reset", __name__)


@blueprint.get("/admin/reset/<token>")
@guard(Owner.PUBLIC)
def reset(token: str) -> ResponseReturnValue:
    """Asks for the new password; opening the link uses nothing up."""
    return _page(_user(token, clock.now()))


@blueprint.post("/admin/reset/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="10/minute")
def reset_press(token: str) -> ResponseReturnValue:
    """Sets it, once, and signs in; whoever has a second step is asked for it, as always."""
    now, fields = clock.now(), Fields()
    found = _user(token, now)
    if found is None:
        return _page(None)
    user, version = found
    chosen = new_password(fields)
    if fields.errors:
        return _page(found, fields.errors)
    try:
        with writing() as tx:
            user = appointing.reset(tx, user.id, version, chosen, now=now)
    except ResetSpent:
        return _page(None)
    return after_password(user, "")


def _user(token: str, now: datetime) -> tuple[User, int] | None:
    """Whose link it is and its version, or None when it is over; answers 404 to what we did not sign."""
    try:
        carrier = runtime().tokens.read(Purpose.ADMIN_RESET, token)
    except BadToken:
        abort(404)
    with reading() as rx:
        user = one(rx, sa.select(User).where(User.id == int(carrier.row), User.reset_version == carrier.version))
    if user is None or user.reset_until is None or user.reset_until <= now:
        return None
    return user, carrier.version


def _page(found: tuple[User, int] | None, errors: Errors = ()) -> ResponseReturnValue:
    if found is None:
        return page("admin/reset.html", status=410, state="gone", private=True, user=None)
    status = 422 if errors else 200
    return page("admin/reset.html", status=status, state="reset", private=True, errors=errors, user=found[0])
