"""One stage of the plan: what it does, who it moved, and its steps: start, move, approve, pause, go on, skip."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.gates import parse
from waitlist.models.access import Role
from waitlist.queries import admins, plans
from waitlist.queries.plans import Shown
from waitlist.services import advancing, staging
from waitlist.services.advancing import OwnPlan, TooEarly
from waitlist.services.staging import NeedsApproval, NoSuchStage
from waitlist.web import wording
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_plan_stage", __name__, url_prefix="/admin/w/<slug>/plan/stages/<key>")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def stage(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """How far it is, and what can be done with it."""
    return _page(key)


@blueprint.post("/start")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def start(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """Starts it now."""
    return _step("start", key, staging.start)


@blueprint.post("/move")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def move(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """Another moment for its start."""
    fields = Fields()
    at = fields.moment("at", this_launch().tz)
    if at is None and not fields.errors:
        fields.wrong("at", gettext("Enter a date and time, like 2026-03-04 17:00"))
    elif at is not None and at <= clock.now():
        fields.wrong("at", gettext("Enter a date and time in the future"))
    if fields.errors:
        return _page(key, fields.errors)
    return _step("move", key, staging.start, at=at)


@blueprint.post("/approve")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def approve(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """Says yes to its start; the last yes it needs starts it."""
    return _step("approve", key, advancing.approve)


@blueprint.post("/pause")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def pause(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """Nobody new comes in by it."""
    fields = Fields()
    reason = fields.reason()
    if fields.errors:
        return _page(key, fields.errors)
    return _step("pause_stage", key, staging.pause, reason=reason)


@blueprint.post("/resume")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def resume(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """It goes on."""
    return _step("resume_stage", key, staging.resume)


@blueprint.post("/skip")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def skip(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """Passed over, or no further wave."""
    return _step("skip", key, staging.skip)


@blueprint.post("/withdraw")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def withdraw(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """Out of the plan, as long as it has not started."""
    return _step("withdraw", key, staging.withdraw, onto="admin_plan.plan")


def shown_or_404(key: str) -> Shown:
    """The stage in the address, as the plan shows it."""
    with reading() as rx:
        found = plans.plan(rx, this_launch(), clock.now())
    shown = next((one for one in found.stages if one.stage.key == key), None)
    if shown is None:
        abort(404)
    return shown


def _step(purpose: str, key: str, verb: Callable[..., Any], *, onto: str = "", **more: datetime | str | None
          ) -> ResponseReturnValue:  # fmt: skip
    shown_or_404(key)

    def act(tx: Tx) -> None:
        verb(tx, this_launch(), key, actor=desk().actor, now=clock.now(), **more)

    try:
        pressed(purpose, act)
    except NoSuchStage:
        return back("admin_plan_stage.stage", "moved_on", key=key) if purpose != "withdraw" else back("admin_plan.plan")
    except NeedsApproval:
        return _page(key, [("start", gettext("Others have to approve it first."))], status=409)
    except OwnPlan:
        return _page(key, [("start", gettext("You planned this stage, so somebody else approves it."))], status=409)
    except TooEarly:
        return _page(key, [("start", gettext("The stage before is not as far as it should be."))], status=409)
    return back(onto, purpose) if onto else back("admin_plan_stage.stage", purpose, key=key)


def _page(key: str, errors: Errors = (), *, status: int = 0) -> ResponseReturnValue:
    shown = shown_or_404(key)
    with reading() as rx:
        names = admins.names(rx)
    tree = shown.stage.tree
    return admin_page(
        "admin/plan_stage.html",
        status=status or (422 if errors else 200),
        errors=errors,
        one=shown,
        rule=None if tree is None else wording.rule(parse(tree).sentence),
        typed=request.form,
        names=names,
    )
