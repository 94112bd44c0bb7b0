"""Holds on a stage, or on everybody whom a rule means: placed with a reason and what people may read, and ended."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading, some
from waitlist.gates import parse
from waitlist.models.access import Role
from waitlist.models.hold import Hold, open_holds
from waitlist.models.stage import stages
from waitlist.queries import admins
from waitlist.services import stopping
from waitlist.services.braking import EFFECTS, Level
from waitlist.services.stopping import NoSuchTarget, NotStopped
from waitlist.web import wording
from waitlist.web.admin import conditions
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.presets import read_domains
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_holds", __name__, url_prefix="/admin/w/<slug>/holds")
WHOM = ("stage", "country", "domain", "rule")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.REVIEWER)
def holds(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """What is held now, and the form that holds more."""
    return _page()


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def hold(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Holds a stage, or everybody whom a rule means."""
    fields = Fields()
    whom = fields.choice("whom", WHOM, missing=gettext("Select whom it means"))
    level = fields.choice("level", list(Level), missing=gettext("Select what it stops"))
    reason, public = fields.reason(), fields.text("public_reason", most=280)
    key = fields.text("stage", most=63) if whom == "stage" else None
    predicate = None if whom == "stage" else _read_predicate(fields, whom)
    if fields.errors:
        return _page(fields.errors)

    def act(tx: Tx) -> None:
        stopping.stop(
            tx, this_launch(), Level(level), stage_key=key, predicate=predicate, reason=reason, public_reason=public,
            actor=desk().actor, now=clock.now(),
        )  # fmt: skip

    try:
        pressed("hold_some", act)
    except NoSuchTarget:
        return _page([("stage", gettext("Select a stage of the plan"))])
    return back("admin_holds.holds", "held")


@blueprint.post("/<hold_id>/end")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def end(slug: str, hold_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Ends it; nothing of the ledger was touched, so everything is as it was."""

    def act(tx: Tx) -> None:
        stopping.go_on(tx, this_launch(), hold_id, actor=desk().actor, now=clock.now())

    try:
        pressed("end_hold", act)
    except NotStopped:
        return back("admin_holds.holds", "moved_on")
    return back("admin_holds.holds", "ended")


def _read_predicate(fields: Fields, whom: str) -> dict[str, Any] | None:
    if whom == "country":
        typed = fields.text("country", missing=gettext("Enter a country"))
        code = conditions.country(typed)
        if typed and code is None:
            name = typed[:60]
            fields.wrong("country", gettext("There is no country “%(name)s”. Write its name or its code.", name=name))
        return {"kind": "country", "countries": [code]} if code else None
    if whom == "domain":
        domains = sorted(set(read_domains(fields, "domain", gettext("Enter a domain, like college.edu"))))
        return {"kind": "domain", "domains": domains, "subdomains": fields.tick("subdomains")} if domains else None
    return conditions.read_json(fields, "rule") if whom == "rule" else None


def _page(errors: Errors = ()) -> ResponseReturnValue:
    with reading() as rx:
        found = [row for row in some(rx, open_holds(this_launch().id)) if row.scope != "launch"]
        plan = some(rx, stages(this_launch().id))
        names = admins.names(rx)
    keys = {stage.id: stage.key for stage in plan}
    return admin_page(
        "admin/holds.html", status=422 if errors else 200, errors=errors, held=found, whom=_whom, keys=keys,
        level_of=_level_of, plan=[stage for stage in plan if stage.ended_at is None], typed=request.form, names=names,
    )  # fmt: skip


def _whom(row: Hold) -> str:
    """The rule of a hold in words."""
    return "" if row.predicate is None else wording.rule(parse(row.predicate).sentence).text


def _level_of(row: Hold) -> str:
    return next((level.value for level, effect in EFFECTS.items() if effect == row.effect), "freeze")
