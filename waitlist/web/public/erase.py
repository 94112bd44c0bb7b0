"""Erasing oneself (P-16): a page says what goes and what stays, an e-mailed code proves who asks, a receipt ends it."""

from datetime import datetime

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import addresses, clock, codes
from waitlist.actors import person
from waitlist.db import Tx, one, reading, writing
from waitlist.i18n import page_locale
from waitlist.models.entry import Entry, by_public_id
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services import forgetting, proving
from waitlist.services.proving import Proven, Spent, WrongCode
from waitlist.tokens import BadToken, Purpose
from waitlist.web import code_pages, devices, inboxes
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.inboxes import Inbox
from waitlist.web.launches import launch_of_token, launch_or_404
from waitlist.web.pages import Errors, page
from waitlist.web.public.application import mailbox
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.status import Mine, required

KIND = "member_action"


@blueprint.get("/s/<token>/erase")
@guard(Owner.PUBLIC)
def erase(token: str) -> Response:
    """What is erased, what stays without a name, and why."""
    mine = required(token, clock.now())
    return page("public/erase.html", state="erase", launch=mine.launch, private=True, me=mine.shown, token=token)


@blueprint.post("/s/<token>/erase")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="10/minute")
def erase_ask(token: str) -> ResponseReturnValue:
    """Mail the code: a private link alone cannot erase anybody."""
    now = clock.now()
    mine = required(token, now)
    address = addresses.canon(mine.shown.email)
    with writing() as tx:
        who, language = mailbox(mine.launch, address), str(page_locale())
        asked = proving.ask(tx, mine.launch, KIND, who, language=language, now=now, where=devices.words())
    if isinstance(asked, proving.TooOften):
        return code_pages.too_often(asked.seconds)
    carried = inboxes.carried(mine.launch, Inbox(asked.attempt, address.email), now)
    never = "yes" if request.form.get("never") == "yes" else None
    return redirect(url_for("public.erase_code", token=token, t=carried, never=never), 303)


@blueprint.get("/s/<token>/erase/code")
@guard(Owner.PUBLIC)
def erase_code(token: str) -> ResponseReturnValue:
    """The field for the code, and the button that does it."""
    now = clock.now()
    mine = required(token, now)
    inbox = inboxes.opened(mine.launch, now)
    if inbox is None:
        return redirect(url_for("public.erase", token=token))
    return _code_page(mine, inbox)


@blueprint.post("/s/<token>/erase/code")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def erase_press(token: str) -> ResponseReturnValue:
    """Everything at once. Whoever presses twice sees the receipt twice."""
    now = clock.now()
    if (gone := _erased(token)) is not None:
        return redirect(url_for("public.erased", slug=gone.slug), 303)
    mine = required(token, now)
    inbox = inboxes.opened(mine.launch, now)
    if inbox is None:
        return redirect(url_for("public.erase", token=token), 303)
    try:
        with writing() as tx:
            outcome = _prove_and_erase(tx, mine, inbox, now)
    except codes.BadCode:
        return _code_page(mine, inbox, code_pages.not_six_digits(), status=422)
    if isinstance(outcome, WrongCode):
        return _code_page(mine, inbox, code_pages.wrong(outcome), status=422)
    if isinstance(outcome, Spent):
        said = gettext("This code does not work any more. Send a new one.")
        return _code_page(mine, inbox, [(code_pages.FIELD, said)], status=410)
    return redirect(url_for("public.erased", slug=mine.launch.slug), 303)


@blueprint.get("/w/<slug>/erased")
@guard(Owner.PUBLIC)
def erased(slug: str) -> Response:
    """The receipt. It names nobody, so it needs no link of anybody's."""
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    return page("public/erased.html", state="erased", launch=launch)


def _prove_and_erase(tx: Tx, mine: Mine, inbox: Inbox, now: datetime) -> Proven | WrongCode | Spent:
    typed = request.form.get(code_pages.FIELD, "")
    outcome = proving.by_code(tx, mine.launch, inbox.attempt, typed, key=runtime().codes_key, now=now)
    if not isinstance(outcome, Proven):
        return outcome
    if outcome.attempt.kind != KIND or outcome.attempt.entry_id != mine.shown.entry_id:
        return Spent("declined")  # a code of another page, or of another person, proves nothing here
    never, actor = request.form.get("never") == "yes", person(mine.shown.entry)
    forgetting.erase(tx, mine.launch, mine.shown.entry_id, never_again=never, actor=actor, now=now)
    return outcome


def _code_page(mine: Mine, inbox: Inbox, errors: Errors = (), *, status: int = 200) -> Response:
    never = request.form.get("never", request.args.get("never", ""))
    return page(
        "public/erase_code.html", status=status, state="erase-code", launch=mine.launch, private=True, errors=errors,
        inbox=inbox, token=mine.token, t=request.args.get("t", ""), never=never == "yes",
    )  # fmt: skip


def _erased(token: str) -> Launch | None:
    """The launch of a link whose person is gone: a second press on the same button."""
    try:
        carrier = runtime().tokens.read(Purpose.STATUS, token)
    except BadToken:
        return None
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        entry: Entry | None = one(rx, by_public_id(launch.id, carrier.row))
    return launch if entry is not None and entry.erased_at is not None else None
