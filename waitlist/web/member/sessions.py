"""Where a member is signed in, and how to end it: one, this one, or all of them."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.actors import person
from waitlist.db import reading, writing
from waitlist.queries import sign_ins
from waitlist.services import signing_out
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.member.signed_in import here, member_page, the_session

blueprint = Blueprint("sessions", __name__, url_prefix="/w/<slug>/me")


@blueprint.get("/sessions")
@guard(Owner.MEMBER)
def index(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - who is signed in was found before
    """Every browser this member is signed in with."""
    _, member = here()
    now = clock.now()
    with reading() as rx:
        rows = sign_ins.of_member(rx, member.id, this=the_session().row_id, now=now)
    return member_page("member/sessions.html", "sessions", now=now, rows=rows)


@blueprint.post("/sign-out")
@guard(Owner.MEMBER, Proof.CSRF)
def sign_out(slug: str) -> ResponseReturnValue:
    """Sign out here."""
    the_session().end()
    return redirect(url_for("signing_in.form", slug=slug), 303)


@blueprint.post("/sessions/<int:session_id>/end")
@guard(Owner.MEMBER, Proof.CSRF)
def end(slug: str, session_id: int) -> ResponseReturnValue:
    """Sign one other browser out."""
    launch, member = here()
    with writing() as tx:
        signing_out.one(tx, launch, member, session_id, actor=person(member.public_id), now=clock.now())
    return redirect(url_for("sessions.index", slug=slug), 303)


@blueprint.post("/sessions/end")
@guard(Owner.MEMBER, Proof.CSRF)
def end_all(slug: str) -> ResponseReturnValue:
    """Sign out everywhere, here too."""
    launch, member = here()
    with writing() as tx:
        signing_out.everywhere(tx, launch, member, actor=person(member.public_id), now=clock.now())
    the_session().end()
    return redirect(url_for("signing_in.form", slug=slug), 303)
