"""Somebody asks for a new invite: its sender, or the team, says yes or no."""

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.actors import person
from waitlist.addresses import mask
from waitlist.db import one, reading, writing
from waitlist.models.invite import Invite, by_public_id
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services import asking, inviting
from waitlist.services.inviting import Keys
from waitlist.services.seating import LaunchFull
from waitlist.tokens import BadToken, Purpose
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.invites import faces
from waitlist.web.launches import launch_of_token
from waitlist.web.pages import page

blueprint = Blueprint("ask", __name__, url_prefix="/ask/<token>")


@dataclass(frozen=True)
class Question:
    """The ended invite that somebody asks about."""

    token: str
    launch: Launch
    invite: Invite
    version: int
    now: datetime

    @property
    def state(self) -> str:
        """ask, or how it was answered: renewed, refused."""
        if self.invite.version > self.version:
            return "renewed"
        return "refused" if self.invite.asked_answer_at is not None else "ask"


@blueprint.get("")
@guard(Owner.PUBLIC)
def show(token: str) -> ResponseReturnValue:
    """Show who asks, or what was answered."""
    question = _read(token)
    return faces.altered() if question is None else _page(question)


@blueprint.post("/yes")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def grant(token: str) -> ResponseReturnValue:
    """Send a new invite."""
    question = _read(token)
    if question is None:
        return faces.altered()
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)
    actor = person(question.invite.public_id)
    try:
        with writing() as tx:
            outcome = asking.grant(tx, question.launch, question.invite, keys=keys, actor=actor, now=question.now)
    except inviting.NoInvitesLeft:
        return _page(question, status=409, state="none_left")
    except LaunchFull:
        return _page(question, status=409, state="full")
    except (asking.AlreadyAnswered, inviting.NotOpenAnyMore, inviting.CannotBeInvited):
        return redirect(url_for("ask.show", token=token), 303)
    if isinstance(outcome, asking.Returned):
        return _page(question, state="returned")
    return redirect(url_for("ask.show", token=token), 303)


@blueprint.post("/no")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def refuse(token: str) -> ResponseReturnValue:
    """Say no."""
    question = _read(token)
    if question is None:
        return faces.altered()
    try:
        with writing() as tx:
            actor = person(question.invite.public_id)
            asking.refuse(tx, question.launch, question.invite, actor=actor, now=question.now)
    except asking.AlreadyAnswered:
        pass  # somebody answered first: the page says what
    return redirect(url_for("ask.show", token=token), 303)


def _read(token: str) -> Question | None:
    try:
        carrier = runtime().tokens.read(Purpose.ASK, token)
    except BadToken:
        return None
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        invite = one(rx, by_public_id(launch.id, carrier.row))
    if invite is None or (invite.asked_at is None and invite.version == carrier.version):
        return None
    return Question(token, launch, invite, carrier.version, clock.now())


def _page(question: Question, *, status: int = 200, state: str | None = None) -> Response:
    return page(
        "invites/ask.html", status=status, state=state or question.state, launch=question.launch, private=True,
        question=question, masked=mask(question.invite.email or "", keep_domain=True),
    )  # fmt: skip
