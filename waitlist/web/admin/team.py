"""The team: who may do what here, who was called to it, and how both change.

The same pages serve one waitlist and, without a slug, the roles that count on all of them.
"""

from collections.abc import Callable

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.i18n import page_locale
from waitlist.models.access import Role
from waitlist.models.team import Appointment
from waitlist.queries import admins, team
from waitlist.runtime import runtime
from waitlist.services import calling, regrading
from waitlist.services.calling import AlreadyCalled, AlreadyThere, OfferOver
from waitlist.services.posting import To
from waitlist.services.regrading import AboveYou, LastOwner, NotOnTeam
from waitlist.tokens import Purpose
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_team", __name__)
EVERYWHERE = {"slug": None}
PAGE, HOUSE = "/admin/w/<slug>/team", "/admin/team"


@blueprint.get(HOUSE, defaults=EVERYWHERE)
@blueprint.get(PAGE)
@guard(Owner.ADMIN, role=Role.ADMIN)
def colleagues(slug: str | None) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Everybody with a role here, and the offers that stand open."""
    return _page([])


@blueprint.post(HOUSE, defaults=EVERYWHERE)
@blueprint.post(PAGE)
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def call(slug: str | None) -> ResponseReturnValue:  # noqa: ARG001
    """Offers a role by mail. Where no mail leaves, the link stands in this answer alone."""
    fields, made = Fields(), []
    address = fields.address("email")
    role = fields.choice("role", _grantable(), missing=gettext("Select a role"))
    if fields.errors or address is None:
        return _page(fields.errors, status=422)
    to = To(address.email, address.key, str(page_locale()))

    def act(tx: Tx) -> Outcome:
        offer = calling.call(tx, _here(), to, Role(role), actor=desk().actor, now=clock.now())
        made.append(offer)
        return {"offer": offer.public_id}

    try:
        pressed("call", act)
    except AlreadyThere:
        return _page([("email", gettext("This person is on the team. Change the role in the list."))], status=422)
    except AlreadyCalled:
        return _page([("email", gettext("This person is invited. Send it again from the list below."))], status=422)
    except AboveYou:
        return back("admin_team.colleagues", "above")
    return _shown(made, "called")


@blueprint.post(f"{HOUSE}/calls/<call_id>/again", defaults=EVERYWHERE)
@blueprint.post(f"{PAGE}/calls/<call_id>/again")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def call_again(slug: str | None, call_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Mails a new link, good for seven days; the old one ends."""
    made: list[Appointment] = []

    def act(tx: Tx) -> None:
        made.append(calling.send_again(tx, _here(), call_id, actor=desk().actor, now=clock.now()))

    return _done("call_again", act, "called") if runtime().settings.smtp_url else _by_hand(act, made)


@blueprint.post(f"{HOUSE}/calls/<call_id>/revoke", defaults=EVERYWHERE)
@blueprint.post(f"{PAGE}/calls/<call_id>/revoke")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def revoke_call(slug: str | None, call_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Takes an offer back."""

    def act(tx: Tx) -> None:
        calling.revoke(tx, _here(), call_id, actor=desk().actor, now=clock.now())

    return _done("revoke_call", act, "revoked")


@blueprint.post(f"{HOUSE}/<int:user_id>/role", defaults=EVERYWHERE)
@blueprint.post(f"{PAGE}/<int:user_id>/role")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def change_role(slug: str | None, user_id: int) -> ResponseReturnValue:  # noqa: ARG001
    """Gives somebody another role here."""
    fields = Fields()
    role = fields.choice("role", _grantable(), missing=gettext("Select a role"))
    if fields.errors:
        return _page([(f"role-{user_id}", fields.errors[0][1])], status=422)

    def act(tx: Tx) -> None:
        regrading.regrade(tx, user_id, Role(role), launch_id=_here(), actor=desk().actor, now=clock.now())

    return _done("role", act, "changed")


@blueprint.post(f"{HOUSE}/<int:user_id>/remove", defaults=EVERYWHERE)
@blueprint.post(f"{PAGE}/<int:user_id>/remove")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def remove(slug: str | None, user_id: int) -> ResponseReturnValue:  # noqa: ARG001
    """Takes somebody's role here away."""

    def act(tx: Tx) -> None:
        regrading.dismiss(tx, user_id, launch_id=_here(), actor=desk().actor, now=clock.now())

    word = _outcome("dismiss", act, "removed")
    if word == "removed" and user_id == desk().user.id:
        return redirect(url_for("admin_launches.launches"), 303)  # this page is not theirs any more
    return back("admin_team.colleagues", word)


def _here() -> int | None:
    launch = desk().launch
    return launch.id if launch is not None else None


def _grantable() -> list[Role]:
    """The roles that this admin may give here, from the least to the most."""
    mine = desk().role_on(_here())
    return [role for role in reversed(Role) if mine is not None and mine.covers(role)]


def _outcome(purpose: str, act: Callable[[Tx], Outcome | None], word: str) -> str:
    """The word for how a press ended."""
    try:
        pressed(purpose, act)
    except AboveYou:
        return "above"
    except LastOwner:
        return "last"
    except (NotOnTeam, OfferOver):
        return "gone"
    return word


def _done(purpose: str, act: Callable[[Tx], Outcome | None], word: str) -> ResponseReturnValue:
    return back("admin_team.colleagues", _outcome(purpose, act, word))


def _by_hand(act: Callable[[Tx], Outcome | None], made: list[Appointment]) -> ResponseReturnValue:
    answer = _done("call_again", act, "called")
    return _shown(made, "called") if made else answer


def _shown(made: list[Appointment], word: str) -> ResponseReturnValue:
    """The page with the link to hand over where no mail leaves; otherwise just that it is on its way."""
    if not made or runtime().settings.smtp_url is not None:
        return back("admin_team.colleagues", word)
    offer = made[0]
    return _page([], link=runtime().stationery.link(Purpose.APPOINT, "", offer.public_id, offer.version))


def _page(errors: Errors, *, status: int = 200, link: str | None = None) -> ResponseReturnValue:
    now, here = clock.now(), _here()
    with reading() as rx:
        people, offers, doers = team.colleagues(rx, here), team.called(rx, here, now), admins.names(rx)
    mine, launch = desk().role_on(here), desk().launch
    slug = launch.slug if launch is not None else None
    return admin_page(
        "admin/team.html",
        status=status,
        errors=errors,
        private=link is not None,
        link=link,
        people=people,
        offers=offers,
        names=doers,
        roles=list(Role),
        grantable=_grantable(),
        covers=lambda role: mine is not None and mine.covers(role),
        owners=sum(person.role is Role.OWNER for person in people),
        typed=request.form,
        at=lambda endpoint, **values: url_for(f"admin_team.{endpoint}", slug=slug, **values),
    )
