"""My invites: what became of each, and one page for everything that can be done with one."""

from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.actors import person
from waitlist.db import Tx, reading, writing
from waitlist.models.condition import circumstances
from waitlist.queries import invites
from waitlist.queries.invites import Given
from waitlist.runtime import runtime
from waitlist.services import extending, inviting, reminding
from waitlist.services.inviting import Keys
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.invites.opened import the_invite
from waitlist.web.member.signed_in import here, member_page
from waitlist.web.pages import Errors

blueprint = Blueprint("member_invites", __name__, url_prefix="/w/<slug>/me/invites")
LONGEST = timedelta(days=366)


@blueprint.get("")
@guard(Owner.MEMBER)
def index(slug: str) -> ResponseReturnValue:
    """The list, with a count on every filter."""
    launch, member = here()
    now, kind = clock.now(), request.args.get("show", "")
    with reading() as rx:
        counted = invites.counts(rx, member.id, now=now)
        total = counted[kind] if kind in counted else sum(counted.values())
        last = max(1, -(-total // invites.SHOWN_AT_ONCE))
        number = min(max(request.args.get("page", 1, type=int), 1), last)
        rows = invites.given(rx, member.id, kind=kind, number=number, now=now)
        around = circumstances(rx, launch, now)
    pages = SimpleNamespace(
        number=number, last=last, total=total, href=lambda n: url_for(".index", slug=slug, show=kind or None, page=n)
    )
    return member_page(
        "member/invites.html", "invites", now=now, rows=rows, counted=counted, show=kind, pages=pages, around=around
    )


@blueprint.get("/<invite_id>/<any(again, remind, cancel):deed>")
@guard(Owner.MEMBER)
def ask(slug: str, invite_id: str, deed: str) -> ResponseReturnValue:  # noqa: ARG001 - found before
    """Say what the button will do."""
    now = clock.now()
    return _ask(_own(invite_id, now), deed, now)


@blueprint.post("/<invite_id>/again")
@guard(Owner.MEMBER, Proof.CSRF, limit="30/minute")
def again(slug: str, invite_id: str) -> ResponseReturnValue:
    """Send it again: a new link and a new end, and the old link stops working."""
    launch, member = here()
    now = clock.now()
    given = _own(invite_id, now)
    if _was_pressed(given):
        return redirect(url_for(".index", slug=slug, done="again"), 303)
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)
    try:
        with writing() as tx:
            invite = the_invite(tx, launch, given.id)
            inviting.resend(tx, launch, invite, keys=keys, actor=person(member.public_id), now=now)
    except inviting.NoInvitesLeft:
        return _ask(given, "again", now, fault=gettext("You have no invites left. Sending this one again costs one."))
    except inviting.CannotBeInvited:
        return _ask(given, "again", now, fault=gettext("This address cannot be invited."))
    except inviting.NotOpenAnyMore:
        return _over(given, now)
    return redirect(url_for(".index", slug=slug, done="again"), 303)


@blueprint.post("/<invite_id>/remind")
@guard(Owner.MEMBER, Proof.CSRF, limit="30/minute")
def remind(slug: str, invite_id: str) -> ResponseReturnValue:
    """Send the one reminder."""
    launch, member = here()
    now = clock.now()
    given = _own(invite_id, now)
    try:
        with writing() as tx:
            invite = the_invite(tx, launch, given.id)
            reminding.remind(tx, launch, invite, actor=person(member.public_id), now=now)
    except reminding.TooEarly:
        return _ask(given, "remind", now, fault=gettext("You can remind somebody 48 hours after the invite was sent."))
    except reminding.AlreadyReminded:
        return redirect(url_for(".index", slug=slug, done="remind"), 303)
    except inviting.NotOpenAnyMore:
        return _over(given, now)
    return redirect(url_for(".index", slug=slug, done="remind"), 303)


@blueprint.post("/<invite_id>/cancel")
@guard(Owner.MEMBER, Proof.CSRF, limit="30/minute")
def cancel(slug: str, invite_id: str) -> ResponseReturnValue:
    """End it; unused uses come back once."""
    launch, member = here()
    now = clock.now()
    given = _own(invite_id, now)
    if given.kind != "revoked":
        try:
            with writing() as tx:
                invite = the_invite(tx, launch, given.id)
                inviting.revoke(tx, launch, invite, actor=person(member.public_id), now=now)
        except inviting.NotOpenAnyMore:
            return _over(given, now)
    return redirect(url_for(".index", slug=slug, done="cancel"), 303)


@blueprint.get("/<invite_id>/end")
@guard(Owner.MEMBER)
def end(slug: str, invite_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Ask for another end date."""
    now = clock.now()
    return _end_form(_own(invite_id, now), now)


@blueprint.post("/<invite_id>/end")
@guard(Owner.MEMBER, Proof.CSRF, limit="30/minute")
def change_end(slug: str, invite_id: str) -> ResponseReturnValue:
    """Give it another end date; its links stay."""
    launch, member = here()
    now = clock.now()
    given = _own(invite_id, now)
    day = end_of_day(request.form.get("until", ""), launch.tz)
    if day is None:
        return _end_form(given, now, [("until", gettext("Enter a date, like 2026-03-31"))])
    if not now < day <= now + LONGEST:
        return _end_form(given, now, [("until", gettext("Choose a day from today to one year from now"))])
    try:
        with writing() as tx:
            invite = the_invite(tx, launch, given.id)
            extending.change_end(tx, launch, invite, day, actor=person(member.public_id), now=now)
    except inviting.NotOpenAnyMore:
        return _over(given, now)
    return redirect(url_for(".index", slug=slug, done="end"), 303)


def end_of_day(typed: str, tz: str) -> datetime | None:
    """The last minute of the day that was typed, where the launch is; None for what is no date."""
    try:
        day = date.fromisoformat(typed.strip())
        return datetime.combine(day, time(23, 59), ZoneInfo(tz)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def own(rx: Tx, invite_id: str, now: datetime) -> Given:
    """One of the member's own invites; answers 404 for everybody else's."""
    _, member = here()
    found = invites.one_given(rx, member.id, invite_id, now=now)
    if found is None:
        abort(404)
    return found


def _own(invite_id: str, now: datetime) -> Given:
    with reading() as rx:
        return own(rx, invite_id, now)


def _was_pressed(given: Given) -> bool:
    """Whether this very press came before: the page was made for an older version of the invite."""
    return request.form.get("version", type=int) != given.version


def _ask(given: Given, deed: str, now: datetime, *, fault: str = "") -> Response:
    status = 409 if fault else 200
    return member_page(
        "member/deed.html", "invites", status=status, now=now, given=given, deed=deed, fault=fault,
        new_end=now + timedelta(days=here()[0].invite_days),
    )  # fmt: skip


def _end_form(given: Given, now: datetime, errors: Errors = ()) -> Response:
    return member_page(
        "member/end.html", "invites", status=422 if errors else 200, errors=errors, now=now, given=given,
        until=request.form.get("until") or given.expires_at.astimezone(ZoneInfo(here()[0].tz)).date().isoformat(),
    )  # fmt: skip


def _over(given: Given, now: datetime) -> Response:
    """Somebody was first: the person accepted, or the invite ended."""
    return member_page("member/over.html", "invites", status=409, now=now, given=_own(given.id, now))
