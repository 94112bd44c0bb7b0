"""What an admin chooses for themselves: notices put away, and whether keys are shortcuts, whether waves are told."""

from flask import Blueprint, abort, redirect, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx
from waitlist.services import preferring
from waitlist.web.admin.again import read_path
from waitlist.web.admin.frame import back, desk, pressed
from waitlist.web.admin.notices import KEYS, PREFIX
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_preferences", __name__, url_prefix="/admin/account")


@blueprint.post("/notices/<notice>/dismissal")
@guard(Owner.ADMIN, Proof.CSRF)
def dismiss(notice: str) -> ResponseReturnValue:
    """Put a notice away for oneself, and stay on the page."""
    if notice not in KEYS:
        abort(404)

    def act(tx: Tx) -> None:
        preferring.choose(tx, desk().user.id, PREFIX + notice, actor=desk().actor, now=clock.now())

    pressed("dismiss", act)
    path = read_path(request.form.get("to", ""))
    return redirect(path, 303) if path else back("admin_account.account")


@blueprint.post("/notices")
@guard(Owner.ADMIN, Proof.CSRF)
def show_notices() -> ResponseReturnValue:
    """All of them again."""

    def act(tx: Tx) -> None:
        preferring.take_back(tx, desk().user.id, PREFIX, actor=desk().actor, now=clock.now())

    pressed("notices", act)
    return back("admin_account.account", "notices")


@blueprint.post("/wave-mails")
@guard(Owner.ADMIN, Proof.CSRF)
def wave_mails() -> ResponseReturnValue:
    """Hear no more when one's own waves are done or paused, or hear of it again."""
    off = request.form.get("wave_mails") == "off"

    def act(tx: Tx) -> None:
        verb = preferring.choose if off else preferring.take_back
        verb(tx, desk().user.id, "no_wave_mails", actor=desk().actor, now=clock.now())

    pressed("wave_mails", act)
    return back("admin_account.account", "wave_mails")


@blueprint.post("/shortcuts")
@guard(Owner.ADMIN, Proof.CSRF)
def shortcuts() -> ResponseReturnValue:
    """Turn the keyboard shortcuts off, or on again."""
    off = request.form.get("shortcuts") == "off"

    def act(tx: Tx) -> None:
        verb = preferring.choose if off else preferring.take_back
        verb(tx, desk().user.id, "no_shortcuts", actor=desk().actor, now=clock.now())

    pressed("shortcuts", act)
    return back("admin_account.account", "shortcuts")
