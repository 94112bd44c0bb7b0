"""The face of the launch page: logo, picture, colour, and the questions people ask."""

import re
from collections.abc import Callable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, colours, pictures
from waitlist.db import Tx
from waitlist.models.access import Role
from waitlist.pictures import BadPicture, Encoded
from waitlist.services import picturing
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.wording import say

blueprint = Blueprint("admin_face", __name__, url_prefix="/admin/w/<slug>/face")
MOST = 20  # questions
WITHIN = {"logo": pictures.LOGO, "picture": pictures.WIDE}
HEX = re.compile(r"#?([0-9a-fA-F]{6})")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ADMIN)
def face(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """What the page shows besides its words, each part a form of its own."""
    return _page([])


@blueprint.post("/logo")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def put_logo(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Shows another logo, or none."""
    return _put("logo")


@blueprint.post("/picture")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def put_picture(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Shows another picture, or none."""
    return _put("picture")


def _put(role: str) -> ResponseReturnValue:
    if "remove" in request.form:
        return _do(role, lambda tx: picturing.take_away(tx, this_launch(), role, actor=desk().actor, now=clock.now()))
    fields = Fields()
    needed = gettext("Say what the picture shows, for those who cannot see it") if role == "picture" else None
    alt = fields.text(f"{role}_alt", most=200, missing=needed)
    picture = _uploaded(fields, role)
    if picture is None or fields.errors:
        return _page(fields.errors, status=422)
    return _do(
        role, lambda tx: picturing.put(tx, this_launch(), role, picture, alt, actor=desk().actor, now=clock.now())
    )


@blueprint.post("/colour")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def put_colour(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """The brand's colour, in the nearest shade that can be read."""
    fields = Fields()
    typed = fields.text("accent", most=7)
    found = HEX.fullmatch(typed)
    if typed and found is None:
        fields.wrong("accent", gettext("Enter a colour as six digits, like #2f3fb0"))
        return _page(fields.errors, status=422)
    shades = colours.palette(f"#{found[1].lower()}") if found else None
    accent = shades.brand if shades else None
    _do("colour", lambda tx: picturing.colour(tx, this_launch(), accent, actor=desk().actor, now=clock.now()))
    corrected = found is not None and accent != f"#{found[1].lower()}"
    return back("admin_face.face", "corrected" if corrected else "colour")


@blueprint.post("/faq")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def put_faq(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """The questions people ask; a row without words is taken away."""
    fields, pairs = Fields(), []
    for n in range(MOST + 1):
        question = fields.text(f"question_{n}", most=200)
        answer = fields.text(f"answer_{n}", most=3_000)
        if question and not answer:
            fields.wrong(f"answer_{n}", gettext("Enter the answer"))
        if answer and not question:
            fields.wrong(f"question_{n}", gettext("Enter the question"))
        if question and answer:
            pairs.append((question, answer))
    if fields.errors:
        return _page(fields.errors, status=422)
    return _do("faq", lambda tx: picturing.answer(tx, this_launch(), pairs, actor=desk().actor, now=clock.now()))


def _do(what: str, change: Callable[[Tx], object]) -> ResponseReturnValue:
    def act(tx: Tx) -> None:
        change(tx)

    pressed(f"face-{what}", act)
    return back("admin_face.face", what)


def _uploaded(fields: Fields, role: str) -> Encoded | None:
    sent = request.files.get(f"{role}_file")
    data = sent.stream.read(pictures.LARGEST + 1) if sent is not None else b""
    if not data:
        fields.wrong(f"{role}_file", gettext("Select a picture"))
        return None
    try:
        return pictures.read(data, within=WITHIN[role])
    except BadPicture as bad:
        fields.wrong(f"{role}_file", say(bad.code, {}))
        return None


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    shown = [{"question": question, "answer": answer} for question, answer in this_launch().faq]
    if request.path.endswith("/faq"):
        numbers = range(len([name for name in request.form if name.startswith("question_")]))
        shown = [{name: request.form.get(f"{name}_{n}", "") for name in ("question", "answer")} for n in numbers]
    else:
        shown.append({"question": "", "answer": ""})
    return admin_page("admin/face.html", status=status, errors=errors, faq=shown[:MOST], typed=request.form, largest=5)
