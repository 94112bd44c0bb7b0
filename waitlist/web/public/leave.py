"""Leaving and coming back, and a new private link: each page asks, each press acts."""

from flask import Response, redirect
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.actors import person
from waitlist.db import writing
from waitlist.services import leaving, linking
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import page
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.paths import status_path
from waitlist.web.public.status import required


@blueprint.get("/s/<token>/leave")
@guard(Owner.PUBLIC)
def leave(token: str) -> Response:
    """What leaving means, before it happens."""
    mine = required(token, clock.now())
    return page("public/leave.html", state="leave", launch=mine.launch, private=True, me=mine.shown, token=token)


@blueprint.post("/s/<token>/leave")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def leave_press(token: str) -> ResponseReturnValue:
    """Out of the line; a second press changes nothing."""
    now = clock.now()
    mine = required(token, now)
    me = mine.shown
    try:
        with writing() as tx:
            leaving.leave(tx, mine.launch, me.entry_id, actor=person(me.entry), now=now)
    except leaving.NotInLine:
        pass  # the status page says what is so
    return redirect(status_path(mine.launch, me.entry, me.link_version), 303)


@blueprint.post("/s/<token>/leave/undo")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def leave_undo(token: str) -> ResponseReturnValue:
    """Back to the old place, within seven days."""
    now = clock.now()
    mine = required(token, now)
    me, done = mine.shown, "back"
    try:
        with writing() as tx:
            leaving.undo(tx, mine.launch, me.entry_id, actor=person(me.entry), now=now)
    except leaving.NotLeft:
        done = ""
    except leaving.TooLate:
        done = "too-late"
    return redirect(status_path(mine.launch, me.entry, me.link_version, done=done or None), 303)


@blueprint.get("/s/<token>/link")
@guard(Owner.PUBLIC)
def private_link(token: str) -> Response:
    """What a new private link does to the old one."""
    mine = required(token, clock.now())
    return page("public/new_link.html", state="new-link", launch=mine.launch, private=True, me=mine.shown, token=token)


@blueprint.post("/s/<token>/link")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="10/minute")
def private_link_press(token: str) -> ResponseReturnValue:
    """The link that was just used stops working."""
    now = clock.now()
    mine = required(token, now)
    me = mine.shown
    with writing() as tx:
        entry = linking.renew(tx, mine.launch, me.entry_id, actor=person(me.entry), now=now)
    return redirect(status_path(mine.launch, entry.public_id, entry.link_version, done="new-link"), 303)
