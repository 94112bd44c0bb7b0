"""One waitlist at a glance, and the presses that change what it is."""

from flask import Blueprint
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.queries import launches as queries
from waitlist.services import launching
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_overview", __name__, url_prefix="/admin/w/<slug>")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def overview(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """What it is right now, and how many people stand where."""
    return _page([])


@blueprint.post("/pause")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def pause(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Hold joins, releases and redemptions, with a reason for the team and words for the public."""
    fields = Fields()
    reason, said = fields.reason(), fields.text("public_reason", most=200)
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        launching.pause(tx, this_launch(), reason=reason, public_reason=said, actor=desk().actor, now=clock.now())

    pressed("pause", act)
    return back("admin_overview.overview", "paused")


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    with reading() as rx:
        summary = queries.summary(rx, this_launch(), clock.now())
    return admin_page("admin/overview.html", status=status, errors=errors, summary=summary)
