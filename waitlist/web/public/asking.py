"""Asking for a new invite from one's own page, where the last one ended unused (P-05, "Expired")."""

from flask import redirect
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.actors import person
from waitlist.db import one, writing
from waitlist.models.invite import by_public_id
from waitlist.runtime import runtime
from waitlist.services import asking
from waitlist.services.declining import NotBound
from waitlist.services.inviting import Keys, NotOpenAnyMore
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.paths import status_path
from waitlist.web.public.status import required


@blueprint.post("/s/<token>/invite")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="10/minute")
def ask_for_invite(token: str) -> ResponseReturnValue:
    """One press: a new invite at once where the launch does so, otherwise a question to whoever decides."""
    now = clock.now()
    mine = required(token, now)
    me, done = mine.shown, None
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)
    try:
        with writing() as tx:
            invite = one(tx, by_public_id(mine.launch.id, me.invite.public_id)) if me.invite else None
            if invite is not None:
                asked = asking.ask(tx, mine.launch, invite, keys=keys, actor=person(me.entry), now=now)
                done = "renewed" if isinstance(asked, asking.Renewed) else "asked"
    except (NotBound, NotOpenAnyMore):
        pass  # used, taken back or turned down: the page says what is so
    return redirect(status_path(mine.launch, me.entry, me.link_version, done=done), 303)
