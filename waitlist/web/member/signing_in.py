"""Signing in: one address, a mail with a link and six digits, thirty days. There is no password to remember."""

from datetime import datetime

from flask import Blueprint, Response, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, codes
from waitlist.addresses import BadAddress, canon
from waitlist.db import reading, writing
from waitlist.i18n import page_locale
from waitlist.models.launch import Launch
from waitlist.queries import proofs, sign_ins
from waitlist.runtime import runtime
from waitlist.services import proving
from waitlist.services.proving import Proven, Spent, WrongCode
from waitlist.services.resending import UnknownAttempt
from waitlist.tokens import BadToken, Carrier, Purpose
from waitlist.web import code_pages, devices, forms, inboxes
from waitlist.web.code_pages import Ways
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.inboxes import Inbox
from waitlist.web.launches import launch_or_404
from waitlist.web.member.signed_in import member_of_session, sign_in
from waitlist.web.newcomers import newcomer
from waitlist.web.pages import Errors, page
from waitlist.web.wording import say

blueprint = Blueprint("signing_in", __name__, url_prefix="/w/<slug>/me")


@blueprint.get("")
@guard(Owner.PUBLIC)
def home(slug: str) -> ResponseReturnValue:
    """The member's first page."""
    return redirect(url_for("member_invites.index", slug=slug), 303)


@blueprint.get("/sign-in")
@guard(Owner.PUBLIC)
def form(slug: str) -> ResponseReturnValue:
    """Ask for the address, or go on where somebody is signed in."""
    with reading() as rx:
        launch = launch_or_404(rx, slug)
        member = member_of_session(rx, launch)
    if member is not None:
        return redirect(url_for("member_invites.index", slug=slug), 303)
    return _form(launch)


@blueprint.post("/sign-in")
@guard(Owner.PUBLIC, Proof.FORM, limit="20/minute")
def ask(slug: str) -> ResponseReturnValue:
    """Send the mail, whoever's address it is: the answer is the same."""
    now, launch = _launch(slug)
    try:
        address = canon(request.form.get("email", ""))
    except BadAddress as fault:
        return _form(launch, [("email", say(fault.code, fault.params))])
    press = forms.pressed("sign-in", launch.public_id, now=now)
    if press.stale:
        return _form(launch, [("email", gettext("Your session timed out. Check your answers and send again."))])
    who = newcomer(launch, address)
    with writing() as tx:
        asked = forms.once(
            tx, press, launch.id, now,
            lambda: _asked(
                proving.ask(
                    tx, launch, "sign_in", who, language=str(page_locale()), now=now, where=devices.words()
                )
            ),
        )  # fmt: skip
    if "seconds" in asked:
        return code_pages.too_often(asked["seconds"])
    return _to_code(launch, Inbox(asked["attempt"], address.email), now)


@blueprint.get("/sign-in/code")
@guard(Owner.PUBLIC)
def code(slug: str) -> ResponseReturnValue:
    """Ask for the six digits."""
    now, launch = _launch(slug)
    inbox = inboxes.opened(launch, now)
    return _start_again(launch) if inbox is None else code_pages.ask(launch, inbox, _ways(launch, inbox, now))


@blueprint.post("/sign-in/code")
@guard(Owner.PUBLIC, Proof.FORM, limit="30/minute")
def check_code(slug: str) -> ResponseReturnValue:
    """Sign in by six digits."""
    now, launch = _launch(slug)
    inbox = inboxes.opened(launch, now)
    if inbox is None:
        return _start_again(launch)
    ways = _ways(launch, inbox, now)
    typed = request.form.get("code", "")
    try:
        with writing() as tx:
            outcome = proving.by_code(tx, launch, inbox.attempt, typed, key=runtime().codes_key, now=now)
    except codes.BadCode:
        return code_pages.ask(launch, inbox, ways, status=422, errors=code_pages.not_six_digits())
    if isinstance(outcome, WrongCode):
        return code_pages.ask(launch, inbox, ways, status=422, errors=code_pages.wrong(outcome))
    if isinstance(outcome, Spent):
        outcome = _second_press(launch, inbox.attempt, now, digits=typed) or outcome
    return _go_in(launch, outcome, ways, inbox.email)


@blueprint.post("/sign-in/code/again")
@guard(Owner.PUBLIC, Proof.FORM, limit="20/minute")
def again(slug: str) -> ResponseReturnValue:
    """Send the mail again; the old link and code stop working."""
    now, launch = _launch(slug)
    inbox = inboxes.opened(launch, now)
    if inbox is None:
        return _start_again(launch)
    try:
        sent = code_pages.send_again(launch, inbox, now)
    except UnknownAttempt:
        return _start_again(launch)
    if isinstance(sent, str):
        errors = [(code_pages.FIELD, sent)]
        return code_pages.ask(launch, inbox, _ways(launch, inbox, now), status=429, errors=errors)
    return _to_code(launch, sent, now)


