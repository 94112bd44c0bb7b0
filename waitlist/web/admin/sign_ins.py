"""Where one is signed in oneself, and how to end it: one, this one, or all of them."""

from flask import Blueprint, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_security import logout_user

from waitlist import clock
from waitlist.db import reading, writing
from waitlist.queries import sign_ins
from waitlist.services import signing_out
from waitlist.web.admin.frame import admin_page, back, desk
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_sign_ins", __name__, url_prefix="/admin/account/sessions")


@blueprint.get("")
@guard(Owner.ADMIN)
def index() -> ResponseReturnValue:
    """Every browser that one is signed in with."""
    with reading() as rx:
        rows = sign_ins.of_admin(rx, desk().user.id, this=session.row_id, now=clock.now())  # type: ignore[attr-defined]
    return admin_page("admin/sign_ins.html", rows=rows)


@blueprint.post("/<int:session_id>/end")
@guard(Owner.ADMIN, Proof.CSRF)
def end(session_id: int) -> ResponseReturnValue:
    """Signs one other browser out."""
    with writing() as tx:
        signing_out.one_of_admin(tx, desk().user.id, session_id, now=clock.now())
    return back("admin_sign_ins.index", "ended")


@blueprint.post("/end")
@guard(Owner.ADMIN, Proof.CSRF)
def end_all() -> ResponseReturnValue:
    """Signs out everywhere, here too."""
    with writing() as tx:
        signing_out.all_of_admin(tx, desk().user.id, now=clock.now())
    logout_user()
    session.end()  # type: ignore[attr-defined]
    return redirect(url_for("admin_account.sign_in"), 303)
