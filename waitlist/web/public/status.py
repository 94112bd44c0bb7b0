"""The status page (P-05): the page people come back to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, abort, request
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.gates.answers import Refuses
from waitlist.models.entry import State
from waitlist.models.launch import Launch
from waitlist.queries import launch_page, openings, planned, standing
from waitlist.queries.standing import StatusPage
from waitlist.runtime import runtime
from waitlist.tokens import BadToken, Purpose
from waitlist.web.guards import Owner, guard
from waitlist.web.launches import launch_of_token
from waitlist.web.pages import page
from waitlist.web.public import lost
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.paths import referral_url
from waitlist.web.public.qr import inline
from waitlist.web.public.refused import why

SHARES = ("waiting", "held", "invited", "joined", "lapsed")  # states with a link of one's own that still counts


@dataclass(frozen=True)
class Mine:
    """One person's page as its private link names it."""

    launch: Launch
    shown: StatusPage
    token: str


def mine(token: str, now: datetime) -> Mine | Response:
    """The page of a private link, or the page that says why there is none."""
    try:
        carrier = runtime().tokens.read(Purpose.STATUS, token)
    except BadToken:
        return lost.no_such_place()
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        shown = standing.status_page(rx, launch, carrier.row, now=now)
    if shown is None or shown.state == State.REMOVED:
        return lost.no_such_place(launch)
    if carrier.version != shown.link_version:
        return lost.newer_link(launch)
    return Mine(launch, shown, token)


@blueprint.get("/s/<token>")
@guard(Owner.PUBLIC)
def status(token: str) -> Response:
    """My place, what moves it, and what is next."""
    now = clock.now()
    found = mine(token, now)
    if isinstance(found, Response):
        return found
    launch, shown = found.launch, found.shown
    invite, settings = _invite_path(launch, shown), settings_path(launch, shown)
    return status_page(launch, shown, token, now, invite=invite, settings=settings)


def status_page(launch: Launch, shown: StatusPage, token: str, now: datetime, **more: Any) -> Response:
    """The page itself; `looking` is the person's address where one of the team looks at it instead of them."""
    with reading() as rx:
        asked = _has_questions(rx, launch)
        waits = shown.state == State.WAITING
        plan = planned.wave_for(rx, launch, shown.entry_id, now) if waits else None
        ahead = openings.stage_ahead(rx, launch, shown.entry_id, now) if waits and plan is None else None
    link = referral_url(shown.slug)
    return page(
        "public/status.html",
        state=shown.state,
        launch=launch,
        private=True,
        me=shown,
        first_name=shown.name.split()[0] if shown.name.strip() else "",
        token=token,
        now=now,
        done=_done(request.args.get("done", ""), shown),
        link=link,
        qr=inline(link),
        shares=shown.state in SHARES,
        refusal=why(launch, shown.refusal, shown.email).text if isinstance(shown.refusal, Refuses) else "",
        asked=asked,
        plan=plan,
        ahead=ahead,
        **more,
    )


def required(token: str, now: datetime) -> Mine:
    """The page of a private link for doors that act on it; whoever has none is answered by `status` itself."""
    found = mine(token, now)
    if isinstance(found, Response):
        abort(found)
    return found


def _done(word: str, shown: StatusPage) -> str:
    """What the banner says of what was just done."""
    said = {
        "confirmed": gettext("Your place is confirmed."),
        "already": gettext("Already confirmed."),
        "in-line": gettext("You are in line."),
        "answered": gettext("Your answers are saved."),
        "changed": gettext("Your address is changed. The old one can take it back for seven days."),
        "back": gettext("Welcome back. You have your place again."),
        "new-link": gettext("This is your new private link. The old one stopped working."),
        "named": gettext("Saved."),
        "asked": gettext("You asked for a new invite. We e-mail you what is decided."),
        "renewed": gettext("A new invite is on its way to your inbox."),
        "too-late": gettext("The seven days to come back are over."),
    }
    return said.get(word, "") if shown.state != State.UNCONFIRMED else ""


def _invite_path(launch: Launch, shown: StatusPage) -> str | None:
    """The invite's page by the link that is shown, not mailed: there the mailbox is proven once more."""
    if shown.invite is None or shown.state not in (State.INVITED, State.LAPSED):
        return None
    tokens = runtime().tokens
    token = tokens.sign(Purpose.INVITE_SHOWN, launch.public_id, shown.invite.public_id, shown.invite.version)
    return f"{request.script_root}/i/{token}"


def settings_path(launch: Launch, shown: StatusPage) -> str | None:
    """The e-mail settings, once a first mail has made them."""
    if shown.choice is None:
        return None
    return f"{request.script_root}/u/{runtime().tokens.sign(Purpose.CHOICES, launch.public_id, shown.choice)}"


def _has_questions(rx: Tx, launch: Launch) -> bool:
    return bool(launch_page.questions(rx, launch))
