"""Single invites: bound to an address, or a link and typed code for n people; sent again, or taken back."""

from collections.abc import Callable

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import catalogues, clock
from waitlist.addresses import Address
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.entry import by_address
from waitlist.models.invite import Invite, InviteSource, by_public_id
from waitlist.queries import admins, asks
from waitlist.queries import single_invites as queries
from waitlist.runtime import runtime
from waitlist.sentences import N_
from waitlist.services import inviting
from waitlist.services.inviting import (
    AlreadyIn,
    AlreadyInvited,
    CannotBeInvited,
    Keys,
    NoInvitesLeft,
    NotOpenAnyMore,
    Order,
)
from waitlist.services.seating import LaunchFull
from waitlist.tokens import Purpose
from waitlist.web.admin.fields import Fields, seen_before
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_invites", __name__, url_prefix="/admin/w/<slug>/invites")
PAGE = 50
MOST_USES = 10_000
_WORDS: dict[type[Exception], str] = {
    LaunchFull: N_("No seat is left. Add seats in the settings, or make an open link, which takes its seat later."),
    AlreadyIn: N_("This person is inside already."),
    AlreadyInvited: N_("This person has an invite that works. Send that one again, or revoke it first."),
}
# What an invite that cannot be sent again is told, by the word in the address of its page.
OVER: dict[type[Exception], str] = {
    NotOpenAnyMore: "over",
    LaunchFull: "full",
    NoInvitesLeft: "spent",
    CannotBeInvited: "barred",
}


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def invites(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Every invite that no wave made, the newest first."""
    with reading() as rx:
        waiting = asks.of_team(rx, this_launch().id)
        found = queries.single(rx, this_launch().id, before=seen_before(), limit=PAGE)
        doers = admins.names(rx)
    older = found[-1].id if len(found) == PAGE else None
    return admin_page("admin/invites.html", asks=waiting, invites=found, names=doers, older=older)


@blueprint.get("/new")
@guard(Owner.ADMIN, role=Role.RELEASER)
def new_invite(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """For one address, or for whoever has the code."""
    launch = this_launch()
    typed = {"kind": "bound", "uses": 1, "days": launch.invite_days, "allowance": launch.allowance}
    return _form(typed | {"language": launch.language})


@blueprint.post("/new")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def create_invite(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Makes it, and mails it where it is bound."""
    fields = Fields()
    bound = fields.choice("kind", ("bound", "open"), missing=gettext("Select whom it is for")) == "bound"
    address = fields.address("email") if bound else None
    order = _read_order(fields, address, bound=bound)
    if fields.errors:
        return _form(request.form, fields.errors)

    def act(tx: Tx) -> Outcome:
        launch, now = this_launch(), clock.now()
        invite = inviting.issue(tx, launch, order, keys=typed_code_keys(), actor=desk().actor, now=now)
        if invite.email is not None:
            inviting.send(tx, launch, invite, now=now)
        return {"invite": invite.public_id}

    try:
        made = pressed("invite", act)
    except tuple(_WORDS) as refused:
        return _form(request.form, [("kind", gettext(_WORDS[type(refused)]))], status=409)
    return back("admin_invites.invite", "created", invite_id=made["invite"])


@blueprint.get("/<invite_id>")
@guard(Owner.ADMIN, role=Role.RELEASER)
def invite(slug: str, invite_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Its link and code to hand on. They prove no mailbox: whoever uses them is asked for a code by mail first."""
    launch, found = this_launch(), invite_or_404(invite_id)
    stationery = runtime().stationery
    with reading() as rx:
        used_by = queries.used_by(rx, found.id)
        doers = admins.names(rx)
    return admin_page(
        "admin/invite.html",
        invite=found,
        link=stationery.link(Purpose.INVITE_SHOWN, launch.public_id, found.public_id, found.version),
        code=stationery.typed_code(found.prefix or launch.slug, found.public_id, found.version),
        used_by=used_by,
        names=doers,
        private=True,
    )


@blueprint.post("/<invite_id>/resend")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def resend(slug: str, invite_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """A new link with a new end; the old one says that a newer one was sent."""
    found = invite_or_404(invite_id)

    def act(tx: Tx) -> None:
        inviting.resend(tx, this_launch(), found, keys=typed_code_keys(), actor=desk().actor, now=clock.now())

    return _or_over("resend", act, found)


@blueprint.post("/<invite_id>/revoke")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def revoke(slug: str, invite_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Ends it: unused uses and the seat go back, redeemed uses stay."""
    found = invite_or_404(invite_id)

    def act(tx: Tx) -> None:
        inviting.revoke(tx, this_launch(), found, actor=desk().actor, now=clock.now())

    return _or_over("revoke", act, found)


def _or_over(purpose: str, act: Callable[[Tx], None], found: Invite) -> ResponseReturnValue:
    try:
        pressed(purpose, act)
    except tuple(OVER) as refused:
        purpose = OVER[type(refused)]
    return back("admin_invites.invite", purpose, invite_id=found.public_id)


def _read_order(fields: Fields, address: Address | None, *, bound: bool) -> Order:
    uses = 1 if bound else fields.number("uses", 1, MOST_USES, missing=gettext("Enter for how many people")) or 1
    entry_id = None
    if address is not None:
        with reading() as rx:
            entry = one(rx, by_address(this_launch().id, address.key))
        entry_id = entry.id if entry is not None else None
    return Order(
        InviteSource.ADMIN,
        to=(address.email, address.key, runtime().abuse_key(address)) if address else None,
        uses=uses,
        days=fields.number("days", 1, 365, missing=gettext("Enter a number of days")),
        entry_id=entry_id,
        note=fields.text("note", most=inviting.LONGEST_NOTE),
        language=fields.choice("language", catalogues.locales()) or this_launch().language,
        allowance=fields.number("allowance", 0, 20, missing=gettext("Enter how many invites each may give")),
        overrides_rules=fields.tick("overrides_rules") and desk().may(Role.ADMIN),
    )


def invite_or_404(public_id: str) -> Invite:
    """The invite in the address, of this waitlist alone."""
    with reading() as rx:
        found = one(rx, by_public_id(this_launch().id, public_id))
    if found is None:
        abort(404)
    return found


def typed_code_keys() -> Keys:
    """What typed codes are derived and looked up with."""
    return Keys(runtime().codes_key, runtime().secrets.pepper)


def _form(typed: object, errors: Errors = (), *, status: int = 422) -> ResponseReturnValue:
    status = status if errors else 200
    languages = catalogues.locales()
    return admin_page("admin/invite_form.html", status=status, errors=errors, typed=typed, languages=languages)
