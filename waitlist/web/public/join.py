"""Joining (P-02): one press asks for a place, and the page that follows is the same whoever pressed."""

from datetime import datetime
from typing import Any

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist import addresses, clock, codes
from waitlist.db import one, reading, writing
from waitlist.models.condition import Condition, circumstances
from waitlist.models.entry import by_public_id
from waitlist.models.launch import INTEREST, MAIN, Launch, OnFull
from waitlist.queries import launch_page
from waitlist.queries.launch_page import Asked, Terms
from waitlist.services import joining, suggesting
from waitlist.services.joining import Application, NotEligible, NotOpen
from waitlist.web import forms
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.launches import launch_or_404
from waitlist.web.pages import page
from waitlist.web.public import application as typed
from waitlist.web.public import front, refused
from waitlist.web.public.application import Said
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.inbox import inbox_path
from waitlist.web.public.paths import answers_path, status_path
from waitlist.web.public.questions import AT_ONCE


@blueprint.post("/w/<slug>/join")
@guard(Owner.PUBLIC, Proof.FORM, limit="30/minute")
def join(slug: str) -> ResponseReturnValue:
    """Ask for a place in line."""
    return _ask(slug, MAIN)


@blueprint.post("/w/<slug>/interest")
@guard(Owner.PUBLIC, Proof.FORM, limit="30/minute")
def interest(slug: str) -> ResponseReturnValue:
    """Ask to be told when it opens to everybody: the same mail proves the address, and there is no place."""
    return _ask(slug, INTEREST)


@blueprint.post("/w/<slug>/suggestions")
@guard(Owner.PUBLIC, Proof.FORM, limit="10/minute")
def suggest(slug: str) -> ResponseReturnValue:
    """My school or company should be here: counted for the team, once for each mailbox."""
    now = clock.now()
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    press = forms.pressed("suggest", launch.public_id, now=now)
    address, faults = typed.read_address(request.form.get("email", ""))
    if press.stale or address is None:
        return front.show(launch, status=422, errors=faults or typed.timed_out(), values=request.form)
    who = typed.mailbox(launch, address)

    def act() -> dict[str, Any]:
        return {"new": suggesting.suggest(tx, launch, who.domain, abuse_key=who.abuse_key, now=now)}

    with writing() as tx:
        forms.once(tx, press.about(who.email_key), launch.id, now, act)
    return redirect(url_for("public.join_form", slug=slug, done="suggested"), 303)


def _ask(slug: str, line: str) -> ResponseReturnValue:
    now = clock.now()
    with reading() as rx:
        launch = launch_or_404(rx, slug)
        asked = launch_page.questions(rx, launch) if line == MAIN else ()
        terms = launch_page.terms(rx, launch) if line == MAIN else ()
    press = forms.pressed("join" if line == MAIN else "interest", launch.public_id, now=now)
    said = typed.read(launch, asked, terms, now)
    faults = [*said.faults, *(typed.timed_out() if press.stale else ())]
    if faults or said.address is None:
        return front.show(launch, status=422, errors=faults, values=request.form, alone=True)
    if forms.is_bot():
        return redirect(_inbox(launch, codes.random_id("att"), said, now), 303)
    if launch.lasting_only and addresses.is_disposable(said.address.domain):
        return refused.disposable(launch, asked, terms, said)
    meant = None if said.kept else addresses.suggestion(said.address)
    if meant is not None:
        return _did_you_mean(launch, said, meant, line)
    return _write(launch, asked, terms, said, press.about(said.address.key), line, now)


def _write(
    launch: Launch,
    asked: tuple[Asked, ...],
    terms: tuple[Terms, ...],
    said: Said,
    press: forms.Press,
    line: str,
    now: datetime,
) -> ResponseReturnValue:
    if line == MAIN and _is_full(launch, now):
        return front.show(launch, status=409, values=request.form, refused=True, alone=True)
    application = typed.application(launch, said, now, line=line)
    try:
        with writing() as tx:
            outcome = forms.once(tx, press, launch.id, now, lambda: _join(tx, launch, application, now))
    except NotOpen:
        return front.show(launch, status=409, values=request.form, refused=True, alone=True)
    except NotEligible as refusal:
        return refused.show(launch, asked, terms, said, refusal.answer)
    if outcome.get("entry"):
        return redirect(_status(launch, outcome["entry"], asked), 303)
    return redirect(_inbox(launch, outcome["attempt"], said, now), 303)


def _is_full(launch: Launch, now: datetime) -> bool:
    """Nobody can join a full line, and nobody learns by trying who stands in it already."""
    if launch.line_limit is None and launch.on_full != OnFull.CLOSE:
        return False
    with reading() as rx:
        return circumstances(rx, launch, now).condition is Condition.FULL


def _join(tx: Any, launch: Launch, application: Application, now: datetime) -> dict[str, Any]:
    asked = joining.join(tx, launch, application, now=now)
    return {"attempt": asked.attempt, "entry": asked.entry}


def _did_you_mean(launch: Launch, said: Said, meant: str, line: str) -> Response:
    """Not an error: the same form with two buttons, everything else kept."""
    assert said.address is not None, "only a good address has a likely other one"
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in ("email", "form_id")]
    return page(
        "public/did_you_mean.html",
        state="did-you-mean",
        launch=launch,
        meant=meant,
        email=said.address.email,
        purpose="join" if line == MAIN else "interest",
        kept=kept,
    )


def _status(launch: Launch, entry: str, asked: tuple[Asked, ...]) -> str:
    """Where nobody confirms: straight to the place, or to the questions that were left for later."""
    with reading() as rx:
        found = one(rx, by_public_id(launch.id, entry))
    assert found is not None, "the press that made it was just committed"
    path = answers_path if len(asked) > AT_ONCE else status_path
    return path(launch, entry, found.link_version, done="in-line")


def _inbox(launch: Launch, attempt: str, said: Said, now: datetime) -> str:
    assert said.address is not None, "a form without an address was refused"
    embed = request.form.get("embed") == "1"
    return inbox_path(launch, attempt, said.address.email, now, embed=embed)
