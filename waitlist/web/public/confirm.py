"""Confirming (P-04): the link shows a page, only its button acts."""

from flask import Response, make_response, redirect
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import one, reading, writing
from waitlist.models.entry import attempt_by_id
from waitlist.models.launch import Launch
from waitlist.queries import attempts
from waitlist.queries.attempts import Link, MailedLink
from waitlist.runtime import runtime
from waitlist.services import resending
from waitlist.services.confirming import LinkExpired
from waitlist.tokens import BadToken, Purpose
from waitlist.web import devices
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.launches import launch_of_token
from waitlist.web.pages import page
from waitlist.web.public import taken
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.inbox import inbox_path, send_again
from waitlist.web.public.lost import check_the_link
from waitlist.web.public.paths import status_path

Found = tuple[Launch, MailedLink | None]


@blueprint.get("/c/<token>")
@guard(Owner.PUBLIC)
def confirm(token: str) -> Response:
    """What the link is; opening it changes nothing."""
    try:
        return _show(token, *read(token))
    except BadToken:
        return check_the_link()


@blueprint.post("/c/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="60/minute")
def confirm_press(token: str) -> ResponseReturnValue:
    """Take the place; every later press finds it taken."""
    try:
        launch, found = read(token)
    except BadToken:
        return check_the_link()
    if found is None or found.link in (Link.EXPIRED, Link.REPLACED):
        return _show(token, launch, found)
    if found.link is Link.DONE and not found.aside:
        return _to_place(launch, found)
    try:
        with writing() as tx:
            attempt = one(tx, attempt_by_id(found.id))
            assert attempt is not None, "it was read just now"
            confirmed = taken.take(tx, launch, attempt, clock.now())
    except LinkExpired:
        return _show(token, *read(token))
    return taken.lead(launch, found.id, confirmed)


@blueprint.post("/c/<token>/again")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def confirm_again(token: str) -> ResponseReturnValue:
    """A new link to the same address, without typing it."""
    now = clock.now()
    try:
        launch, found = read(token)
    except BadToken:
        return check_the_link()
    if found is None:
        return _show(token, launch, None)
    with writing() as tx:
        outcome = send_again(tx, launch, found.attempt, now)
    again_at = outcome.at if isinstance(outcome, resending.SentAgain) else None
    attempt = outcome.attempt if isinstance(outcome, resending.SentAgain) else found.attempt
    return redirect(inbox_path(launch, attempt, found.email, now, again_at=again_at), 303)


def read(token: str) -> Found:
    """The attempt that a link names, None where it was purged; raises BadToken."""
    carrier = runtime().tokens.read(Purpose.CONFIRM, token)
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        return launch, attempts.mailed_link(rx, launch, carrier.row, carrier.version, now=clock.now())


def _show(token: str, launch: Launch, found: MailedLink | None) -> Response:
    link = found.link if found is not None else Link.EXPIRED
    status = 200 if link in (Link.ASK, Link.DONE) else 410
    return page("public/confirm.html", status=status, state=link, launch=launch, private=True, found=found, token=token)


def _to_place(launch: Launch, found: MailedLink) -> Response:
    assert found.entry is not None, "a confirmed attempt has its entry"
    response = make_response(redirect(status_path(launch, found.entry, found.link_version or 1, done="already"), 303))
    devices.remember(response, launch, found.entry)
    return response
