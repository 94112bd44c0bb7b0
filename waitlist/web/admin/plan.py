"""The rollout plan: its stages as a picture and a table, the hours of inviting, and all of it halted."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.condition import circumstances
from waitlist.queries import admins, plans
from waitlist.services import braking, windowing
from waitlist.services.braking import Level
from waitlist.services.windowing import EmptyWindow, NoBlackout
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.plan_picture import draw_plan

blueprint = Blueprint("admin_plan", __name__, url_prefix="/admin/w/<slug>/plan")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def plan(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Every stage with its state, and what is ahead."""
    return _page()


@blueprint.post("/hours")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def hours(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """In which hours of the week people are invited."""
    fields = Fields()
    days = "".join(day for day in "0123456" if day in request.form.getlist("days"))
    opens, closes = fields.text("opens", most=5), fields.text("closes", most=5)
    for name, typed in (("opens", opens), ("closes", closes)):
        if typed and not windowing.is_time(typed):
            fields.wrong(name, gettext("Enter a time of day, like 22:00"))
    if fields.errors:
        return _page(fields.errors)
    week = "" if len(days) == len("0123456") else days

    def act(tx: Tx) -> None:
        windowing.keep_hours(tx, this_launch(), week, opens, closes, actor=desk().actor, now=clock.now())

    try:
        pressed("hours", act)
    except EmptyWindow:
        return _page([("closes", gettext("Enter a time after the one they begin at"))])
    return back("admin_plan.plan", "hours")


@blueprint.post("/blackouts")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def blackouts(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Days on which nobody is invited."""
    fields, tz = Fields(), this_launch().tz
    starts_at, ends_at, reason = fields.moment("starts_at", tz), fields.moment("ends_at", tz), fields.reason()
    for name, moment in (("starts_at", starts_at), ("ends_at", ends_at)):
        if moment is None and name not in dict(fields.errors):
            fields.wrong(name, gettext("Enter a date and time, like 2026-03-04 17:00"))
    if starts_at is None or ends_at is None or fields.errors:
        return _page(fields.errors)

    def act(tx: Tx) -> None:
        actor, now = desk().actor, clock.now()
        windowing.black_out(tx, this_launch(), starts_at, ends_at, reason=reason, actor=actor, now=now)

    try:
        pressed("blackout", act)
    except EmptyWindow:
        return _page([("ends_at", gettext("Enter a moment that is ahead, and after the first one"))])
    return back("admin_plan.plan", "blackout")


@blueprint.post("/blackouts/<int:blackout_id>/end")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def end_blackout(slug: str, blackout_id: int) -> ResponseReturnValue:  # noqa: ARG001
    """Takes one back."""

    def act(tx: Tx) -> None:
        windowing.end_blackout(tx, this_launch(), blackout_id, actor=desk().actor, now=clock.now())

    try:
        pressed("end_blackout", act)
    except NoBlackout:
        return back("admin_plan.plan", "moved_on")
    return back("admin_plan.plan", "blackout_ended")


@blueprint.get("/halt")
@guard(Owner.ADMIN, role=Role.RELEASER)
def halt(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """What halting does, and what it leaves alone."""
    return _halt_page()


@blueprint.post("/halt")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def halt_all(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """No stage starts, no wave goes on, nobody new comes in."""
    fields = Fields()
    reason = fields.reason()
    if fields.errors:
        return _halt_page(fields.errors)

    def act(tx: Tx) -> None:
        braking.brake(tx, this_launch(), Level.FREEZE, reason=reason, actor=desk().actor, now=clock.now())

    pressed("halt", act)
    return back("admin_plan.plan", "halted")


def _halt_page(errors: Errors = ()) -> ResponseReturnValue:
    with reading() as rx:
        found = plans.plan(rx, this_launch(), clock.now())
    running = [shown for shown in found.stages if shown.state == "running"]
    return admin_page("admin/plan_halt.html", status=422 if errors else 200, errors=errors, running=running)


def _page(errors: Errors = ()) -> ResponseReturnValue:
    launch, now = this_launch(), clock.now()
    with reading() as rx:
        found = plans.plan(rx, launch, now)
        around = circumstances(rx, launch, now)
        opens = windowing.next_open(rx, launch.id, now)
        names = admins.names(rx)
    return admin_page(
        "admin/plan.html",
        status=422 if errors else 200,
        errors=errors,
        found=found,
        picture=draw_plan(found.stages, now),
        halted=around.holds_effect("admit"),
        opens=opens,
        typed=request.form,
        days=request.form.getlist("days") if errors else list(launch.release_days or "0123456"),
        names=names,
    )
