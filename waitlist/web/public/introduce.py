"""How others see me: a name, and whether friends may see it."""

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.actors import person
from waitlist.db import writing
from waitlist.services import introducing
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import page
from waitlist.web.public.application import read_name
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.paths import status_path
from waitlist.web.public.status import required


@blueprint.get("/s/<token>/name")
@guard(Owner.PUBLIC)
def introduce(token: str) -> Response:
    """The name as it is, and who sees it."""
    me = required(token, clock.now())
    return page(
        "public/name.html", state="name", launch=me.launch, private=True, token=token, name=me.shown.name,
        shown=me.shown.share_name, on_board=me.shown.show_on_board, me=me.shown,
    )  # fmt: skip


@blueprint.post("/s/<token>/name")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def introduce_press(token: str) -> ResponseReturnValue:
    """Keep both."""
    now = clock.now()
    mine = required(token, now)
    me = mine.shown
    name, faults = read_name()
    shown, on_board = request.form.get("shown") == "yes", request.form.get("on_board") == "yes"
    if faults:
        return page(
            "public/name.html", status=422, state="name", launch=mine.launch, private=True, token=token,
            name=request.form.get("name", ""), shown=shown, on_board=on_board, me=me, errors=faults,
        )  # fmt: skip
    with writing() as tx:
        board = on_board if mine.launch.leaderboard else None
        actor = person(me.entry)
        introducing.introduce(
            tx, mine.launch, me.entry_id, name=name, shown=shown, on_board=board, actor=actor, now=now
        )
    return redirect(status_path(mine.launch, me.entry, me.link_version, done="named"), 303)
