"""Find my place (P-06): the answer is the same whether the address is on the list or not."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading, writing
from waitlist.i18n import page_locale
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services import proving
from waitlist.services.joining import Application
from waitlist.tokens import BadToken, Purpose
from waitlist.web import forms
from waitlist.web.errors import error_page
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.launches import launch_or_404
from waitlist.web.pages import page
from waitlist.web.public.application import mailbox, read_address
from waitlist.web.public.blueprint import blueprint


@blueprint.get("/w/<slug>/find")
@guard(Owner.PUBLIC)
def find(slug: str) -> Response:
    """The form, or what was done with it: the address stands in a token that only who typed it has."""
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    return _show(launch, asked=_asked(launch))


@blueprint.post("/w/<slug>/find")
@guard(Owner.PUBLIC, Proof.FORM, limit="30/minute")
def find_press(slug: str) -> ResponseReturnValue:
    """Mail the private link, if there is somebody to mail it to."""
    now = clock.now()
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    press = forms.pressed("find", launch.public_id, now=now)
    address, faults = read_address(request.form.get("email", ""))
    if press.stale and not faults:
        faults = [("email", gettext("Your session timed out. Check your answers and send again."))]
    if faults or address is None:
        return _show(launch, status=422, errors=faults)
    if not forms.is_bot():
        who = mailbox(launch, address)
        with writing() as tx:
            outcome = forms.once(tx, press.about(address.key), launch.id, now, lambda: _ask(tx, launch, who, now))
        if outcome.get("wait"):
            return _enough(outcome["wait"])
    data = [launch.public_id, "find", address.email, int(now.timestamp()), None]
    token = runtime().tokens.sign_data(Purpose.CHECK_INBOX, data)
    return redirect(url_for("public.find", slug=slug, t=token), 303)


def _ask(tx: Tx, launch: Launch, who: Application, now: datetime) -> dict[str, Any]:
    asked = proving.ask(tx, launch, "find", who, language=str(page_locale()), now=now)
    return {"wait": asked.seconds if isinstance(asked, proving.TooOften) else 0}


def _asked(launch: Launch) -> str:
    try:
        data = runtime().tokens.read_data(Purpose.CHECK_INBOX, request.args.get("t", ""))
    except BadToken:
        return ""
    match data:
        case [of, "find", str(email), int(at), None] if of == launch.public_id:
            return email if clock.now() < datetime.fromtimestamp(at, UTC) + proving.HOUR else ""
    return ""


def _enough(seconds: int) -> Response:
    text = gettext("This address was asked for several times. Look into its inbox, or try again in an hour.")
    return error_page(429, gettext("Too many tries for this address"), text, state="too_many", waited=seconds)


def _show(
    launch: Launch, *, status: int = 200, asked: str = "", errors: list[tuple[str, str]] | None = None
) -> Response:
    return page(
        "public/find.html",
        status=status,
        state="find-sent" if asked else "find",
        launch=launch,
        private=bool(asked),
        errors=errors or (),
        email=request.form.get("email", ""),
        asked=asked,
    )
