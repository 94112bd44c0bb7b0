"""The mailed link to one's own data: a page that asks, a press that the log keeps, and for ten minutes the file."""

from dataclasses import dataclass
from datetime import datetime

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from waitlist import clock, envelopes
from waitlist.actors import person
from waitlist.db import one, reading, writing
from waitlist.models.entry import by_id
from waitlist.models.launch import Launch
from waitlist.models.upkeep import DataExport, export_by_public_id
from waitlist.runtime import runtime
from waitlist.services import disclosing
from waitlist.tokens import BadToken, Purpose
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.launches import launch_of_token
from waitlist.web.pages import page
from waitlist.web.public.blueprint import blueprint
from waitlist.web.public.lost import check_the_link


@dataclass(frozen=True)
class _Found:
    launch: Launch
    export: DataExport | None
    entry: str  # public id

    def open_at(self, now: datetime) -> bool:
        """Whether a press opened it just now."""
        export = self.export
        return export is not None and export.open_until is not None and now < min(export.open_until, export.expires_at)


@blueprint.get("/data/<token>")
@guard(Owner.PUBLIC)
def takeaway(token: str) -> Response:
    """What the file is, until when, and its button; a scanner that opens this changes nothing."""
    now = clock.now()
    found = _read(token)
    if found is None:
        return check_the_link()
    gone = found.export is None or found.export.sealed is None or found.export.expires_at <= now
    state = "gone" if gone else "open" if found.open_at(now) else "ask"
    status = 410 if gone else 200
    return page(
        "public/takeaway.html", status=status, state=state, launch=found.launch, private=True, export=found.export,
        token=token,
    )  # fmt: skip


@blueprint.post("/data/<token>")
@guard(Owner.PUBLIC, Proof.TOKEN, limit="30/minute")
def takeaway_press(token: str) -> ResponseReturnValue:
    """Opens the file for ten minutes and leads to it."""
    found = _read(token)
    if found is None or found.export is None:
        return check_the_link()
    with writing() as tx:
        actor = person(found.entry)
        disclosing.open_file(tx, found.launch, found.export.public_id, actor=actor, now=clock.now())
    return redirect(url_for("public.takeaway", token=token), 303)


@blueprint.get("/data/<token>/my-data.zip")
@guard(Owner.PUBLIC)
def takeaway_file(token: str) -> ResponseReturnValue:
    """The file itself, while it is open; otherwise the page that opens it."""
    found = _read(token)
    if found is None or found.export is None or found.export.sealed is None or not found.open_at(clock.now()):
        return redirect(url_for("public.takeaway", token=token))
    packed = envelopes.read(runtime().sealing_key, found.export.public_id, found.export.sealed)
    name = f"{found.launch.slug}-my-data.zip"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(packed, mimetype="application/zip", headers=headers)


def _read(token: str) -> _Found | None:
    try:
        carrier = runtime().tokens.read(Purpose.DATA, token)
    except BadToken:
        return None
    with reading() as rx:
        launch = launch_of_token(rx, carrier.launch)
        export = one(rx, export_by_public_id(launch.id, carrier.row))
        entry = None if export is None else one(rx, by_id(export.entry_id))
    return _Found(launch, export, "" if entry is None else entry.public_id)
