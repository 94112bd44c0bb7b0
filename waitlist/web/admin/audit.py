"""The audit log of a waitlist: who did what to what, when and why."""

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import replace

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from waitlist import addresses, clock
from waitlist.addresses import BadAddress
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.entry import by_address
from waitlist.queries import admins
from waitlist.queries import audit as queries
from waitlist.queries.audit import Wanted
from waitlist.services import exporting, sealing
from waitlist.tables import safe_cell
from waitlist.web.admin.asked_events import KEPT, asked_events
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, desk, pressed_each_time, this_launch
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_audit", __name__, url_prefix="/admin/w/<slug>/audit")
PAGE = 100
CHUNK = 500
CELLS = ("at", "actor", "verb", "subject", "about", "data", "detail", "request_id")
NOBODY = 0  # the row of no entry


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def audit(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The newest events first, filtered as the address says."""
    fields = Fields(asked=request.args)
    with reading() as rx:
        found = queries.events(rx, _wanted(rx, fields), PAGE)
        doers, sealed = admins.names(rx), queries.sealed_until(rx)
        verified = sealing.verify(rx) if "verify" in request.args else None
    return admin_page(
        "admin/audit.html",
        status=422 if fields.errors else 200,
        events=found,
        names=doers,
        sealed=sealed,
        verified=verified,
        older=found[-1].id if len(found) == PAGE else None,
        kept={name: value for name, value in request.args.items() if name in KEPT and value},
        errors=fields.errors,
    )


@blueprint.post("/export")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export_audit(slug: str) -> ResponseReturnValue:
    """A CSV of exactly these events, and an event that says so."""
    launch, now, actor = this_launch(), clock.now(), desk().actor
    with reading() as rx:
        wanted = _wanted(rx, Fields(asked=request.args))
        wanted = replace(wanted, before=queries.newest(rx) + 1)  # what is written about it from here on is not in it
        rows = queries.counted(rx, wanted)

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form="audit log", rows=rows, states=(), actor=actor, now=now)

    pressed_each_time("export", act)
    name = f"{slug}-audit-{now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(stream_with_context(_lines(wanted)), mimetype="text/csv", headers=headers)


def _wanted(rx: Tx, fields: Fields) -> Wanted:
    typed = fields.text("about", most=254)
    if not typed:
        return asked_events(fields)
    try:
        entry = one(rx, by_address(this_launch().id, addresses.canon(typed).key))
    except BadAddress:
        entry = None  # finds nobody, and says so
    return asked_events(fields, about=entry.id if entry is not None else NOBODY)


def _lines(wanted: Wanted) -> Iterator[str]:
    yield "\ufeff" + _line(CELLS)
    with reading() as rx:
        for row in queries.every_event(rx, wanted, CHUNK):
            texts = (json.dumps(value, ensure_ascii=False) if value else "" for value in (row.data, row.detail))
            cells = (
                row.at.isoformat(),
                row.actor,
                row.verb,
                row.subject,
                row.about or "",
                *texts,
                row.request_id or "",
            )
            yield _line(tuple(safe_cell(cell) for cell in cells))


def _line(cells: tuple[str, ...]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
