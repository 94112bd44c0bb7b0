"""Who brought most, as a table a page at a time and as a file."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, abort, request, stream_with_context
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.queries import referrals as queries
from waitlist.queries.referrals import Inviter
from waitlist.services import exporting
from waitlist.tables import safe_cell
from waitlist.web.admin.frame import admin_page, desk, pressed_each_time, this_launch
from waitlist.web.admin.people import csv_line
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_referrals", __name__, url_prefix="/admin/w/<slug>/referrals")
CELLS = ("id", "email", "direct", "pending", "counted", "withheld", "reversed", "branch", "levels", "last")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def referrals(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The people who brought most."""
    after = request.args.get("after", "")
    try:
        with reading() as rx:
            found = queries.table(rx, this_launch().id, after=after)
    except ValueError:  # a key that somebody wrote by hand
        abort(404)
    return admin_page("admin/referrals.html", table=found, after=after)


@blueprint.post("/export")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export_inviters(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """All of them as a file, written into the audit log first."""
    launch, actor, now = this_launch(), desk().actor, clock.now()
    with reading() as rx:
        total = queries.table(rx, launch.id, size=1).total

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form="referrals", rows=total, states=(), actor=actor, now=now)

    pressed_each_time("export_referrals", act)
    name = f"{launch.slug}-referrals-{now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(stream_with_context(_lines(launch.id)), mimetype="text/csv", headers=headers)


def _lines(launch_id: int) -> Iterator[str]:
    yield "\ufeff" + csv_line(CELLS)
    with reading() as rx:
        for row in queries.everybody(rx, launch_id):
            yield csv_line([safe_cell(str(cell)) for cell in _cells(row)])


def _cells(row: Inviter) -> tuple[object, ...]:
    last = row.last.isoformat() if isinstance(row.last, datetime) else ""
    branch = f"more than {row.below.people}" if row.below.more else row.below.people
    credited = (row.counted, row.withheld, row.reversed)
    return (row.public_id, row.email, row.direct, row.pending, *credited, branch, row.below.levels, last)
