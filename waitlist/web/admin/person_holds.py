"""Holding and removing one person, and taking either back."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.sentences import N_
from waitlist.services import holding, removing, seating
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import desk, this_launch
from waitlist.web.admin.person_steps import WORDS, step
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_person_holds", __name__, url_prefix="/admin/w/<slug>/people/<entry_id>")

WORDS |= {
    holding.NobodyToHold: N_("This person is on hold already, or was removed."),
    holding.NotHeld: N_("This hold was released before."),
    removing.AlreadyRemoved: N_("This person was removed before."),
    removing.NotRemoved: N_("This person is not removed."),
    seating.LaunchFull: N_("This person was inside, and no seat is left. Add a seat in the settings first."),
}


@blueprint.post("/hold")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def hold(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Out of the line, with everybody who came through this person where so ticked, until it is released."""
    fields = Fields()
    reason, subtree = fields.reason("hold_reason"), fields.tick("subtree")

    def act(tx: Tx, entry: Entry) -> None:
        launch, actor = this_launch(), desk().actor
        holding.hold(tx, launch, entry.id, reason=reason, subtree=subtree, actor=actor, now=clock.now())

    return step("hold", entry_id, act, fields, at="hold_reason")


@blueprint.post("/release")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def release(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Everybody whom the hold took out gets the old place back."""
    hold_id = request.form.get("hold", "")

    def act(tx: Tx, _entry: Entry) -> None:
        holding.release(tx, this_launch(), hold_id, actor=desk().actor, now=clock.now())

    return step("release", entry_id, act, Fields(), at="actions")


@blueprint.post("/remove")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def remove(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Out of the waitlist, whatever this person holds; for abuse the credit goes back too."""
    fields = Fields()
    reason, abuse = fields.reason("remove_reason"), fields.tick("abuse")

    def act(tx: Tx, entry: Entry) -> None:
        launch, actor = this_launch(), desk().actor
        removing.remove(tx, launch, entry.id, reason=reason, abuse=abuse, actor=actor, now=clock.now())

    return step("remove", entry_id, act, fields, at="remove_reason")


@blueprint.post("/restore")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def restore(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Back to where this person was."""
    fields = Fields()
    reason = fields.reason("restore_reason")

    def act(tx: Tx, entry: Entry) -> None:
        removing.restore(tx, this_launch(), entry.id, reason=reason, actor=desk().actor, now=clock.now())

    return step("restore", entry_id, act, fields, at="restore_reason")
