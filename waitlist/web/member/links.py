"""An invite as a link, a QR code and a typed code: make one, show one again, print it."""

import io
from datetime import datetime, timedelta
from typing import Any

import segno
from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.actors import person
from waitlist.db import reading, writing
from waitlist.models.invite import InviteSource
from waitlist.queries import invites, presses
from waitlist.queries.invites import Given
from waitlist.queries.naming import shown_to_others
from waitlist.runtime import runtime
from waitlist.services import inviting
from waitlist.services.inviting import Keys, Order
from waitlist.tokens import Purpose
from waitlist.web import forms
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.member.invites import LONGEST, end_of_day, own
from waitlist.web.member.signed_in import here, member_page, rules_in_words
from waitlist.web.pages import Errors
from waitlist.web.public.qr import QUIET, inline

blueprint = Blueprint("member_links", __name__, url_prefix="/w/<slug>/me")
DAYS = (1, 7, 30)
PURPOSE = "new-link"


@blueprint.get("/links/new")
@guard(Owner.MEMBER)
def form(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - found before
    """Ask for how many people, and for how long."""
    return _form(clock.now())


@blueprint.post("/links/new")
@guard(Owner.MEMBER, Proof.CSRF, limit="20/minute")
def make(slug: str) -> ResponseReturnValue:
    """Make the link; it costs as many invites as people can use it."""
    launch, member = here()
    now = clock.now()
    press = forms.pressed(PURPOSE, launch.public_id, now=now)
    with reading() as rx:
        before = presses.outcome(rx, launch, PURPOSE, press.key.partition(":")[2])
    if before:
        return redirect(url_for(".show", slug=slug, invite_id=before["invite"]), 303)
    uses, until, errors = _read(member.allowance_left, now)
    if press.stale:
        errors = [("uses", gettext("Your session timed out. Check your answers and send again."))]
    if errors:
        return _form(now, errors)
    order = Order(InviteSource.MEMBER, uses=uses, inviter_id=member.id, language=member.language, expires_at=until)
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)

    def issue() -> Outcome:
        invite = inviting.issue(tx, launch, order, keys=keys, actor=person(member.public_id), now=now)
        return {"invite": invite.public_id}

    try:
        with writing() as tx:
            made = forms.once(tx, press, launch.id, now, issue)
    except inviting.NoInvitesLeft as refused:
        return _form(now, [("uses", _too_many(refused.left))])
    return redirect(url_for(".show", slug=slug, invite_id=made["invite"]), 303)


@blueprint.get("/invites/<invite_id>")
@guard(Owner.MEMBER)
def show(slug: str, invite_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The link with everything that leads to it, and who came by it."""
    now = clock.now()
    with reading() as rx:
        given = own(rx, invite_id, now)
        came = invites.who_accepted(rx, given.row)
    people = [(shown_to_others(name, email, share_name=may), at) for name, email, may, at in came]
    return member_page("member/link.html", "invites", now=now, given=given, people=people, **_leading_to(given))


@blueprint.get("/invites/<invite_id>/card")
@guard(Owner.MEMBER)
def card(slug: str, invite_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """A card to print, A6."""
    given, now = _open(invite_id)
    return member_page("member/card.html", "invites", now=now, given=given, **_leading_to(given))


@blueprint.get("/invites/<invite_id>/qr.<any(png, svg):kind>")
@guard(Owner.MEMBER)
def qr(slug: str, invite_id: str, kind: str) -> ResponseReturnValue:
    """The QR code as a file: dark on white, whatever the page looks like."""
    given, _ = _open(invite_id)
    picture = io.BytesIO()
    segno.make(_link(given), error="m").save(
        picture, kind=kind, border=QUIET, scale=10, dark="#000000", light="#ffffff"
    )
    response = Response(picture.getvalue(), mimetype="image/png" if kind == "png" else "image/svg+xml")
    response.headers["Content-Disposition"] = f'attachment; filename="{slug}-invite-{given.code_end.lower()}.{kind}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _open(invite_id: str) -> tuple[Given, datetime]:
    """An invite that still works; answers 404 for others, because there is nothing to print."""
    now = clock.now()
    with reading() as rx:
        given = own(rx, invite_id, now)
    if not given.is_open:
        abort(404)
    return given, now


def _read(left: int, now: datetime) -> tuple[int, datetime, Errors]:
    """How many people, until when, and what is wrong with the form."""
    launch, _ = here()
    errors = []
    uses = request.form.get("uses", type=int) or 0
    if uses < 1:
        errors.append(("uses", gettext("Enter how many people can use the link")))
    elif uses > left:
        errors.append(("uses", _too_many(left)))
    days = request.form.get("days", "")
    until = None
    if days in map(str, DAYS):
        until = now + timedelta(days=int(days))
    elif days == "date":
        until = end_of_day(request.form.get("until", ""), launch.tz)
        if until is None or not now < until <= now + LONGEST:
            errors.append(("until", gettext("Choose a day from today to one year from now")))
    else:
        errors.append(("days", gettext("Select when the link stops working")))
    return uses, until or now, errors


def _too_many(left: int) -> str:
    return str(gettext("You have %(left)s invites left", left=left))


def _form(now: datetime, errors: Errors = ()) -> Response:
    with reading() as rx:
        rules = rules_in_words(rx, here()[0])
    return member_page(
        "member/new_link.html", "invites", status=422 if errors else 200, errors=errors, now=now, values=request.form,
        rules=rules,
    )  # fmt: skip


def _leading_to(given: Given) -> dict[str, Any]:
    """The link, what it looks like, and the code with the page to type it at."""
    link = _link(given)
    redeem_url = runtime().stationery.page("/redeem")
    code = runtime().stationery.typed_code(here()[0].slug, given.id, given.version)
    return {"link": link, "qr": inline(link), "code": code, "redeem_url": redeem_url}


def _link(given: Given) -> str:
    launch, _ = here()
    return runtime().stationery.link(Purpose.INVITE_SHOWN, launch.public_id, given.id, given.version)
