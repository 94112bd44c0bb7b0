"""What people may agree to when they join: add, change, reorder with numbers, take away."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading, some
from waitlist.models.access import Role
from waitlist.models.launch import consent_texts
from waitlist.services import consenting
from waitlist.services.consenting import Terms
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_consents", __name__, url_prefix="/admin/w/<slug>/consents")
MOST = 10
NAMES = ("key", "text", "required", "ordinal")
Row = dict[str, object]


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ADMIN)
def ask(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Today's texts, and an empty row for one more."""
    return _page([])


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def put(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Asks for these from now on; a row without words is taken away."""
    fields = Fields()
    read = [_read(fields, n) for n in range(MOST + 1) if f"text_{n}" in request.form]
    terms = sorted((row for row in read if row is not None), key=lambda pair: pair[0])
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        consenting.put(tx, this_launch(), [text for _, text in terms], actor=desk().actor, now=clock.now())

    pressed("consents", act)
    return back("admin_settings.settings", "consents")


def _read(fields: Fields, n: int) -> tuple[int, Terms] | None:
    text = " ".join(fields.text(f"text_{n}", most=500).split())
    if not text:
        return None
    if text.startswith(("#", ">", "- ", "* ")):
        fields.wrong(f"text_{n}", gettext("Write one sentence; a link looks like [terms](https://example.com/terms)"))
    terms = Terms(request.form.get(f"key_{n}") or None, text, required=fields.tick(f"required_{n}"))
    return fields.number(f"ordinal_{n}", 1, 99) or 99, terms


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    return admin_page("admin/consents.html", status=status, errors=errors, rows=_rows())


def _rows() -> list[Row]:
    """What the form shows: what was just sent, or today's texts and an empty row."""
    if request.method == "POST":
        sent = [n for n in range(MOST + 1) if f"text_{n}" in request.form]
        return [{name: request.form.get(f"{name}_{n}", "") for name in NAMES} for n in sent]
    with reading() as rx:
        shown = some(rx, consent_texts(this_launch().id))
    rows: list[Row] = [{name: getattr(row, name) for name in NAMES} for row in shown]
    rows.append({"ordinal": len(rows) + 1})
    return rows[:MOST]
