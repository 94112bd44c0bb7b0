"""What the team writes down about a person: a note, tags, and that the mailbox refuses mail."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.sentences import N_
from waitlist.services import choosing, noting, tagging
from waitlist.services.tagging import BadTag
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import desk, this_launch
from waitlist.web.admin.person_steps import WORDS, step
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_person_facts", __name__, url_prefix="/admin/w/<slug>/people/<entry_id>")

ERASED = N_("This person was erased: nothing more is written down about them.")
WORDS |= {noting.NobodyToNote: ERASED, tagging.NobodyToTag: ERASED}


@blueprint.post("/note")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def note(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """In the place of the note before; an empty one takes it away."""
    fields = Fields()
    text = fields.text("note", most=noting.LONGEST)

    def act(tx: Tx, entry: Entry) -> None:
        noting.note(tx, this_launch(), entry.id, text, actor=desk().actor, now=clock.now())

    return step("note", entry_id, act, fields, at="note")


@blueprint.post("/tags")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def put_tag(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """One more word for this person."""
    fields, tag = Fields(), ""
    try:
        tag = tagging.read(fields.text("new_tag"))
    except BadTag:
        fields.wrong("new_tag", gettext("Enter a tag of %(most)s characters or fewer", most=tagging.LONGEST))

    def act(tx: Tx, entry: Entry) -> None:
        tagging.put(tx, this_launch(), entry.id, tag, actor=desk().actor, now=clock.now())

    return step("tag", entry_id, act, fields, at="new_tag")


@blueprint.post("/tags/removal")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def take_tag(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """One less."""
    tag = request.form.get("tag", "")

    def act(tx: Tx, entry: Entry) -> None:
        tagging.take(tx, this_launch(), entry.id, tag, actor=desk().actor, now=clock.now())

    return step("untag", entry_id, act, Fields(), at="new_tag")


@blueprint.post("/bounce")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def bounce(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The mailbox refuses mail, as somebody learned elsewhere: mail to it is held from now on."""

    def act(tx: Tx, entry: Entry) -> None:
        launch, actor = this_launch(), desk().actor
        choosing.bounce(tx, launch.id, entry.email, entry.email_key, actor=actor, now=clock.now())

    return step("bounce", entry_id, act, Fields(), at="bounce")


@blueprint.post("/recovery")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def recover(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """It takes mail after all: what was held for that reason is queued."""

    def act(tx: Tx, entry: Entry) -> None:
        launch, actor = this_launch(), desk().actor
        choosing.recover(tx, entry.email_key, launch_id=launch.id, actor=actor, now=clock.now())

    return step("recover", entry_id, act, Fields(), at="recover")
