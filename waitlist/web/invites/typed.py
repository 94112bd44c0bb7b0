"""Redeeming by a typed code: forgiving input, and tries that are counted before anything is looked up."""

from datetime import timedelta
from typing import Literal

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, codes
from waitlist.db import Tx, writing
from waitlist.queries.invite_page import CodeFound, by_code
from waitlist.runtime import runtime
from waitlist.services import counting
from waitlist.tokens import Purpose
from waitlist.web.code_pages import too_often
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.networks import network
from waitlist.web.pages import Errors, page

blueprint = Blueprint("redeem", __name__)
TRIES, WINDOW = 5, timedelta(minutes=10)


@blueprint.get("/redeem")
@guard(Owner.PUBLIC)
def form() -> ResponseReturnValue:
    """Ask for the code."""
    return _form("")


@blueprint.post("/redeem")
@guard(Owner.PUBLIC, Proof.FORM, limit="600/minute")
def find() -> ResponseReturnValue:
    """Lead to the invite that the code names; a slip of the finger is told before any look-up."""
    typed = request.form.get("code", "")
    try:
        symbols = codes.read_code(typed)
    except codes.BadCode as fault:
        return _form(typed, [("code", _slip(str(fault)))])
    with writing() as tx:
        found = _look_up(tx, typed, symbols)
    if found is False:
        return too_often(int(WINDOW.total_seconds()))
    if found is None:
        return _form(typed, [("code", gettext("No invite has this code. Check it against your e-mail or card."))], 404)
    token = runtime().tokens.sign(Purpose.INVITE_SHOWN, found.launch, found.invite, found.version)
    return redirect(url_for("invite.show", token=token), 303)


def _look_up(tx: Tx, typed: str, symbols: str) -> CodeFound | Literal[False] | None:
    """The invite of a code, None for a wrong one, False when there were too many wrong ones lately."""
    who = f"{_family(typed)}:{network()}:{request.user_agent.string}:{request.form.get('email', '').strip().lower()}"
    now = clock.now()
    if not counting.claim(tx, "typed-code", who, limit=TRIES, window=WINDOW, now=now):
        return False
    found = by_code(tx, codes.look_up_hash(runtime().secrets.pepper, symbols))
    if found is not None:
        counting.forgive(tx, "typed-code", who)  # a right code is no try: a desk may type many
    return found


def _family(typed: str) -> str:
    """What stands before the 14 symbols: the launch's prefix, as printed."""
    return codes.fold(typed)[: -(codes.CODE_SYMBOLS + 1)]


def _slip(fault: str) -> str:
    if fault == "check":
        return str(gettext("Check the code: one character looks wrong"))
    return str(gettext("Check the code. It looks like CAMPUS-7K2P-M9QX-4TB8-WZ."))


def _form(typed: str, errors: Errors = (), status: int = 0) -> Response:
    status = status or (422 if errors else 200)
    return page("invites/redeem.html", status=status, state="redeem", errors=errors, private=True, code=typed)
