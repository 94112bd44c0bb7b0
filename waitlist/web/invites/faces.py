"""The faces of an invite: which page a state is shown as, and with which status."""

from typing import Any

from flask import Response

from waitlist.gates.answers import Answer, Refuses
from waitlist.models.entry import State
from waitlist.queries.invite_page import Shown
from waitlist.runtime import runtime
from waitlist.tokens import Purpose
from waitlist.web.invites.opened import Opened
from waitlist.web.pages import Errors, page
from waitlist.web.public.refused import why

GONE = {
    Shown.REVOKED: "revoked",
    Shown.USED_UP: "used_up",
    Shown.REPLACED: "replaced",
    Shown.EXPIRED: "expired",
}


def show(opened: Opened, *, status: int = 200, errors: Errors = (), email: str = "", done: bool = False) -> Response:
    """The page of the invite as it stands: one that can be accepted, or the way out of what it became.

    `done`: somebody who came too late for a link has just asked its member for another.
    """
    shown = opened.page.shown
    person = opened.page.person
    if person is not None and person.admission is not None:
        return already_in(opened, person.admission)
    if opened.launched:
        return _page(opened, "invites/launched.html", 200, "launched")
    if shown in GONE:
        code = 200 if done else 422 if errors else 410
        return _page(opened, "invites/gone.html", code, GONE[shown], errors=errors, email=email, done=done)
    return _page(opened, "invites/landing.html", status, str(shown), errors=errors, email=email)


def already_in(opened: Opened, admission: str) -> Response:
    """They are a member: by this invite ("You are already in") or by another one, and then this one is untouched."""
    mine = opened.page.shown is Shown.USED
    welcome = runtime().tokens.sign(Purpose.WELCOME, opened.launch.public_id, admission)
    state = "used" if mine else "member"
    return _page(opened, "invites/already_in.html", 200, state, mine=mine, welcome=welcome)


def no_seat(opened: Opened, email: str) -> Response:
    """The last place went a moment ago: the invite is kept, and the wish is remembered."""
    return _page(opened, "invites/no_seat.html", 409, "no_seat", email=email)


def paused(opened: Opened) -> Response:
    return _page(opened, "invites/waits.html", 409, "paused")


def held(opened: Opened) -> Response:
    return _page(opened, "invites/waits.html", 409, "held")


def not_eligible(opened: Opened, answer: Answer, email: str) -> Response:
    """The rules say no to this address: which one would do, and a field for it. A blocked person reads nothing new."""
    if isinstance(answer, Refuses) and answer.code == "denied":
        return _page(opened, "invites/gone.html", 410, "revoked")
    told = why(opened.launch, answer, email) if isinstance(answer, Refuses) else None
    return _page(opened, "invites/wrong_address.html", 403, "wrong_domain", email=email, why=told)


def altered() -> Response:
    """A link that names nothing: check it, or type the code."""
    return page("invites/redeem.html", status=404, state="altered", private=True, code="")


def declined(opened: Opened) -> Response:
    """They said no. Whom the team had invited may stand in line again for seven days."""
    person = opened.page.person
    undo = opened.mailed and person is not None and person.state == State.LEFT
    return _page(opened, "invites/declined.html", 200, "declined", undo=undo)


def after(opened: Opened, what: str) -> Response:
    """What the press set going: a mail was `sent`, or somebody was `asked`."""
    return _page(opened, "invites/after.html", 200, what)


def _page(opened: Opened, template: str, status: int, state: str, *, errors: Errors = (), **context: Any) -> Response:
    return page(
        template, status=status, state=state, launch=opened.launch, errors=errors, private=True,
        invite=opened.page, token=opened.token, now=opened.now, **context,
    )  # fmt: skip
