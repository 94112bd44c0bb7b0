"""A new address (E-18): the page behind the mail to the new one, and the way back for the old one."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist import addresses, clock
from waitlist.actors import Actor, person
from waitlist.db import reading, writing
from waitlist.models.launch import Launch
from waitlist.queries import attempts
from waitlist.queries.attempts import Link, MailedLink
from waitlist.runtime import runtime
from waitlist.services import changing
from waitlist.services.confirming import LinkExpired
from waitlist.services.inviting import Keys
from waitlist.services.joining import NotEligible
from waitlist.tokens import BadToken, Purpose
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.launches import launch_of_token
from waitlist.web.pages import page
from waitlist.web.public import refused
from waitlist.web.public.application import Said, mailbox
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.lost import check_the_link
from waitlist.web.public.paths import status_path

Found = tuple[Launch, MailedLink]


@blueprint.get("/v/<token>")
@guard(Owner.PUBLIC)
def change(token: str) -> Response:
    """Asks; opening it changes nothing."""
    found = _read(Purpose.CHANGE, token)
    return check_the_link() if found is None else _show(token, *found)


@blueprint.post("/v/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def change_press(token: str) -> ResponseReturnValue:
    """The place goes with the new address; every later press finds it done."""
    found = _read(Purpose.CHANGE, token)
    if found is None:
        return check_the_link()
    launch, mail = found
    if mail.link in (Link.EXPIRED, Link.REPLACED):
        return _show(token, launch, mail)
    address = addresses.canon(mail.email)
    try:
        with writing() as tx:
            entry = changing.confirm(
                tx, launch, mail.id, mailbox(launch, address), keys=_keys(), actor=_actor(mail), now=clock.now()
            )
    except LinkExpired:
        return _show(token, launch, mail, state=Link.EXPIRED)
    except changing.AddressTaken:
        return page(
            "public/change.html", status=409, state="taken", launch=launch, private=True, mail=mail, token=token
        )
    except NotEligible as refusal:
        return refused.show(launch, (), (), Said(address), refusal.answer, change=True)
    return redirect(status_path(launch, entry.public_id, entry.link_version, done="changed"), 303)


@blueprint.get("/v/undo/<token>")
@guard(Owner.PUBLIC)
def change_undo(token: str) -> Response:
    """For the old address: what the change was, and one button that takes it back."""
    found = _read(Purpose.UNDO_CHANGE, token)
    if found is None:
        return check_the_link()
    launch, mail = found
    done = request.args.get("done", "")
    state = f"undo-{done}" if done in ("done", "late") else "undo"
    status = 410 if done == "late" else 200
    return page(
        "public/change_undo.html", status=status, state=state, launch=launch, private=True, mail=mail, token=token
    )


@blueprint.post("/v/undo/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def change_undo_press(token: str) -> ResponseReturnValue:
    """Back to the old address; sessions end and the private link is renewed."""
    found = _read(Purpose.UNDO_CHANGE, token)
    if found is None:
        return check_the_link()
    launch, mail = found
    done = "done"
    try:
        with writing() as tx:
            changing.undo(tx, launch, mail.id, keys=_keys(), actor=_actor(mail), now=clock.now())
    except (changing.TooLate, changing.AddressTaken, LinkExpired):
        done = "late"
    return redirect(url_for("public.change_undo", token=token, done=done), 303)


def _read(purpose: Purpose, token: str) -> Found | None:
    try:
        carrier = runtime().tokens.read(purpose, token)
    except BadToken:
        return None
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        mail = attempts.mailed_link(rx, launch, carrier.row, carrier.version, kind="change", now=clock.now())
    return None if mail is None else (launch, mail)


def _show(token: str, launch: Launch, mail: MailedLink, state: Link | None = None) -> Response:
    link = state or mail.link
    status = 200 if link in (Link.ASK, Link.DONE) else 410
    return page("public/change.html", status=status, state=link, launch=launch, private=True, mail=mail, token=token)


def _keys() -> Keys:
    return Keys(runtime().codes_key, runtime().secrets.pepper)


def _actor(mail: MailedLink) -> Actor:
    return person(mail.entry or mail.attempt)
