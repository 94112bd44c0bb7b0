"""Who brought most, as a table a page at a time and as a file."""

from collections.abc import Iterator
from datetime import datetime

from flask import Blueprint, Response, abort, stream_with_context
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.looking import Filter
from waitlist.queries import referrals as queries
from waitlist.queries.referrals import Inviter
from waitlist.services import exporting
from waitlist.tables import safe_cell
from waitlist.web.admin.frame import admin_page, desk, pressed_each_time, this_launch
from waitlist.web.admin.looking import Asked, asked_for, choices, in_words, said
from waitlist.web.admin.people import csv_line
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_referrals", __name__, url_prefix="/admin/w/<slug>/referrals")
CELLS = ("id", "email", "direct", "pending", "counted", "withheld", "reversed", "branch", "levels", "last")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def referrals(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The people who brought most, of those the address asks for."""
    return _page(asked_for())


@blueprint.post("/export")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export_inviters(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """All of them as a file, written into the audit log first."""
    launch, asked = this_launch(), asked_for()
    if asked.errors:
        return _page(asked)
    with reading() as rx:
        total = queries.table(rx, launch.id, asked.filter, size=1).total
    return _file("referrals", total, _lines(launch.id, asked.filter))


@blueprint.post("/edges")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export_edges(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Who brought whom as a file of ids: no address and no name leaves with it."""
    launch, asked = this_launch(), asked_for()
    if asked.errors:
        return _page(asked)
    with reading() as rx:
        total = queries.count_edges(rx, launch.id, asked.filter)
    return _file("edges", total, _edges(launch.id, asked.filter))


def _page(asked: Asked) -> ResponseReturnValue:
    try:
        with reading() as rx:
            found = queries.table(rx, this_launch().id, asked.filter, after=asked.after)
            offered = choices(rx)
    except ValueError:  # a key that somebody wrote by hand
        abort(404)
    return admin_page(
        "admin/referrals.html",
        status=422 if asked.errors else 200,
        errors=asked.errors,
        table=found,
        asked=asked,
        words=in_words(said(asked.filter, dict(offered["questions"]))),
        **offered,
    )


def _file(what: str, rows: int, lines: Iterator[str]) -> Response:
    launch, actor, now = this_launch(), desk().actor, clock.now()

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form=what, rows=rows, states=(), actor=actor, now=now)

    pressed_each_time(f"export_{what}", act)
    name = f"{launch.slug}-{what}-{now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(stream_with_context(lines), mimetype="text/csv", headers=headers)


def _lines(launch_id: int, looked_for: Filter) -> Iterator[str]:
    yield "\ufeff" + csv_line(CELLS)
    with reading() as rx:
        for row in queries.everybody(rx, launch_id, looked_for):
            yield csv_line([safe_cell(str(cell)) for cell in _cells(row)])


def _edges(launch_id: int, looked_for: Filter) -> Iterator[str]:
    yield "\ufeff" + csv_line(("referrer", "friend", "confirmed", "credit"))
    with reading() as rx:
        for edge in queries.edges(rx, launch_id, looked_for):
            confirmed = edge.confirmed.isoformat() if edge.confirmed else ""
            yield csv_line((edge.referrer, edge.friend, confirmed, edge.credit))


def _cells(row: Inviter) -> tuple[object, ...]:
    last = row.last.isoformat() if isinstance(row.last, datetime) else ""
    branch = f"more than {row.below.people}" if row.below.more else row.below.people
    credited = (row.counted, row.withheld, row.reversed)
    return (row.public_id, row.email, row.direct, row.pending, *credited, branch, row.below.levels, last)
