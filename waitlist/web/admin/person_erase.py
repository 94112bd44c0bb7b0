"""Erasing one person for them: a page that says what goes and what stays, and one press."""

import sqlalchemy as sa
from flask import Blueprint, abort
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite
from waitlist.services import forgetting
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, desk, this_launch
from waitlist.web.admin.person import entry_or_404
from waitlist.web.admin.person_steps import step
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_person_erase", __name__, url_prefix="/admin/w/<slug>/people/<entry_id>")


@blueprint.get("/erase")
@guard(Owner.ADMIN, role=Role.ADMIN)
def preview(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """What an erasure takes, what stays as a node without a name, before anything happens."""
    entry = entry_or_404(entry_id)
    if entry.erased_at is not None:
        abort(404)
    open_ones = sa.and_(Invite.inviter_id == entry.id, Invite.ended_at.is_(None))
    with reading() as rx:
        friends = rx.scalar(sa.select(sa.func.count()).where(Entry.referrer_id == entry.id)) or 0
        invites = rx.scalar(sa.select(sa.func.count()).where(open_ones)) or 0
    return admin_page("admin/person_erase.html", entry=entry, friends=friends, invites=invites)


@blueprint.post("/erase")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def erase(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """At once; a second press changes nothing."""
    fields = Fields()
    never = fields.tick("never")

    def act(tx: Tx, entry: Entry) -> None:
        forgetting.erase(tx, this_launch(), entry.id, never_again=never, actor=desk().actor, now=clock.now())

    return step("erase", entry_id, act, fields, at="never")
