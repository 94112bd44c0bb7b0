"""Sending invites by mail: paste a list, see a verdict for every address, and only then send, once."""

from datetime import datetime

from flask import Blueprint, Response, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import catalogues, clock
from waitlist.actors import person
from waitlist.db import Tx, reading, writing
from waitlist.i18n import page_locale
from waitlist.models.condition import circumstances
from waitlist.models.entry import Entry
from waitlist.models.invite import InviteSource
from waitlist.models.launch import Launch
from waitlist.queries import invites, presses
from waitlist.rendering import Written
from waitlist.runtime import runtime
from waitlist.services import inviting
from waitlist.services.inviting import Keys, Order
from waitlist.services.reviewing import Candidate
from waitlist.web import forms
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.member import mail_app, pasted
from waitlist.web.member.pasted import Draft, Row
from waitlist.web.member.preview import preview
from waitlist.web.member.signed_in import here, member_page, rules_in_words
from waitlist.web.pages import Errors

blueprint = Blueprint("sending", __name__, url_prefix="/w/<slug>/me/invites")
PURPOSE = "send-invites"
REFUSED = (
    inviting.AlreadyIn,
    inviting.AlreadyInvited,
    inviting.CannotBeInvited,
    inviting.NoInvitesLeft,
    inviting.TooManyToday,
)


@blueprint.get("/new")
@guard(Owner.MEMBER)
def form(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - found before
    """Ask for addresses, a note and the language."""
    _, member = here()
    return _form(Draft("", "", "", str(page_locale()) or member.language, ()), clock.now())


@blueprint.post("/new")
@guard(Owner.MEMBER, Proof.CSRF, limit="30/minute")
def review(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Show what would become of every address. Nothing is sent."""
    launch, member = here()
    now = clock.now()
    draft, errors = pasted.read(member)
    if errors:
        return _form(draft, now, errors)
    with reading() as rx:
        rows = pasted.review(rx, launch, member, draft, now=now)
        mail = None if draft.by_app else _mail(rx, draft, rows, now)
    return _review(draft, rows, mail, now)


@blueprint.post("/edit")
@guard(Owner.MEMBER, Proof.CSRF, limit="30/minute")
def edit(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Back to the form, with everything in it."""
    _, member = here()
    return _form(pasted.read(member)[0], clock.now())


@blueprint.post("/send")
@guard(Owner.MEMBER, Proof.CSRF, limit="30/minute")
def send(slug: str) -> ResponseReturnValue:
    """Send to whoever can be invited now; a second press shows the first result."""
    launch, member = here()
    now = clock.now()
    press = forms.pressed(PURPOSE, launch.public_id, now=now)
    draft, errors = pasted.read(member)
    if press.stale:
        errors = [*errors, ("emails", gettext("Your session timed out. Check your answers and send again."))]
    if errors:
        return _form(draft, now, errors)
    with writing() as tx:
        forms.once(tx, press, launch.id, now, lambda: _send_all(tx, launch, member, draft, now))
    return redirect(url_for(".sent", slug=slug, nonce=press.key.partition(":")[2]), 303)


@blueprint.get("/sent/<nonce>")
@guard(Owner.MEMBER)
def sent(slug: str, nonce: str) -> ResponseReturnValue:
    """How many went, who was skipped and why, and how many are left."""
    launch, member = here()
    now = clock.now()
    with reading() as rx:
        outcome = presses.outcome(rx, launch, PURPOSE, nonce)
        given = invites.by_ids(rx, member.id, outcome.get("sent", []), now=now)
        made = invites.by_ids(rx, member.id, [outcome["link"]] if "link" in outcome else [], now=now)
    if outcome.get("by") != member.id:
        return redirect(url_for("member_invites.index", slug=slug), 303)
    if made:
        return mail_app.show(made[0], outcome, now)
    skipped = [Row(n, email, verdict, pasted.word(verdict)) for n, (email, verdict) in enumerate(outcome["skipped"], 1)]
    return member_page("member/sent.html", "invites", now=now, given=given, skipped=skipped)


def _send_all(tx: Tx, launch: Launch, member: Entry, draft: Draft, now: datetime) -> Outcome:
    rows = pasted.review(tx, launch, member, draft, now=now)
    people = pasted.sendable(rows)
    if draft.by_app and people:
        return mail_app.make_link(tx, launch, member, draft, people, now)
    issued = [_send_one(tx, launch, member, draft, candidate, now) for candidate in people]
    skipped = [[row.typed, row.verdict] for row in rows if row.candidate is not None and not row.will_be_sent]
    skipped += [[email, verdict] for email, verdict in issued if verdict]
    return {"by": member.id, "sent": [public_id for public_id, verdict in issued if not verdict], "skipped": skipped}


def _send_one(tx: Tx, launch: Launch, member: Entry, draft: Draft, to: Candidate, now: datetime) -> tuple[str, str]:
    """(public id, "") of the invite that went, or (address, verdict) where somebody else was quicker."""
    order = Order(
        InviteSource.MEMBER,
        to=(to.email, to.email_key, to.abuse_key),
        inviter_id=member.id,
        note=draft.note,
        language=draft.language,
    )
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)
    try:
        with tx.begin_nested():
            invite = inviting.issue(tx, launch, order, keys=keys, actor=person(member.public_id), now=now)
            inviting.send(tx, launch, invite, now=now)
    except REFUSED as refused:
        over = isinstance(refused, inviting.NoInvitesLeft | inviting.TooManyToday)
        return to.email, "over_limit" if over else "cannot"
    return invite.public_id, ""


def _form(draft: Draft, now: datetime, errors: Errors = ()) -> Response:
    launch, _ = here()
    with reading() as rx:
        around = circumstances(rx, launch, now)
        rules = rules_in_words(rx, launch)
    return member_page(
        "member/new_invites.html", "invites", status=422 if errors else 200, errors=errors, now=now, draft=draft,
        languages=_languages(), around=around, rules=rules,
    )  # fmt: skip


def _review(draft: Draft, rows: list[Row], mail: Written | None, now: datetime) -> Response:
    number = len(pasted.sendable(rows))
    return member_page("member/review.html", "invites", now=now, draft=draft, rows=rows, number=number, mail=mail)


def _mail(rx: Tx, draft: Draft, rows: list[Row], now: datetime) -> Written | None:
    """The mail to the first of those who will get one."""
    launch, member = here()
    people = pasted.sendable(rows)
    return preview(rx, launch, member, people[0].email, draft.note, draft.language, now) if people else None


def _languages() -> list[tuple[str, str]]:
    names = {"en": "English", "fr": "Français"}
    return [(code, names.get(code, code)) for code in catalogues.locales()]
