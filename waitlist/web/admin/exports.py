"""Export: people, invites, referrals and the audit log leave as CSV or JSON Lines, a page at a time; it is noted."""

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.queries import files
from waitlist.services import exporting
from waitlist.tables import safe_cell
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import desk, pressed_each_time, this_launch
from waitlist.web.admin.imports import files_page
from waitlist.web.admin.people import csv_line
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_exports", __name__, url_prefix="/admin/w/<slug>/exports")
KINDS = {"csv": "text/csv", "jsonl": "application/jsonl"}


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export(slug: str) -> ResponseReturnValue:
    """A file of one kind of thing; an event says so."""
    fields, launch, actor, now = Fields(), this_launch(), desk().actor, clock.now()
    what = fields.choice("what", files.READ, missing=gettext("Select what to export"))
    form = fields.choice("form", KINDS, missing=gettext("Select a format"))
    if fields.errors:
        return files_page(fields.errors)
    with reading() as rx:
        rows = files.count(rx, launch.id, what)

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form=form, rows=rows, states=(what,), actor=actor, now=now)

    pressed_each_time("export", act)
    name = f"{slug}-{what}-{now:%Y-%m-%d}.{form}"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    lines = (_sheet if form == "csv" else _lines)(launch.id, what)
    return Response(stream_with_context(lines), mimetype=KINDS[form], headers=headers)


def _sheet(launch_id: int, what: str) -> Iterator[str]:
    yield "\ufeff"
    with reading() as rx:
        for number, row in enumerate(files.READ[what](rx, launch_id)):
            if number == 0:
                yield csv_line(list(row))
            yield csv_line([safe_cell(_text(value)) for value in row.values()])


def _lines(launch_id: int, what: str) -> Iterator[str]:
    with reading() as rx:
        for row in files.READ[what](rx, launch_id):
            yield json.dumps(row, ensure_ascii=False, default=_text) + "\n"


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False, default=_text) if isinstance(value, dict) else str(value)
