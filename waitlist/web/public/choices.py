"""E-mail settings and unsubscribing (P-15): by the link of a mail, without signing in and without cookies."""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.actors import Actor, person
from waitlist.db import reading, writing
from waitlist.models.launch import Launch
from waitlist.queries import choices as settings
from waitlist.queries.choices import Choices
from waitlist.runtime import runtime
from waitlist.services import choosing, introducing, leaving
from waitlist.services.choosing import Wants
from waitlist.tokens import BadToken, Purpose
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.launches import launch_of_token
from waitlist.web.pages import page
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.lost import check_the_link

Found = tuple[Launch, Choices]
ONLY_INVITES = "invites"  # the link of a member's invite: only invites from people are turned off


@blueprint.get("/u/<token>")
@guard(Owner.PUBLIC)
def choices(token: str) -> Response:
    """The settings as they are; a scanner that opens them changes nothing."""
    found = _read(token)
    return check_the_link() if found is None else _show(token, *found)


@blueprint.post("/u/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="120/minute")
def choices_press(token: str) -> ResponseReturnValue:
    """Save, or (RFC 8058) unsubscribe by a mail program's one press, which gets a plain answer."""
    found = _read(token)
    if found is None:
        return check_the_link()
    launch, mine = found
    one_click = request.form.get("List-Unsubscribe") == "One-Click"
    with writing() as tx:
        now = clock.now()
        if request.args.get("only") == ONLY_INVITES and (one_click or request.form.get("do_not_invite") == "yes"):
            choosing.never_invite(tx, launch, mine.choice, actor=_actor(mine), now=now)
        else:
            wants = Wants.NOTHING if one_click else _wanted(mine)
            choosing.choose(tx, launch, mine.choice, wants, actor=_actor(mine), now=now)
    if one_click:
        return Response("Unsubscribed", mimetype="text/plain")
    return redirect(_here(token, "saved"), 303)


@blueprint.post("/u/<token>/place")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def choices_place(token: str) -> ResponseReturnValue:
    """What is extra, and off until somebody asks: the weekly mail, and the own name on the leaderboard."""
    found = _read(token)
    if found is None or found[1].entry_id is None:
        return check_the_link()
    launch, mine = found
    actor, now = _actor(mine), clock.now()
    with writing() as tx:
        choosing.digest(tx, launch, mine.choice, wanted=request.form.get("digest") == "yes", actor=actor, now=now)
        if launch.leaderboard:
            shown = request.form.get("on_board") == "yes"
            introducing.on_board(tx, launch, mine.entry_id or 0, shown=shown, actor=actor, now=now)
    return redirect(_here(token, "saved"), 303)


@blueprint.post("/u/<token>/undo")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def choices_undo(token: str) -> ResponseReturnValue:
    """As it was before."""
    found = _read(token)
    if found is None:
        return check_the_link()
    launch, mine = found
    try:
        with writing() as tx:
            choosing.undo(tx, launch, mine.choice, actor=_actor(mine), now=clock.now())
    except choosing.NothingToUndo:
        return redirect(_here(token), 303)
    return redirect(_here(token, "undone"), 303)


@blueprint.post("/u/<token>/leave")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def choices_leave(token: str) -> ResponseReturnValue:
    """The place too; the page says how to come back."""
    found = _read(token)
    if found is None or found[1].entry_id is None:
        return check_the_link()
    launch, mine = found
    try:
        with writing() as tx:
            leaving.leave(tx, launch, mine.entry_id or 0, actor=_actor(mine), now=clock.now())
    except leaving.NotInLine:
        return redirect(_here(token), 303)
    return redirect(_here(token, "left"), 303)


def _read(token: str) -> Found | None:
    try:
        carrier = runtime().tokens.read(Purpose.CHOICES, token)
    except BadToken:
        return None
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        mine = settings.choices(rx, launch, carrier.row)
    return None if mine is None else (launch, mine)


def _wanted(mine: Choices) -> Wants:
    given = request.form.get("wants", "")
    return Wants(given) if given in set(Wants) else Wants(mine.wants)


def _actor(mine: Choices) -> Actor:
    return person(mine.entry or mine.choice)


def _here(token: str, done: str | None = None) -> str:
    return url_for("public.choices", token=token, done=done, only=request.args.get("only"))


def _show(token: str, launch: Launch, mine: Choices) -> Response:
    done = request.args.get("done", "")
    only = request.args.get("only") == ONLY_INVITES
    return page(
        "public/choices.html",
        state="unsubscribed" if done == "saved" and mine.wants == Wants.NOTHING else "choices",
        launch=launch,
        private=True,
        mine=mine,
        token=token,
        done=done,
        only_invites=only,
    )
