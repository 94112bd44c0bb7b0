"""One import, step by step: its columns, the check, the run, and the way back. The page shows where it is by now."""

from collections.abc import Callable, Iterator

from flask import Blueprint, Response, abort, request, stream_with_context
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.upkeep import ImportRun
from waitlist.queries import admins, imports
from waitlist.services import exporting, importing, undoing, uploading
from waitlist.services.importing import WrongImportState
from waitlist.tables import safe_cell
from waitlist.web.admin import import_columns
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, pressed_each_time, this_launch
from waitlist.web.admin.people import csv_line
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.wording import say

blueprint = Blueprint("admin_import", __name__, url_prefix="/admin/w/<slug>/imports/<import_id>")
CELLS = ("row", "email", "outcome", "reason", "says")
# The template of each state, and whether the page moves by itself in it.
PAGES = {
    "uploaded": "columns",
    "rereading": "reading",
    "staging": "reading",
    "staged": "check",
    "running": "running",
    "stopped": "result",
    "done": "result",
    "undoing": "running",
    "undone": "result",
}
Verb = Callable[..., object]


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ADMIN)
def run(slug: str, import_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Where it is, and what can be done next."""
    found = run_or_404(import_id)
    again = found.state == "staged" and "columns" in request.args
    return _columns_page(found) if found.state == "uploaded" or again else _page(found)


@blueprint.post("/columns")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def choose(slug: str, import_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Has the file read by these columns; nobody enters yet."""
    found = run_or_404(import_id)
    if found.state not in ("uploaded", "staged"):
        return _moved_on(import_id)
    fields = Fields()
    options = import_columns.read(fields, import_columns.sample_of(found))
    if fields.errors:
        return _columns_page(found, fields.errors)
    return _do(import_id, "columns", lambda tx: uploading.choose(tx, found.id, options))


@blueprint.post("/start")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def start(slug: str, import_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Lets the rows enter; the worker does it."""
    return _step(import_id, "start", importing.begin)


@blueprint.post("/stop")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def stop(slug: str, import_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """No further row enters."""
    return _step(import_id, "stop", importing.stop)


@blueprint.post("/resume")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def resume(slug: str, import_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """It goes on where it was stopped."""
    return _step(import_id, "resume", importing.resume)


@blueprint.post("/undo")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def undo(slug: str, import_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Takes out whom it added, where nothing has happened to them since; the worker does it."""
    return _step(import_id, "undo", undoing.begin)


@blueprint.post("/discard")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def discard(slug: str, import_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Throws the file away before anybody entered."""
    done = _step(import_id, "discard", uploading.discard)
    return done if run_or_404(import_id).state != "discarded" else back("admin_imports.files", "discarded")


@blueprint.post("/refused")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def refused_rows(slug: str, import_id: str) -> ResponseReturnValue:
    """The rows that did not enter, or would not, as CSV; an event says so."""
    found, launch, now = run_or_404(import_id), this_launch(), clock.now()
    with reading() as rx:
        seen = imports.forecast(rx, found)
    rows, actor = seen["problems"] + seen["duplicate"], desk().actor

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form="refused rows", rows=rows, states=(import_id,), actor=actor, now=now)

    pressed_each_time("refused", act)
    headers = {"Content-Disposition": f"attachment; filename={slug}-refused-{now:%Y-%m-%d}.csv"}
    headers["Cache-Control"] = "no-store"
    return Response(stream_with_context(_lines(found.id)), mimetype="text/csv", headers=headers)


def run_or_404(public_id: str) -> ImportRun:
    """The import in the address, of this launch alone."""
    with reading() as rx:
        found = imports.run_called(rx, this_launch().id, public_id)
    if found is None:
        abort(404)
    return found


def _step(import_id: str, purpose: str, verb: Verb) -> ResponseReturnValue:
    found, launch = run_or_404(import_id), this_launch()
    return _do(import_id, purpose, lambda tx: verb(tx, launch, found.id, actor=desk().actor, now=clock.now()))


def _do(import_id: str, purpose: str, step: Callable[[Tx], object]) -> ResponseReturnValue:
    def act(tx: Tx) -> None:
        step(tx)

    try:
        pressed(f"import-{purpose}", act)
    except WrongImportState:
        return _moved_on(import_id)
    return back("admin_import.run", purpose, import_id=import_id)


def _moved_on(import_id: str) -> ResponseReturnValue:
    return back("admin_import.run", "moved_on", import_id=import_id)


def _columns_page(found: ImportRun, errors: Errors = ()) -> ResponseReturnValue:
    sample = import_columns.sample_of(found)
    with reading() as rx:
        before = imports.of_same_file(rx, found)
    fault = say(found.fault["code"], found.fault["params"]) if found.fault else ""
    return admin_page(
        "admin/import_columns.html",
        status=422 if errors else 200,
        errors=errors,
        run=found,
        before=before,
        fault=fault,
        sample=sample,
        fields=import_columns.FIELDS,
        chosen=import_columns.chosen(found, sample),
    )


def _page(found: ImportRun) -> ResponseReturnValue:
    if found.state == "discarded":
        return back("admin_imports.files", "discarded")
    name = PAGES[found.state]
    with reading() as rx:
        seen = imports.forecast(rx, found)
        shown = imports.remarks(rx, found.id, ("problem", "duplicate", "kept"))
        context = {
            "reasons": [(outcome, _said(reason), n) for outcome, reason, n in imports.reasons(rx, found.id)],
            "read": imports.read_so_far(rx, found.id) if name == "reading" else 0,
            "left": imports.left_to_do(rx, found.id),
            "undone": imports.undone(rx, found.id),
            "before": imports.of_same_file(rx, found) if name == "check" else None,
            "names": admins.names(rx),
        }
    remarks = [
        {"id": it.row, "email": it.email, "outcome": it.outcome, "says": say(it.code, imports.LIMITS)} for it in shown
    ]
    moves = name in ("reading", "running")
    return admin_page(
        f"admin/import_{name}.html", run=found, seen=seen, remarks=remarks, shown=imports.SHOWN, moves=moves,
        refreshes=moves and request.args.get("refresh") != "off", **context,
    )  # fmt: skip


def _said(reason: str) -> str:
    return say(imports.Remark(0, "", reason, "").code, imports.LIMITS)


def _lines(run_id: int) -> Iterator[str]:
    yield "\ufeff" + csv_line(CELLS)
    with reading() as rx:
        for row in imports.every_refusal(rx, run_id):
            yield csv_line([safe_cell(str(cell)) for cell in (row.row, row.email, row.outcome, row.reason, row.words)])
