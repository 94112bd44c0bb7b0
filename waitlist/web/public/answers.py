"""Questions after the confirmation (P-02, step 2), and "Your answers" later on."""

from typing import Any

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.actors import person
from waitlist.db import reading, writing
from waitlist.models.launch import Launch
from waitlist.queries import launch_page
from waitlist.queries.answers import answers_of
from waitlist.queries.launch_page import Asked
from waitlist.services import answering
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import page
from waitlist.web.public import questions as fields
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.paths import status_path
from waitlist.web.public.status import Mine, required


@blueprint.get("/s/<token>/answers")
@guard(Owner.PUBLIC)
def answers(token: str) -> Response:
    """The questions, with what was answered so far."""
    mine = required(token, clock.now())
    with reading() as rx:
        asked = launch_page.questions(rx, mine.launch)
        known = answers_of(rx, mine.shown.entry_id)
    return _show(mine, asked, fields.filled(asked, {str(one.id): known.get(one.key, "") for one in asked}))


@blueprint.post("/s/<token>/answers")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def answers_press(token: str) -> ResponseReturnValue:
    """Keep them; the newest answer counts."""
    now = clock.now()
    mine = required(token, now)
    me = mine.shown
    with reading() as rx:
        asked = launch_page.questions(rx, mine.launch)
    given, faults = fields.read(asked, request.form)
    if faults:
        return _show(mine, asked, request.form, faults, status=422)
    with writing() as tx:
        answering.answer(tx, mine.launch, me.entry_id, given, actor=person(me.entry), now=now)
    return redirect(status_path(mine.launch, me.entry, me.link_version, done="answered"), 303)


def _show(
    mine: Mine, asked: tuple[Asked, ...], values: Any, faults: list[fields.Fault] | None = None, *, status: int = 200
) -> Response:
    launch: Launch = mine.launch
    first = request.args.get("done", "")
    said = {"confirmed": gettext("Your place is confirmed."), "in-line": gettext("You are in line.")}
    return page(
        "public/answers.html",
        status=status,
        state="answers",
        launch=launch,
        private=True,
        errors=faults or (),
        asked=asked,
        values=values,
        done=said.get(first, ""),
        skippable=not any(question.required for question in asked),
        token=mine.token,
        place=status_path(launch, mine.shown.entry, mine.shown.link_version),
    )
