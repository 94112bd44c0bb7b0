"""Looking at what a person sees: pressed, written into the audit log, and shown for ten minutes, to be read only."""

import re

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.entry import State
from waitlist.queries import standing
from waitlist.runtime import runtime
from waitlist.services import recording
from waitlist.tokens import BadToken, Purpose
from waitlist.web.admin.frame import desk, pressed, this_launch
from waitlist.web.admin.person import entry_or_404
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.public.status import status_page

blueprint = Blueprint("admin_looking_as", __name__, url_prefix="/admin/w/<slug>/people/<entry_id>")
SECONDS = 600
STILL = '<fieldset class="stack still" disabled>'
_TARGET = re.compile(r'\shref="[^"]*"')
NOBODY = "-"  # stands for the token and opens nothing: no link and no form of the page that is shown works


@blueprint.post("/looking")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def look(slug: str, entry_id: str) -> ResponseReturnValue:
    """Ask to see it; who looked at whom, and when, stays written down."""
    entry = entry_or_404(entry_id)
    if entry.state == State.REMOVED or entry.erased_at is not None:
        abort(404)
    launch, now = this_launch(), clock.now()

    def act(tx: Tx) -> None:
        recording.record(tx, "looking.looked", launch.id, ("entry", entry.id), desk().actor, now)

    pressed("look", act)
    asked = runtime().tokens.sign_data(Purpose.SEE, ["person", entry_id, desk().user.id, int(now.timestamp())])
    return redirect(url_for("admin_looking_as.see", slug=slug, entry_id=entry_id, asked=asked), 303)


@blueprint.get("/looking")
@guard(Owner.ADMIN, role=Role.REVIEWER)
def see(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Their status page under a red bar; afterwards, or without having asked, the way back."""
    launch, now = this_launch(), clock.now()
    entry_or_404(entry_id)
    if not _was_asked(entry_id):
        return redirect(url_for("admin_person.person", slug=launch.slug, entry_id=entry_id, done="look_over"))
    with reading() as rx:
        shown = standing.status_page(rx, launch, entry_id, now=now)
    if shown is None:
        abort(404)
    leave = url_for("admin_person.person", slug=launch.slug, entry_id=entry_id)
    seen = status_page(launch, shown, NOBODY, now, looking=shown.email, leave=leave, invite="#", settings=None)
    seen.set_data(_still(seen.get_data(as_text=True)))
    return seen


def _still(text: str) -> str:
    """Their part of the page without the targets of its links; its buttons are disabled where they stand."""
    before, there, rest = text.partition(STILL)
    inside, _, after = rest.rpartition("</fieldset>")
    return before + there + _TARGET.sub("", inside) + "</fieldset>" + after


def _was_asked(entry_id: str) -> bool:
    """Whether this admin pressed for this person within the last ten minutes."""
    try:
        data = runtime().tokens.read_data(Purpose.SEE, request.args.get("asked", ""))
    except BadToken:
        return False
    match data:
        case ["person", str(person), int(user), int(at)]:
            fresh = 0 <= clock.now().timestamp() - at + 1 <= SECONDS
            return fresh and (person, user) == (entry_id, desk().user.id)
    return False
