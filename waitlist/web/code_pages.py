"""Pages that ask for the six digits of a mail: one face for signing in and for accepting an invite."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response
from flask_babel import gettext, ngettext

from waitlist.db import writing
from waitlist.models.launch import Launch
from waitlist.services import resending
from waitlist.services.proving import WrongCode
from waitlist.services.resending import TooMany, TooSoon
from waitlist.web import devices
from waitlist.web.errors import error_page
from waitlist.web.inboxes import Inbox
from waitlist.web.pages import Errors, page

FIELD = "code"


@dataclass(frozen=True)
class Ways:
    """Where the page's forms lead: the check, "Send it again", and back to where the address was typed."""

    check: str
    again: str
    start: str
    certain: bool  # False: whether a mail was sent tells who is a member, so the page does not say it


def ask(launch: Launch, inbox: Inbox, ways: Ways, *, status: int = 200, errors: Errors = ()) -> Response:
    """The page with the field."""
    return page(
        "invites/code.html", status=status, state="code", launch=launch, errors=errors, private=True,
        inbox=inbox, ways=ways,
    )  # fmt: skip


def spent(launch: Launch, why: str, ways: Ways, *, email: str = "") -> Response:
    """Nothing can be proven by that mail any more; one press sends a new one. `why` as in proving.Spent."""
    return page(
        "invites/code_spent.html", status=410, state=why, launch=launch, private=True, why=why, ways=ways, email=email
    )


def too_often(seconds: int) -> Response:
    """The address was written to often enough for now, known or not."""
    minutes = -(-seconds // 60)
    text = ngettext("Try again in %(num)s minute.", "Try again in %(num)s minutes.", minutes)
    return error_page(429, gettext("Enough e-mails for now"), text, state="too_many", waited=seconds)


def not_six_digits() -> Errors:
    """What the field says to anything but six digits; no try was spent."""
    return [(FIELD, gettext("Enter the 6 numbers from the e-mail"))]


def wrong(outcome: WrongCode) -> Errors:
    """What the field says after a try."""
    if outcome.tries_left == 0:
        return [(FIELD, gettext("That code is not right, and it was the last try. Send a new one."))]
    left = ngettext(
        "That code is not right. You have %(num)s try left.",
        "That code is not right. You have %(num)s tries left.",
        outcome.tries_left,
    )
    return [(FIELD, left)]


def send_again(launch: Launch, inbox: Inbox, now: datetime) -> Inbox | str:
    """The inbox as it is after one more mail, or why there is none yet; raises resending.UnknownAttempt."""
    with writing() as tx:
        outcome = resending.send_again(tx, launch, inbox.attempt, now=now, where=devices.words())
    if isinstance(outcome, TooSoon):
        return str(
            ngettext("Wait %(num)s second, then try again", "Wait %(num)s seconds, then try again", outcome.seconds)
        )
    if isinstance(outcome, TooMany):
        return str(gettext("We sent as many e-mails to this address as we may in a day. Try again tomorrow."))
    return inbox.again(outcome.attempt, outcome.at)
