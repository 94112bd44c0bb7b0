"""Accepting: a proven mailbox spends one use, and whatever comes of it becomes a page."""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from flask import Response, make_response, redirect, url_for

from waitlist.actors import person
from waitlist.db import Tx, reading, writing
from waitlist.models.entry import Entry
from waitlist.models.invite import Admission
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services import redeeming
from waitlist.services.admitting import Newcomer
from waitlist.services.joining import NotEligible
from waitlist.services.proving import Spent, WrongCode
from waitlist.services.redeeming import NoSeat
from waitlist.tokens import Purpose
from waitlist.web import devices
from waitlist.web.invites import faces
from waitlist.web.invites.opened import Opened, opened, the_invite

REFUSALS = (
    redeeming.AlreadyMember,
    redeeming.Paused,
    redeeming.InviteExpired,
    redeeming.InviteSpent,
    redeeming.InviteRevoked,
    redeeming.InviteNotYet,
    redeeming.WrongPerson,
    NotEligible,
)


@dataclass(frozen=True)
class Inside:
    """Somebody came in, now or by an earlier press; both are public ids."""

    admission: str
    entry: str


Unproven = WrongCode | Spent


def redeem(tx: Tx, link: Opened, who: Newcomer) -> Inside | NoSeat:
    """One use of the link's invite for this proven mailbox."""
    invite = the_invite(tx, link.launch, link.page.invite)
    outcome = redeeming.redeem(tx, link.launch, invite, who, actor=person(invite.public_id), now=link.now)
    return outcome if isinstance(outcome, NoSeat) else _inside(tx, outcome.admission)


def at_once(link: Opened, who: Newcomer) -> Response:
    """Come in by a link that proves the mailbox itself."""
    return answer(link, who.email, lambda tx: redeem(tx, link, who), lambda _: faces.altered())


def answer(
    link: Opened, email: str, act: Callable[[Tx], Inside | NoSeat | Unproven], unproven: Callable[[Unproven], Response]
) -> Response:
    """Do it in one transaction and lead on; a refusal changed nothing and says the way out.

    What `unproven` answers to was counted and stays so.
    """
    try:
        with writing() as tx:
            outcome = act(tx)
    except REFUSALS as refusal:
        return _refused(link, email, refusal)
    if isinstance(outcome, WrongCode | Spent):
        return unproven(outcome)
    return faces.no_seat(link, email) if isinstance(outcome, NoSeat) else _welcome(link.launch, outcome)


def _refused(link: Opened, email: str, refusal: Exception) -> Response:
    match refusal:
        case redeeming.AlreadyMember():
            return _already_member(link, refusal.admission)
        case redeeming.Held():
            return faces.held(link)
        case redeeming.Paused():
            return faces.paused(link)
        case NotEligible():
            return faces.not_eligible(link, refusal.answer, email)
    return faces.show(opened(link.token) or link, status=409)


def _inside(tx: Tx, admission: Admission) -> Inside:
    entry = tx.scalars(sa.select(Entry.public_id).where(Entry.id == admission.entry_id)).one()
    return Inside(admission.public_id, entry)


def _already_member(link: Opened, admission: Admission) -> Response:
    with reading() as rx:
        inside = _inside(rx, admission)
    response = faces.already_in(link, inside.admission)
    devices.remember(response, link.launch, inside.entry)
    return response


def _welcome(launch: Launch, inside: Inside) -> Response:
    token = runtime().tokens.sign(Purpose.WELCOME, launch.public_id, inside.admission)
    response = make_response(redirect(url_for("welcome.show", token=token), 303))
    devices.remember(response, launch, inside.entry)
    return response
