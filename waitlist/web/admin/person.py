"""One person, a page for each side of them. What was done with them stands first."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.entry import Entry, by_public_id
from waitlist.queries import admins, audit
from waitlist.queries import person as queries
from waitlist.queries.audit import Line
from waitlist.sentences import N_
from waitlist.web.admin.asked_events import KEPT, asked_events
from waitlist.web.admin.fields import Fields, seen_before
from waitlist.web.admin.frame import admin_page, this_launch
from waitlist.web.admin.looking import choices
from waitlist.web.guards import Owner, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_person", __name__, url_prefix="/admin/w/<slug>/people/<entry_id>")
PAGE = 50
TIMELINE = "timeline"
TABS = {
    TIMELINE: N_("Timeline"),
    "place": N_("Place explained"),
    "referrals": N_("Referrals"),
    "invites": N_("Invites"),
    "messages": N_("Messages"),
    "answers": N_("Answers"),
    "consent": N_("Consent & data"),
}


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def person(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """What happened with this person, the newest first."""
    return person_page(entry_id)


@blueprint.get("/<tab>")
@guard(Owner.ADMIN, role=Role.ANALYST)
def side(slug: str, entry_id: str, tab: str) -> ResponseReturnValue:  # noqa: ARG001
    """One side of this person."""
    if tab not in TABS or tab == TIMELINE:
        abort(404)
    return person_page(entry_id, tab=tab)


def person_page(entry_id: str, errors: Errors = (), *, status: int = 200, tab: str = TIMELINE) -> ResponseReturnValue:
    """The page, with what was wrong with one of its forms."""
    fields = Fields(asked=request.args)
    with reading() as rx:
        found = queries.person(rx, this_launch().id, entry_id, now=clock.now(), before=seen_before("friends"))
        doers = admins.names(rx)
        if found is None:
            abort(404)
        events = _events(rx, fields, found.entry.id) if tab == TIMELINE else []
        lines = choices(rx)["lines"]
    return admin_page(
        "admin/person.html",
        status=status,
        errors=[*errors, *fields.errors],
        person=found,
        names=doers,
        lines=lines,
        typed=request.form,
        tab=tab,
        tabs=TABS,
        events=events,
        older=events[-1].id if len(events) == PAGE else None,
        kept={name: value for name, value in request.args.items() if name in KEPT and value},
    )


def entry_or_404(public_id: str) -> Entry:
    """The person in the address, of this waitlist alone."""
    with reading() as rx:
        entry = one(rx, by_public_id(this_launch().id, public_id))
    if entry is None:
        abort(404)
    return entry


def _events(rx: Tx, fields: Fields, entry_id: int) -> list[Line]:
    return list(audit.events(rx, asked_events(fields, about=entry_id), PAGE))
