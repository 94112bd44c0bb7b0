"""The welcome page: they are in, what comes next, and one button into the product."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from waitlist import clock, keys
from waitlist.db import reading, writing
from waitlist.i18n import page_locale
from waitlist.models.launch import Launch
from waitlist.queries import welcome as welcomes
from waitlist.queries.welcome import Welcome
from waitlist.runtime import runtime
from waitlist.services import handing, proving
from waitlist.tokens import BadToken, Purpose
from waitlist.web import code_pages, devices, inboxes
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.headers import allow_form_to
from waitlist.web.inboxes import Inbox
from waitlist.web.invites import faces
from waitlist.web.launches import launch_of_token
from waitlist.web.newcomers import known
from waitlist.web.pages import page

blueprint = Blueprint("welcome", __name__, url_prefix="/welcome/<token>")


@blueprint.get("")
@guard(Owner.PUBLIC)
def show(token: str) -> ResponseReturnValue:
    """You are in."""
    found = _read(token)
    if found is None:
        return faces.altered()
    launch, who = found
    if not who.active:
        return page("invites/over.html", status=410, state="over", launch=launch, private=True)
    if launch.product_url:
        allow_form_to(launch.product_url)
    return page("invites/welcome.html", launch=launch, state="welcome", private=True, who=who, token=token)


@blueprint.post("/continue")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def go_on(token: str) -> ResponseReturnValue:
    """Walk into the product with a one-time code that it exchanges for who this is."""
    found = _read(token)
    if found is None:
        return faces.altered()
    launch, who = found
    if not launch.product_url:
        return redirect(url_for("welcome.show", token=token), 303)
    handoff = keys.random_handoff()
    code_hash = keys.handoff_hash(runtime().secrets.pepper, handoff)
    try:
        with writing() as tx:
            handing.mint(tx, launch, who.admission, code_hash=code_hash, now=clock.now())
    except handing.NotIn:
        return redirect(url_for("welcome.show", token=token), 303)
    return redirect(_with_code(launch.product_url, handoff), 303)


@blueprint.post("/sign-in")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="300/minute")
def sign_in(token: str) -> ResponseReturnValue:
    """Mail a sign-in link to the person of this page, who need not type their address."""
    found = _read(token)
    if found is None:
        return faces.altered()
    launch, who = found
    now = clock.now()
    mailbox = known(launch, who.email)
    with writing() as tx:
        where = devices.words()
        asked = proving.ask(tx, launch, "sign_in", mailbox, language=str(page_locale()), now=now, where=where)
    if isinstance(asked, proving.TooOften):
        return code_pages.too_often(asked.seconds)
    t = inboxes.carried(launch, Inbox(asked.attempt, who.email), now)
    return redirect(url_for("signing_in.code", slug=launch.slug, t=t), 303)


def _read(token: str) -> tuple[Launch, Welcome] | None:
    try:
        carrier = runtime().tokens.read(Purpose.WELCOME, token)
    except BadToken:
        return None
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        found = welcomes.welcome(rx, launch, carrier.row)
    return None if found is None else (launch, found)


def _with_code(product_url: str, handoff: str) -> str:
    parts = urlsplit(product_url)
    query = urlencode([*parse_qsl(parts.query, keep_blank_values=True), ("wl_code", handoff)])
    return urlunsplit(parts._replace(query=query))
