"""What people are asked when they join: add, change, reorder with numbers, take away."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading, some
from waitlist.models.access import Role
from waitlist.models.launch import questions
from waitlist.services import questioning
from waitlist.services.questioning import Wording
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_questions", __name__, url_prefix="/admin/w/<slug>/questions")
KINDS = ("short", "long", "one", "many")
MOST = 20
LONGEST = {"short": 200, "long": 2_000}
Row = dict[str, object]


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ADMIN)
def ask(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Today's questions, and an empty row for one more."""
    return _page([])


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def put(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Asks these from now on; a row without words is taken away."""
    fields, rows = Fields(), []
    for n in range(MOST + 1):
        if f"label_{n}" in request.form:
            rows.append(_read(fields, n))
    wordings = sorted((row for row in rows if row is not None), key=lambda pair: pair[0])
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        put_now = [wording for _, wording in wordings]
        questioning.put(tx, this_launch(), put_now, actor=desk().actor, now=clock.now())

    pressed("questions", act)
    return back("admin_settings.settings", "questions")


def _read(fields: Fields, n: int) -> tuple[int, Wording] | None:
    label = fields.text(f"label_{n}", most=200)
    if not label:
        return None
    kind = fields.choice(f"kind_{n}", KINDS, missing=gettext("Select a kind of answer"))
    lines = [line.strip() for line in request.form.get(f"choices_{n}", "").splitlines() if line.strip()]
    choices = tuple(dict.fromkeys(lines))
    if kind in ("one", "many") and len(choices) < 2:
        fields.wrong(f"choices_{n}", gettext("Enter two answers or more, one on each line"))
    wording = Wording(
        key=request.form.get(f"key_{n}") or None,
        kind=kind,
        label=label,
        hint=fields.text(f"hint_{n}", most=200),
        required=fields.tick(f"required_{n}"),
        may_decline=fields.tick(f"may_decline_{n}"),
        choices=choices if kind in ("one", "many") else (),
        longest=LONGEST.get(kind, 500),
    )
    return fields.number(f"ordinal_{n}", 1, 99) or 99, wording


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    return admin_page("admin/questions.html", status=status, errors=errors, rows=_rows(), kinds=KINDS)


def _rows() -> list[Row]:
    """What the form shows: what was just sent, or today's questions and an empty row."""
    if request.method == "POST":
        names = ("key", "label", "kind", "hint", "choices", "required", "may_decline", "ordinal")
        sent = [n for n in range(MOST + 1) if f"label_{n}" in request.form]
        return [{name: request.form.get(f"{name}_{n}", "") for name in names} for n in sent]
    with reading() as rx:
        asked = some(rx, questions(this_launch().id))
    rows: list[Row] = [
        {
            "key": question.key,
            "label": question.label,
            "kind": question.kind,
            "hint": question.hint,
            "choices": "\n".join(question.choices),
            "required": question.required,
            "may_decline": question.may_decline,
            "ordinal": question.ordinal,
        }
        for question in asked
    ]
    return [*rows, {"kind": "short", "ordinal": len(rows) + 1}][:MOST]
