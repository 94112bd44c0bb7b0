"""Who is signed in: the member behind this request, known by the session alone."""

from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from flask import Response, g, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist.db import Tx, one, reading
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.queries import launch_page
from waitlist.web.guards import Guard
from waitlist.web.launches import launch_or_404
from waitlist.web.pages import Errors, page
from waitlist.web.sessions import StoredSession
from waitlist.web.wording import rule


def the_session() -> StoredSession:
    return cast(StoredSession, session)


def ask_to_sign_in(_guard: Guard) -> ResponseReturnValue | None:
    """Before every member's page: find the member, or lead to the sign-in page."""
    slug = (request.view_args or {})["slug"]
    with reading() as rx:
        g.launch = launch_or_404(rx, slug)
        member = member_of_session(rx, g.launch)
    if member is None:
        return redirect(url_for("signing_in.form", slug=slug), 303)
    g.member = member
    return None


def member_of_session(rx: Tx, launch: Launch) -> Entry | None:
    """The session's entry, while it is a member of this very launch."""
    entry_id = the_session().entry_id
    if entry_id is None:
        return None
    inside = (Entry.id == entry_id, Entry.launch_id == launch.id, Entry.state == State.JOINED)
    return one(rx, sa.select(Entry).where(*inside))


def here() -> tuple[Launch, Entry]:
    """The launch and the member of this request."""
    return g.launch, g.member


def sign_in(entry_id: int) -> None:
    """This browser is this member's from now on; whoever knew its old cookie is out."""
    the_session().entry_id = entry_id
    the_session().rotate()


def member_page(template: str, current: str, *, status: int = 200, errors: Errors = (), **context: Any) -> Response:
    """A page of the signed-in member, with its row of links; `current` names the link that is open."""
    launch, member = here()
    return page(
        template,
        status=status,
        launch=launch,
        errors=errors,
        private=True,
        nav=_nav(launch, current),
        member=member,
        now=cast(datetime, context.pop("now")),
        **context,
    )


def rules_in_words(rx: Tx, launch: Launch) -> list[str]:
    """Who can be let in at all, for whoever gives invites."""
    return [rule(sentence).text for sentence in launch_page.how_it_works(rx, launch).rules if not sentence.parts]


def _nav(launch: Launch, current: str) -> list[dict[str, Any]]:
    pages = (
        ("invites", gettext("My invites"), url_for("member_invites.index", slug=launch.slug)),
        ("people", gettext("Who joined"), url_for("circle.people", slug=launch.slug)),
        ("chain", gettext("My chain"), url_for("circle.show", slug=launch.slug)),
        ("settings", gettext("My settings"), url_for("member_settings.index", slug=launch.slug)),
        ("sessions", gettext("Sign-ins"), url_for("sessions.index", slug=launch.slug)),
    )
    return [{"label": label, "href": href, "current": key == current, "count": 0} for key, label, href in pages]
