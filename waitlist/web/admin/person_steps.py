"""What the team does with one person. Every step asks for a reason, and most can be taken back on the same page."""

from collections.abc import Callable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import applying, clock
from waitlist.db import Tx
from waitlist.gates.answers import Refuses
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.rank import place_of
from waitlist.runtime import runtime
from waitlist.sentences import N_, SENTENCES
from waitlist.services import changing, lining, moving, spacing
from waitlist.services.joining import Application, NotEligible
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import back, desk, pressed, this_launch
from waitlist.web.admin.person import entry_or_404, person_page
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.wording import say

blueprint = Blueprint("admin_person_steps", __name__, url_prefix="/admin/w/<slug>/people/<entry_id>")

# Why a step did nothing, by what the verb raised.
WORDS: dict[type[Exception], str] = {
    moving.NotInLine: N_("This person has no place in line, so there is nothing to move."),
    lining.ThereAlready: N_("This person stands in that line already."),
    lining.BadLine: N_("Write a line in small letters, digits and hyphens, like north-campus."),
    moving.CannotBeVip: N_("This person cannot stand in line."),
    spacing.NoRoom: N_("There is no room between these two places. Choose another place."),
    changing.CannotChange: N_("Only a confirmed person’s address can be changed."),
    changing.SameAddress: N_("This is the present address."),
}


@blueprint.post("/place")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def move(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """To the top, to a place among the neighbours of this moment, up by some, or to another line."""
    fields = Fields()
    how, reason = fields.choice("how", ("to", "up", "top", "line")) or "to", fields.reason("move_reason")
    line = fields.text("line", most=40, missing=gettext("Enter a line")) if how == "line" else ""
    number = fields.number("to", 1, 100_000_000, missing=gettext("Enter a place")) if how in ("to", "up") else None

    def act(tx: Tx, entry: Entry) -> None:
        if line:
            lining.change_line(tx, this_launch(), entry.id, line, reason=reason, actor=desk().actor, now=clock.now())
            return
        here = place_of(tx, entry.id) or 1
        to = max(here - (number or 0), 1) if how == "up" else number or 1
        moving.move(tx, this_launch(), entry.id, to=to, reason=reason, actor=desk().actor, now=clock.now())

    return step("move", entry_id, act, fields, at="line" if line else "to", done="line" if line else "")


@blueprint.post("/vip")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def mark_vip(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Before everybody who is no VIP, or back among them."""
    fields = Fields()
    reason, vip = fields.reason("vip_reason"), request.form.get("vip") == "yes"

    def act(tx: Tx, entry: Entry) -> None:
        moving.mark_vip(tx, this_launch(), entry.id, vip=vip, reason=reason, actor=desk().actor, now=clock.now())

    return step("vip" if vip else "no_vip", entry_id, act, fields, at="vip_reason")


@blueprint.post("/address")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def change_address(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Asks the new mailbox to prove itself and tells the old one; the rules are asked again."""
    fields, launch = Fields(), this_launch()
    address, reason = fields.address("new_email"), fields.reason("address_reason")
    if address is None:
        return person_page(entry_id, fields.errors, status=422)
    hashed = applying.hashed(address, salt=launch.salt, pepper=runtime().secrets.pepper)

    def act(tx: Tx, entry: Entry) -> None:
        new = Application(**hashed, language=entry.language)
        changing.ask(tx, launch, entry.id, new, actor=desk().actor, now=clock.now(), reason=reason)

    try:
        return step("address", entry_id, act, fields, at="new_email")
    except NotEligible as refused:
        return person_page(entry_id, [("new_email", _not_eligible(refused))], status=422)


def step(
    purpose: str, entry_id: str, act: Callable[[Tx, Entry], None], fields: Fields, *, at: str, done: str = ""
) -> ResponseReturnValue:
    """Do one step with this person; what is wrong with the form, or why nothing happened, stands on the page."""
    entry = entry_or_404(entry_id)
    if fields.errors:
        return person_page(entry_id, fields.errors, status=422)
    try:
        pressed(purpose, lambda tx: act(tx, entry))
    except tuple(WORDS) as refused:
        return person_page(entry_id, [(at, gettext(WORDS[type(refused)]))], status=409)
    return back("admin_person.person", done or purpose, entry_id=entry_id)


def _not_eligible(refused: NotEligible) -> str:
    answer = refused.answer
    if isinstance(answer, Refuses) and answer.code in SENTENCES:
        return say(answer.code, answer.params)
    return str(gettext("The rules do not let this address in."))
