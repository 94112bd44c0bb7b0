"""Proving the mailbox while accepting: six digits or the link of the same mail, and then in."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist import clock, codes
from waitlist.db import Tx, reading
from waitlist.models.entry import Attempt
from waitlist.queries import proofs
from waitlist.runtime import runtime
from waitlist.services import proving
from waitlist.services.proving import Proven, Spent, WrongCode
from waitlist.services.redeeming import NoSeat
from waitlist.services.resending import UnknownAttempt
from waitlist.tokens import BadToken, Carrier, Purpose
from waitlist.web import code_pages, inboxes
from waitlist.web.code_pages import Ways
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.inboxes import Inbox
from waitlist.web.invites import accepting, faces
from waitlist.web.invites.opened import Opened, opened, shown_token
from waitlist.web.launches import launch_of_token, launch_or_404
from waitlist.web.newcomers import known
from waitlist.web.pages import page

blueprint = Blueprint("proof", __name__)


@blueprint.get("/w/<slug>/code")
@guard(Owner.PUBLIC)
def code(slug: str) -> ResponseReturnValue:
    """Ask for the six digits."""
    found = _carried(slug)
    if found is None:
        return faces.altered()
    link, inbox = found
    return code_pages.ask(link.launch, inbox, _ways(link, inbox))


@blueprint.post("/w/<slug>/code")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def check_code(slug: str) -> ResponseReturnValue:
    """Accept the invite by six digits."""
    found = _carried(slug)
    if found is None:
        return faces.altered()
    link, inbox = found
    typed = request.form.get("code", "")
    try:
        return accepting.answer(
            link, inbox.email, lambda tx: _by_code(tx, link, inbox, typed), lambda why: _unproven(link, inbox, why)
        )
    except codes.BadCode:
        errors = code_pages.not_six_digits()
        return code_pages.ask(link.launch, inbox, _ways(link, inbox), status=422, errors=errors)


@blueprint.post("/w/<slug>/code/again")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="20/minute")
def again(slug: str) -> ResponseReturnValue:
    """Send the mail again; the old code and link stop working."""
    found = _carried(slug)
    if found is None:
        return faces.altered()
    link, inbox = found
    try:
        sent = code_pages.send_again(link.launch, inbox, link.now)
    except UnknownAttempt:
        return redirect(url_for("invite.show", token=link.token), 303)
    if isinstance(sent, str):
        errors = [(code_pages.FIELD, sent)]
        return code_pages.ask(link.launch, inbox, _ways(link, inbox), status=429, errors=errors)
    t = inboxes.carried(link.launch, sent, link.now)
    return redirect(url_for("proof.code", slug=slug, t=t), 303)


@blueprint.get("/proof/<token>")
@guard(Owner.PUBLIC)
def link(token: str) -> ResponseReturnValue:
    """Show the button of the mailed link."""
    found = _mailed(token)
    if found is None:
        return faces.altered()
    invite, attempt, carrier = found
    why = proofs.why_spent(attempt, carrier.version, invite.now)
    if why is not None:
        return _spent(invite, why, attempt.email)
    return page(
        "invites/proof.html", launch=invite.launch, private=True, state="proof", email=attempt.email, invite=invite.page
    )


@blueprint.post("/proof/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def press_link(token: str) -> ResponseReturnValue:
    """Accept the invite by the mailed link."""
    found = _mailed(token)
    if found is None:
        return faces.altered()
    invite, attempt, carrier = found
    inbox = Inbox(attempt.public_id, attempt.email, invite.token)
    return accepting.answer(
        invite,
        attempt.email,
        lambda tx: _by_link(tx, invite, attempt, carrier.version),
        lambda why: _unproven(invite, inbox, why),
    )


def _by_code(tx: Tx, link: Opened, inbox: Inbox, typed: str) -> accepting.Inside | NoSeat | accepting.Unproven:
    outcome = proving.by_code(tx, link.launch, inbox.attempt, typed, key=runtime().codes_key, now=link.now)
    if isinstance(outcome, Spent):
        first = proofs.just_used(tx, link.launch, inbox.attempt, link.now)
        if first is None or not _is_its_code(first, typed):
            return outcome
        outcome = Proven(first)
    return outcome if isinstance(outcome, WrongCode) else _accept(tx, link, outcome.attempt)


def _by_link(tx: Tx, link: Opened, attempt: Attempt, version: int) -> accepting.Inside | NoSeat | accepting.Unproven:
    outcome = proving.by_link(tx, link.launch, attempt.public_id, version, now=link.now)
    if isinstance(outcome, Spent):
        first = proofs.just_used(tx, link.launch, attempt.public_id, link.now)
        if first is None or first.version != version:
            return outcome
        outcome = Proven(first)
    return _accept(tx, link, outcome.attempt)


def _accept(tx: Tx, link: Opened, attempt: Attempt) -> accepting.Inside | NoSeat | accepting.Unproven:
    """The proof counts for the invite it was asked for, and for no other."""
    if attempt.kind != "redeem" or attempt.invite_id != link.page.id:
        return Spent("declined")
    return accepting.redeem(tx, link, known(link.launch, attempt.email, language=attempt.language))


def _unproven(link: Opened, inbox: Inbox, why: accepting.Unproven) -> Response:
    if isinstance(why, Spent):
        return _spent(link, why.why, inbox.email)
    return code_pages.ask(link.launch, inbox, _ways(link, inbox), status=422, errors=code_pages.wrong(why))


def _is_its_code(attempt: Attempt, typed: str) -> bool:
    right = codes.six_digits(runtime().codes_key, attempt.public_id, attempt.version)
    return codes.same(right, codes.read_six_digits(typed))


def _carried(slug: str) -> tuple[Opened, Inbox] | None:
    now = clock.now()
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    inbox = inboxes.opened(launch, now)
    link = opened(inbox.back) if inbox is not None else None
    return None if inbox is None or link is None or link.launch.id != launch.id else (link, inbox)


def _mailed(token: str) -> tuple[Opened, Attempt, Carrier] | None:
    try:
        carrier = runtime().tokens.read(Purpose.PROOF, token)
    except BadToken:
        return None
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        attempt = proofs.found(rx, launch, carrier.row)
        invite = None if attempt is None else proofs.invite_of(rx, attempt)
    if attempt is None or invite is None:
        return None
    link = opened(shown_token(launch, invite.public_id, invite.version))
    return None if link is None else (link, attempt, carrier)


def _ways(link: Opened, inbox: Inbox) -> Ways:
    slug, t = link.launch.slug, inboxes.carried(link.launch, inbox, link.now)
    return Ways(
        check=url_for("proof.check_code", slug=slug, t=t),
        again=url_for("proof.again", slug=slug, t=t),
        start=url_for("invite.show", token=link.token),
        certain=True,
    )


def _spent(link: Opened, why: str, email: str) -> Response:
    return code_pages.spent(link.launch, why, _ways(link, Inbox("", email, link.token)), email=email)
