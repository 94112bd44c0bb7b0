"""Feedback (A-11): what members reported, answered by the team."""

import csv
import io
from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import Blueprint, Response, abort, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models import wave as waves
from waitlist.models.access import Role
from waitlist.models.report import KINDS, STATES
from waitlist.queries import admins
from waitlist.queries import reports as queries
from waitlist.queries.reports import PAGE, Shown, Wanted
from waitlist.services import exporting, reporting
from waitlist.services.reporting import BadTwin
from waitlist.tables import safe_cell
from waitlist.web.admin.fields import Fields, seen_before
from waitlist.web.admin.frame import admin_page, back, desk, pressed, pressed_each_time, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_reports", __name__, url_prefix="/admin/w/<slug>/reports")
COLUMNS = (
    "ref",
    "kind",
    "severity",
    "state",
    "person",
    "wave",
    "arm",
    "version",
    "browser",
    "at",
    "happened",
    "expected",
)


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def reports(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The newest reports first, of one state or kind or wave where that is asked for."""
    with reading() as rx:
        wanted = _wanted(rx)
        found = queries.listed(rx, this_launch(), wanted)
        counts = queries.counts(rx, this_launch())
    return admin_page(
        "admin/reports.html", reports=found, counts=counts, wanted=wanted,
        kept={name: value for name, value in request.args.items() if name in ("state", "kind", "wave") and value},
        older=found[-1].report.id if len(found) == PAGE else None,
    )  # fmt: skip


@blueprint.get("/<report_id>")
@guard(Owner.ADMIN, role=Role.ANALYST)
def report(slug: str, report_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """One report, its picture, and what was answered."""
    return _page(report_id, [])


@blueprint.get("/<report_id>/picture")
@guard(Owner.ADMIN, role=Role.ANALYST)
def picture(slug: str, report_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The picture as it was kept: encoded anew, so it is nothing but a picture."""
    with reading() as rx:
        shown = queries.called(rx, this_launch(), report_id)
        found = None if shown is None else queries.picture_of(rx, shown.report.id)
    if found is None:
        abort(404)
    return Response(found.data, mimetype=found.mime, headers={"Cache-Control": "private, no-store"})


@blueprint.post("/<report_id>")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def answer(slug: str, report_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Another state, a note to its person, or the report that says the same."""
    fields = Fields()
    state = fields.choice("state", STATES, missing=gettext("Select a state"))
    note, twin = fields.text("note", most=2_000), fields.text("twin", most=20)
    if fields.errors:
        return _page(report_id, fields.errors, 422)

    def act(tx: Tx) -> None:
        launch, actor = this_launch(), desk().actor
        reporting.answer(tx, launch, report_id, state, note=note, twin=twin, actor=actor, now=clock.now())

    try:
        pressed("report", act)
    except BadTwin:
        return _page(report_id, [("twin", gettext("Enter another report of this waitlist, like FB-1042"))], 422)
    except reporting.NoSuchReport:
        abort(404)
    return back("admin_reports.report", "answered", report_id=report_id)


@blueprint.post("/export")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export_reports(slug: str) -> ResponseReturnValue:
    """All of them as CSV, and an event that says so."""
    launch, now, actor = this_launch(), clock.now(), desk().actor
    with reading() as rx:
        rows = sum(queries.counts(rx, launch).values())

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form="reports", rows=rows, states=(), actor=actor, now=now)

    pressed_each_time("export_reports", act)
    headers = {"Content-Disposition": f"attachment; filename={slug}-reports.csv", "Cache-Control": "no-store"}
    return Response(stream_with_context(_lines()), mimetype="text/csv", headers=headers)


def _wanted(rx: Tx) -> Wanted:
    asked = request.args
    wave_id = rx.scalar(sa.select(waves.Wave.id).where(*_wave(asked["wave"]))) if asked.get("wave") else None
    return Wanted(
        asked.get("state", "") if asked.get("state") in STATES else "",
        asked.get("kind", "") if asked.get("kind") in KINDS else "",
        wave_id,
        seen_before(),
    )


def _wave(public_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return waves.Wave.launch_id == this_launch().id, waves.Wave.public_id == public_id


def _page(report_id: str, errors: Errors, status: int = 200) -> ResponseReturnValue:
    with reading() as rx:
        found = queries.called(rx, this_launch(), report_id)
        names = admins.names(rx)
    if found is None:
        abort(404)
    return admin_page(
        "admin/report.html", status=status, errors=errors, shown=found, names=names, states=STATES, typed=request.form
    )


def _lines() -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)
    with reading() as rx:
        for item in queries.every(rx, this_launch(), Wanted()):
            yield _line([safe_cell(str(cell)) for cell in _cells(item)])


def _cells(shown: Shown) -> tuple[object, ...]:
    row = shown.report
    told = (row.arm, row.version, row.browser, row.created_at.isoformat(), row.happened, row.expected)
    return shown.ref, row.kind, row.severity, row.state, shown.email, shown.wave.name if shown.wave else "", *told


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
