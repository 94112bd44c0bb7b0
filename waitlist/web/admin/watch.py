"""A wave on its way or over: the holding window, the release, and the result."""

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, request, stream_with_context
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.wave import Wave
from waitlist.queries import guards, reports
from waitlist.queries import waves as queries
from waitlist.services import exporting, steering
from waitlist.services.releasing import timing_of
from waitlist.tables import safe_cell
from waitlist.web.admin.draft import STEPS
from waitlist.web.admin.frame import admin_page, back, desk, pressed, pressed_each_time, this_launch
from waitlist.web.admin.waves import wave_or_404
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_watch", __name__, url_prefix="/admin/w/<slug>/waves/<wave_id>")
COLUMNS = ("number", "email", "outcome", "reason", "mail", "words", "answer")


@blueprint.get("/holding")
@guard(Owner.ADMIN, role=Role.VIEWER)
def holding(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Nothing has been sent, and it can be undone."""
    return _page("holding", wave_or_404(wave_id))


@blueprint.get("/releasing")
@guard(Owner.ADMIN, role=Role.VIEWER)
def releasing(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """How far it got, and how to make it stand still."""
    return _page("releasing", wave_or_404(wave_id))


@blueprint.get("/result")
@guard(Owner.ADMIN, role=Role.VIEWER)
def result(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """What came of it, and what can still be done."""
    return _page("result", wave_or_404(wave_id))


@blueprint.post("/retry")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def retry(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Sends what failed once more; never again to whoever got it."""
    found = wave_or_404(wave_id)

    def act(tx: Tx) -> None:
        steering.retry_failed(tx, this_launch().id, found.id, actor=desk().actor, now=clock.now())

    pressed("retry_failed", act)
    return back("admin_wave.wave", "retry_failed", wave_id=wave_id)


@blueprint.post("/export")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export(slug: str, wave_id: str) -> ResponseReturnValue:
    """Everybody of the wave as CSV, and an event that says so."""
    found, launch, now = wave_or_404(wave_id), this_launch(), clock.now()
    actor = desk().actor

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form="csv", rows=found.planned, states=(f"wave {found.seq}",), actor=actor, now=now)

    pressed_each_time("export_wave", act)
    headers = {"Content-Disposition": f"attachment; filename={slug}-wave-{found.seq}.csv", "Cache-Control": "no-store"}
    return Response(stream_with_context(_lines(found)), mimetype="text/csv", headers=headers)


def _page(step: str, found: Wave) -> ResponseReturnValue:
    """The page of a step, or the one where the wave is by now."""
    with reading() as rx:
        progress = queries.progress(rx, found)
        failures = queries.failures(rx, found.id)
        reach, health = queries.reach(rx, found), reports.health(rx, found.id)
        trips = guards.trips(rx, this_launch(), found.id)
    if progress.step != step:
        return back(STEPS[progress.step], request.args.get("done", ""), wave_id=found.public_id)
    moves = step != "result" and progress.shown_state != "paused"
    return admin_page(
        f"admin/wave_{step}.html", wave=found, progress=progress, failures=failures, timing=timing_of(found.params),
        reach=reach, health=health, trips=trips, missing=request.args.get("n", 0, int), moves=moves,
        refreshes=moves and request.args.get("refresh") != "off",
    )  # fmt: skip


def _lines(found: Wave) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)
    with reading() as rx:
        for row in queries.members(rx, found.id):
            cells = (row.position, row.email, row.outcome, row.reason, row.mail, row.last_error, _answer(row))
            yield _line(["" if cell is None else safe_cell(str(cell)) for cell in cells])


def _answer(row: Any) -> str:
    if row.uses:
        return "accepted"
    return "declined" if row.declined_at is not None else ""


def _line(cells: Sequence[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()
