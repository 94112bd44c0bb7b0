"""The audit log of a waitlist: who did what to what, when and why."""

import re

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from waitlist.db import reading
from waitlist.models.access import Role
from waitlist.queries import admins
from waitlist.queries import audit as queries
from waitlist.queries.audit import Wanted
from waitlist.services import sealing
from waitlist.web.admin.fields import Fields, seen_before
from waitlist.web.admin.frame import admin_page, this_launch
from waitlist.web.guards import Owner, guard

blueprint = Blueprint("admin_audit", __name__, url_prefix="/admin/w/<slug>/audit")
PAGE = 100
_WORD = re.compile(r"[a-z_]+(?:[.:][\w-]+)?")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def audit(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The newest events first, filtered as the address says."""
    asked, fields, launch = request.args, Fields(asked=request.args), this_launch()
    actor, verb = asked.get("actor", ""), asked.get("verb", "")
    wanted = Wanted(
        launch.id,
        actor=actor if _WORD.fullmatch(actor) else "",
        verb=verb if _WORD.fullmatch(verb) else "",
        since=fields.moment("since", launch.tz),
        until=fields.moment("until", launch.tz),
        before=seen_before(),
    )
    with reading() as rx:
        found = queries.events(rx, wanted, PAGE)
        doers, sealed = admins.names(rx), queries.sealed_until(rx)
        verified = sealing.verify(rx) if "verify" in asked else None
    older = found[-1].id if len(found) == PAGE else None
    kept = {name: value for name, value in asked.items() if name in ("actor", "verb", "since", "until") and value}
    return admin_page(
        "admin/audit.html",
        events=found,
        names=doers,
        sealed=sealed,
        verified=verified,
        older=older,
        kept=kept,
        errors=fields.errors,
    )
