"""Check your inbox (P-03): the same for everybody who typed an address, with the mail again and the six digits."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from waitlist import clock, codes
from waitlist.db import Tx, reading, writing
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services import proving, resending
from waitlist.services.confirming import Confirmed, LinkExpired
from waitlist.tokens import BadToken, Purpose
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.headers import allow_frame
from waitlist.web.launches import launch_or_404
from waitlist.web.pages import page
from waitlist.web.public import taken
from waitlist.web.public.blueprint import blueprint

LIFE = timedelta(hours=48)


@dataclass(frozen=True)
class Inbox:
    """What the page's token says: back only to whoever typed the address."""

    attempt: str  # public id
    email: str
    asked_at: datetime
    again_at: datetime | None  # the mail was sent again


def inbox_path(
    launch: Launch, attempt: str, email: str, now: datetime, *, again_at: datetime | None = None, embed: bool = False
) -> str:
    """The page of this attempt; it works for 48 hours."""
    again = None if again_at is None else int(again_at.timestamp())
    data = [launch.public_id, attempt, email, int(now.timestamp()), again]
    token = runtime().tokens.sign_data(Purpose.CHECK_INBOX, data)
    return url_for("public.inbox", slug=launch.slug, t=token, embed="1" if embed else None)


def read(launch: Launch, now: datetime) -> Inbox:
    """The token of this request; answers 404 where it is altered, of another launch or too old."""
    found = peek(launch, now)
    if found is None:
        abort(404)
    return found


def peek(launch: Launch, now: datetime) -> Inbox | None:
    """The same, or None."""
    found = _read(launch, request.values.get("t", ""))
    return found if found is not None and now - found.asked_at < LIFE else None


@blueprint.get("/w/<slug>/check-inbox")
@guard(Owner.PUBLIC)
def inbox(slug: str) -> Response:
    """The page itself; it survives a reload."""
    now = clock.now()
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    return _show(launch, read(launch, now))


@blueprint.post("/w/<slug>/check-inbox/again")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def inbox_again(slug: str) -> ResponseReturnValue:
    """The mail once more; the older one stops working."""
    now = clock.now()
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    token = read(launch, now)
    with writing() as tx:
        outcome = send_again(tx, launch, token.attempt, now)
    if isinstance(outcome, resending.TooSoon):
        said = ngettext("Wait %(num)s second, then try again", "Wait %(num)s seconds, then try again", outcome.seconds)
        return _show(launch, token, status=429, warning=said, waited=outcome.seconds)
    if isinstance(outcome, resending.TooMany):
        return _show(launch, token, status=429, warning=_enough(launch), waited=3_600)
    embed = request.form.get("embed") == "1"
    return redirect(inbox_path(launch, outcome.attempt, token.email, now, again_at=outcome.at, embed=embed), 303)


@blueprint.post("/w/<slug>/check-inbox")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def inbox_code(slug: str) -> ResponseReturnValue:
    """The six digits of the mail, for people whose mail is on another device."""
    now = clock.now()
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    token = read(launch, now)
    try:
        with writing() as tx:
            outcome = _take_place(tx, launch, token, now)
    except codes.BadCode:
        return _show(launch, token, status=422, fault=gettext("Enter the 6 numbers from the e-mail"))
    except LinkExpired:
        return _show(launch, token, status=410, fault=_over())
    if isinstance(outcome, proving.WrongCode):
        return _show(launch, token, status=422, fault=_wrong(outcome.tries_left))
    if isinstance(outcome, proving.Spent):
        return _show(launch, token, status=410, fault=_over())
    return taken.lead(launch, *outcome)


def send_again(
    tx: Tx, launch: Launch, attempt: str, now: datetime
) -> resending.SentAgain | resending.TooSoon | resending.TooMany:
    """The verb's outcome; an attempt that is gone or never was gets the same answer as one that mails nothing."""
    try:
        return resending.send_again(tx, launch, attempt, now=now)
    except resending.UnknownAttempt:
        return resending.SentAgain(attempt, now)


def _read(launch: Launch, token: str) -> Inbox | None:
    try:
        data = runtime().tokens.read_data(Purpose.CHECK_INBOX, token)
    except BadToken:
        return None
    match data:
        case [of, str(attempt), str(email), int(at), again] if of == launch.public_id and attempt != "find":
            return Inbox(attempt, email, _moment(at), None if again is None else _moment(again))
    return None


def _take_place(
    tx: Tx, launch: Launch, token: Inbox, now: datetime
) -> tuple[int, Confirmed] | proving.WrongCode | proving.Spent:
    typed = request.form.get("code", "")
    proof = proving.by_code(tx, launch, token.attempt, typed, key=runtime().codes_key, now=now)
    if not isinstance(proof, proving.Proven):
        return proof
    return proof.attempt.id, taken.take(tx, launch, proof.attempt, now)


def _show(
    launch: Launch, token: Inbox, *, status: int = 200, fault: str = "", warning: str = "", waited: int | None = None
) -> Response:
    embed = request.values.get("embed") == "1"
    if embed:
        allow_frame()
    response = page(
        "public/check_inbox.html",
        status=status,
        state="check-inbox",
        launch=launch,
        errors=[("code", fault)] if fault else [],
        private=True,
        email=token.email,
        again_at=token.again_at,
        warning=warning,
        sender=runtime().stationery.sender[1],
        token=request.values["t"],
        embed=embed,
    )
    if waited is not None:
        response.headers["Retry-After"] = str(waited)
    return response


def _wrong(left: int) -> str:
    return str(
        ngettext(
            "That is not the code of the newest e-mail. You can try %(num)s more time.",
            "That is not the code of the newest e-mail. You can try %(num)s more times.",
            left,
        )
    )


def _over() -> str:
    # The same whatever happened to it: a stranger must not learn by a code whether somebody confirmed.
    return str(gettext("This code does not work any more. Send the e-mail again to get a new one."))


def _enough(launch: Launch) -> str:
    if launch.contact_email:
        return str(gettext("This address has had all e-mails of today. Contact %(email)s.", email=launch.contact_email))
    return str(gettext("This address has had all e-mails of today. Try again tomorrow."))


def _moment(seconds: Any) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
