"""One person, and everything that was with them."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import one, reading
from waitlist.models.access import Role
from waitlist.models.entry import Entry, by_public_id
from waitlist.queries import admins
from waitlist.queries import person as queries
from waitlist.web.admin.frame import admin_page, this_launch
from waitlist.web.guards import Owner, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_person", __name__, url_prefix="/admin/w/<slug>/people/<entry_id>")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def person(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """The page."""
    return person_page(entry_id)


def person_page(entry_id: str, errors: Errors = (), *, status: int = 200) -> ResponseReturnValue:
    """The page, with what was wrong with one of its forms."""
    with reading() as rx:
        found = queries.person(rx, this_launch().id, entry_id, now=clock.now())
        doers = admins.names(rx)
    if found is None:
        abort(404)
    return admin_page("admin/person.html", status=status, errors=errors, person=found, names=doers, typed=request.form)


def entry_or_404(public_id: str) -> Entry:
    """The person in the address, of this waitlist alone."""
    with reading() as rx:
        entry = one(rx, by_public_id(this_launch().id, public_id))
    if entry is None:
        abort(404)
    return entry
