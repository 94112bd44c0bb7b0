"""This was not me (P-17): somebody else typed the address of this mail."""

from flask import Response, redirect, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.actors import person
from waitlist.db import writing
from waitlist.queries.attempts import Link
from waitlist.services import declining
from waitlist.tokens import BadToken
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import page
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.confirm import read
from waitlist.web.public.lost import check_the_link


@blueprint.get("/c/<token>/not-me")
@guard(Owner.PUBLIC)
def not_me(token: str) -> Response:
    """Asks first."""
    try:
        launch, found = read(token)
    except BadToken:
        return check_the_link()
    confirmed = found is not None and found.link is Link.DONE
    done = found is None or request.args.get("done") == "1"
    state = "done" if confirmed else "not-me-done" if done else "not-me"
    return page("public/not_me.html", state=state, launch=launch, private=True, found=found, token=token, done=done)


@blueprint.post("/c/<token>/not-me")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def not_me_press(token: str) -> ResponseReturnValue:
    """Somebody else typed this address: what they asked for ends here."""
    try:
        launch, found = read(token)
    except BadToken:
        return check_the_link()
    if found is not None:
        never = request.form.get("do_not_invite") == "yes"
        actor = person(found.entry or found.attempt)
        with writing() as tx:
            declining.not_me(tx, launch, found.id, do_not_invite=never, actor=actor, now=clock.now())
    return redirect(f"{request.script_root}{request.path}?done=1", 303)
