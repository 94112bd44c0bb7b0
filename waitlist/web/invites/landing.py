"""The page of an invite: what it is, one button, and the way out of every dead end."""

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist.addresses import BadAddress, canon
from waitlist.db import one, reading, writing
from waitlist.gates.answers import Answer, Refuses
from waitlist.models.entry import by_address
from waitlist.queries.invite_page import Shown
from waitlist.services import proving
from waitlist.services.admitting import Newcomer
from waitlist.services.judging import answer_for
from waitlist.web import code_pages, devices, inboxes
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.inboxes import Inbox
from waitlist.web.invites import accepting, faces
from waitlist.web.invites.opened import Opened, opened, the_invite
from waitlist.web.newcomers import known, newcomer
from waitlist.web.wording import say

blueprint = Blueprint("invite", __name__)


@blueprint.get("/i/<token>")
@guard(Owner.PUBLIC)
def show(token: str) -> ResponseReturnValue:
    """Show the invite."""
    link = opened(token)
    return faces.altered() if link is None else faces.show(link)


@blueprint.post("/i/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="600/minute")
def accept(token: str) -> ResponseReturnValue:
    """Come in at once where the link proves the mailbox; otherwise send six digits to the address first."""
    link = opened(token)
    if link is None:
        return faces.altered()
    if link.page.proven and link.page.email is not None:
        who = known(link.launch, link.page.email)
        return accepting.at_once(link, who)
    refused = _not_now(link)
    return _prove(link) if refused is None else refused


def _not_now(link: Opened) -> Response | None:
    """What is known before anybody proves anything: there is no use in sending a code."""
    shown = link.page.shown
    if link.launched or shown in faces.GONE or shown is Shown.NOT_YET or _is_member(link):
        return faces.show(link, status=409)
    return faces.paused(link) if shown is Shown.PAUSED else None


def _is_member(link: Opened) -> bool:
    return link.page.person is not None and link.page.person.admission is not None and not request.form.get("email")


def _prove(link: Opened) -> ResponseReturnValue:
    typed = request.form.get("email", "")
    try:
        who = _who(link, typed)
    except BadAddress as fault:
        return faces.show(link, status=422, errors=[("email", say(fault.code, fault.params))], email=typed)
    judged = _judged(link, who)
    if isinstance(judged, Refuses):
        return faces.not_eligible(link, judged, typed or who.email)
    with writing() as tx:
        asked = proving.ask(
            tx, link.launch, "redeem", who, language=who.language, invite_id=link.page.id, now=link.now,
            where=devices.words(),
        )  # fmt: skip
    if isinstance(asked, proving.TooOften):
        return code_pages.too_often(asked.seconds)
    t = inboxes.carried(link.launch, Inbox(asked.attempt, who.email, link.token), link.now)
    return redirect(url_for("proof.code", slug=link.launch.slug, t=t), 303)


def _judged(link: Opened, who: Newcomer) -> Answer:
    """What the rules say of the address, before a code is sent to it.

    What is known of whoever has this address counts only where the invite is theirs: a stranger may type any address,
    and learns nothing of its person. The rules are asked again once the mailbox is proven.
    """
    with reading() as rx:
        invite = the_invite(rx, link.launch, link.page.invite)
        theirs = link.page.bound or request.form.get("known")
        return answer_for(
            rx,
            link.launch,
            domain=who.domain,
            abuse_key=who.abuse_key,
            referred=invite.inviter_id is not None,
            invited=True,
            overridden=invite.overrides_rules,
            only=invite.domain,
            entry=one(rx, by_address(link.launch.id, who.email_key)) if theirs else None,
            now=link.now,
        )


def _who(link: Opened, typed: str) -> Newcomer:
    """The bound address, or the one this device is known by, or the one that was typed; raises BadAddress."""
    if link.page.bound and link.page.email is not None:
        return known(link.launch, link.page.email)
    if request.form.get("known") and link.page.person is not None:
        return known(link.launch, link.page.person.email)
    return newcomer(link.launch, canon(typed))
