"""Saying no to an invite, asking for a new one, and having it mailed again: three buttons, each with its page after."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist.actors import person
from waitlist.addresses import BadAddress, canon
from waitlist.db import one, writing
from waitlist.models import entry as entries
from waitlist.runtime import runtime
from waitlist.services import appealing, asking, declining, inviting, leaving
from waitlist.services.inviting import Keys
from waitlist.services.shelving import LaunchArchived
from waitlist.tokens import Purpose
from waitlist.web import code_pages
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.invites import faces
from waitlist.web.invites.opened import opened, the_invite
from waitlist.web.public.application import mailbox
from waitlist.web.wording import say

blueprint = Blueprint("answer", __name__, url_prefix="/i/<token>")
HOUR = 60 * 60


@blueprint.post("/decline")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def decline(token: str) -> ResponseReturnValue:
    """Turn the invite down; only its mailed link may."""
    link = opened(token)
    if link is None:
        return faces.altered()
    if not link.mailed:
        return faces.show(link)
    never = bool(request.form.get("never_again"))
    try:
        with writing() as tx:
            invite = the_invite(tx, link.launch, link.page.invite)
            declining.decline(tx, link.launch, invite, never_again=never, actor=person(invite.public_id), now=link.now)
    except (declining.NotBound, inviting.NotOpenAnyMore):
        return faces.show(opened(token) or link)
    return redirect(url_for("answer.declined", token=token), 303)


@blueprint.get("/declined")
@guard(Owner.PUBLIC)
def declined(token: str) -> ResponseReturnValue:
    """After saying no."""
    link = opened(token)
    if link is None:
        return faces.altered()
    return faces.declined(link) if link.page.declined else faces.show(link)


@blueprint.post("/undo")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def undo(token: str) -> ResponseReturnValue:
    """Stand in line again after saying no, at the old place."""
    link = opened(token)
    if link is None:
        return faces.altered()
    known = link.page.person
    if not (link.mailed and link.page.declined and known):
        return faces.show(link)
    try:
        with writing() as tx:
            left = one(tx, entries.by_public_id(link.launch.id, known.entry))
            assert left is not None, "a known person has an entry"
            entry = leaving.undo(tx, link.launch, left.id, actor=person(known.entry), now=link.now)
    except (leaving.NotLeft, leaving.TooLate):
        return faces.declined(link)
    status = runtime().tokens.sign(Purpose.STATUS, link.launch.public_id, entry.public_id, entry.link_version)
    return redirect(f"{request.script_root}/s/{status}", 303)


@blueprint.post("/ask")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def ask(token: str) -> ResponseReturnValue:
    """Ask for a new invite."""
    link = opened(token)
    if link is None:
        return faces.altered()
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)
    try:
        with writing() as tx:
            invite = the_invite(tx, link.launch, link.page.invite)
            outcome = asking.ask(tx, link.launch, invite, keys=keys, actor=person(invite.public_id), now=link.now)
    except (declining.NotBound, inviting.NotOpenAnyMore):
        return faces.show(opened(token) or link)
    what = "sent" if isinstance(outcome, asking.Renewed) else "asked"
    return redirect(url_for(f"answer.{what}", token=token), 303)


@blueprint.post("/another")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="60/minute")
def another(token: str) -> ResponseReturnValue:
    """Ask whose link this was for one more place, where all are taken."""
    link = opened(token)
    if link is None:
        return faces.altered()
    typed = request.form.get("email", "")
    try:
        address = canon(typed)
    except BadAddress as fault:
        return faces.show(link, status=422, errors=[("email", say(fault.code, fault.params))], email=typed)
    who = mailbox(link.launch, address)
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)
    try:
        with writing() as tx:
            invite = the_invite(tx, link.launch, link.page.invite)
            appealing.to_member(tx, link.launch, who, invite, keys=keys, now=link.now)
    except LaunchArchived:
        return faces.show(link)
    return redirect(url_for("answer.another_asked", token=token), 303)


@blueprint.get("/another-asked")
@guard(Owner.PUBLIC)
def another_asked(token: str) -> ResponseReturnValue:
    """After asking: the same page whoever asked."""
    link = opened(token)
    return faces.altered() if link is None else faces.show(link, done=True)


@blueprint.post("/again")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def again(token: str) -> ResponseReturnValue:
    """Mail the newest link once more, to the address it was for."""
    link = opened(token)
    if link is None:
        return faces.altered()
    try:
        with writing() as tx:
            invite = the_invite(tx, link.launch, link.page.invite)
            sent_now = inviting.mail_again(tx, link.launch, invite, now=link.now)
    except inviting.NotOpenAnyMore:
        return faces.show(link)
    if not sent_now:
        return code_pages.too_often(HOUR)
    return redirect(url_for("answer.sent", token=token), 303)


@blueprint.get("/sent")
@guard(Owner.PUBLIC)
def sent(token: str) -> ResponseReturnValue:
    """After a mail was sent."""
    return _after(token, "sent")


@blueprint.get("/asked")
@guard(Owner.PUBLIC)
def asked(token: str) -> ResponseReturnValue:
    """After a new invite was asked for: who decides."""
    return _after(token, "asked")


def _after(token: str, what: str) -> Response:
    link = opened(token)
    if link is None:
        return faces.altered()
    happened = link.page.sent_at is not None if what == "sent" else link.page.asked_at is not None
    return faces.after(link, what) if happened and link.page.bound else faces.show(link)