@blueprint.get("/sign-in/<token>")
@guard(Owner.PUBLIC)
def link(slug: str, token: str) -> ResponseReturnValue:
    """Show the button of a mailed link."""
    now, launch = _launch(slug)
    carrier = _read(launch, token)
    if carrier is None:
        return _altered(launch)
    with reading() as rx:
        attempt = proofs.found(rx, launch, carrier.row)
    if attempt is None:
        return _altered(launch)
    why = proofs.why_spent(attempt, carrier.version, now)
    if why is not None:
        ways = _ways(launch, Inbox(attempt.public_id, attempt.email), now)
        return code_pages.spent(launch, why, ways, email=attempt.email)
    return page("member/sign_in_link.html", launch=launch, private=True, state="link", email=attempt.email)


@blueprint.post("/sign-in/<token>")
@guard(Owner.PUBLIC, Proof.FORM, limit="30/minute")
def press_link(slug: str, token: str) -> ResponseReturnValue:
    """Sign in by a mailed link."""
    now, launch = _launch(slug)
    carrier = _read(launch, token)
    if carrier is None:
        return _altered(launch)
    outcome: Proven | Spent
    with writing() as tx:
        outcome = proving.by_link(tx, launch, carrier.row, carrier.version, now=now)
    if isinstance(outcome, Spent):
        outcome = _second_press(launch, carrier.row, now, version=carrier.version) or outcome
    return _go_in(launch, outcome, _ways(launch, Inbox(carrier.row, ""), now), "")


def _go_in(launch: Launch, outcome: Proven | Spent, ways: Ways, email: str) -> ResponseReturnValue:
    if isinstance(outcome, Spent) or outcome.attempt.kind != "sign_in" or outcome.attempt.entry_id is None:
        why = outcome.why if isinstance(outcome, Spent) else "declined"
        return code_pages.spent(launch, why, ways, email=email)
    sign_in(outcome.attempt.entry_id)
    with reading() as rx:
        member = sign_ins.whose(rx, outcome.attempt.entry_id)
    response = make_response(redirect(url_for("member_invites.index", slug=launch.slug), 303))
    devices.remember(response, launch, member)
    return response


def _second_press(
    launch: Launch, attempt_public_id: str, now: datetime, *, digits: str = "", version: int = 0
) -> Proven | None:
    """The first press's result, for the same proof pressed twice."""
    with reading() as rx:
        attempt = proofs.just_used(rx, launch, attempt_public_id, now)
    if attempt is None:
        return None
    code = codes.six_digits(runtime().codes_key, attempt.public_id, attempt.version)
    same = codes.same(code, codes.read_six_digits(digits)) if digits else version == attempt.version
    return Proven(attempt) if same else None


def _asked(outcome: proving.Asked | proving.TooOften) -> Outcome:
    return {"seconds": outcome.seconds} if isinstance(outcome, proving.TooOften) else {"attempt": outcome.attempt}


def _launch(slug: str) -> tuple[datetime, Launch]:
    with reading() as rx:
        return clock.now(), launch_or_404(rx, slug)


def _read(launch: Launch, token: str) -> Carrier | None:
    try:
        carrier = runtime().tokens.read(Purpose.SIGN_IN, token)
    except BadToken:
        return None
    return carrier if carrier.launch == launch.public_id else None


def _form(launch: Launch, errors: Errors = ()) -> Response:
    email = request.form.get("email", "")
    status = 422 if errors else 200
    return page("member/sign_in.html", status=status, launch=launch, errors=errors, state="sign_in", email=email)


def _to_code(launch: Launch, inbox: Inbox, now: datetime) -> ResponseReturnValue:
    return redirect(url_for("signing_in.code", slug=launch.slug, t=inboxes.carried(launch, inbox, now)), 303)


def _ways(launch: Launch, inbox: Inbox, now: datetime) -> Ways:
    carried = inboxes.carried(launch, inbox, now)
    return Ways(
        check=url_for("signing_in.check_code", slug=launch.slug, t=carried),
        again=url_for("signing_in.again", slug=launch.slug, t=carried),
        start=url_for("signing_in.form", slug=launch.slug),
        certain=False,
    )


def _start_again(launch: Launch) -> ResponseReturnValue:
    return redirect(url_for("signing_in.form", slug=launch.slug), 303)


def _altered(launch: Launch) -> Response:
    return page("member/sign_in.html", status=404, launch=launch, state="altered", email="", private=True)
