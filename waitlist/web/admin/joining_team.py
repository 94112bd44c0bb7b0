"""The link of an offered role: opening it shows what is offered, one press with a password takes it."""

from dataclasses import dataclass

import sqlalchemy as sa
from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import one, reading, writing
from waitlist.i18n import page_locale
from waitlist.models.access import User, user_by_email
from waitlist.models.launch import Launch, by_id
from waitlist.models.team import Appointment
from waitlist.queries import admins
from waitlist.runtime import runtime
from waitlist.services import calling
from waitlist.services.calling import Newcomer, OfferOver
from waitlist.tokens import BadToken, Carrier, Purpose
from waitlist.web.admin.account import new_password
from waitlist.web.admin.coming_in import come_in
from waitlist.web.admin.fields import Fields
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors, page

blueprint = Blueprint("admin_join", __name__)


@dataclass(frozen=True)
class Offer:
    """What the link offers; `user` is the account that this address has already."""

    row: Appointment
    launch: Launch | None
    user: User | None
    by: str


@blueprint.get("/admin/join/<token>")
@guard(Owner.PUBLIC)
def join(token: str) -> ResponseReturnValue:
    """Asks for a name and a password; opening the link uses nothing up."""
    return _page(_offer(_carrier(token)))


@blueprint.post("/admin/join/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="10/minute")
def join_press(token: str) -> ResponseReturnValue:
    """Takes the role, once. A new account is signed in; whoever had one signs in with it as always."""
    carrier, fields, newcomer = _carrier(token), Fields(), None
    offer = _offer(carrier)
    if offer is None:
        return _page(None)
    if offer.user is None:
        name = fields.text("name", most=80, missing=gettext("Enter your name"))
        newcomer = Newcomer(name, new_password(fields), str(page_locale()))
    if fields.errors:
        return _page(offer, fields.errors)
    try:
        with writing() as tx:
            user = calling.accept(tx, carrier.row, carrier.version, newcomer, now=clock.now())
    except OfferOver:
        return _page(None)
    # Hashes are salted, so only an account that this very press made has this one.
    made = newcomer is not None and user.password == newcomer.password_hash
    return come_in(user) if made else redirect(url_for("admin_account.sign_in"), 303)


def _carrier(token: str) -> Carrier:
    try:
        return runtime().tokens.read(Purpose.APPOINT, token)
    except BadToken:
        abort(404)


def _offer(carrier: Carrier) -> Offer | None:
    """What stands open behind the link, or None when it is over."""
    open_still = Appointment.accepted_at.is_(None), Appointment.revoked_at.is_(None)
    named = Appointment.public_id == carrier.row, Appointment.version == carrier.version
    with reading() as rx:
        row = one(rx, sa.select(Appointment).where(*named, *open_still, Appointment.expires_at > clock.now()))
        if row is None:
            return None
        launch = one(rx, by_id(row.launch_id)) if row.launch_id is not None else None
        by = admins.names(rx).get(row.created_by.partition(":")[2], "")
        return Offer(row, launch, one(rx, user_by_email(row.email_key)), by)


def _page(offer: Offer | None, errors: Errors = ()) -> ResponseReturnValue:
    if offer is None:
        return page("admin/join.html", status=410, state="gone", private=True, offer=None)
    status = 422 if errors else 200
    return page(
        "admin/join.html", status=status, state="join", private=True, errors=errors, offer=offer, typed=request.form
    )
