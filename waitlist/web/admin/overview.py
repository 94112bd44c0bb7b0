"""One waitlist at a glance, and the presses that change what it is."""

from collections.abc import Callable, Mapping
from datetime import datetime

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.actors import Actor
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.launch import Launch
from waitlist.queries import launches as queries
from waitlist.queries import trends
from waitlist.queries.breakdowns import Only
from waitlist.runtime import runtime
from waitlist.services import braking, launching
from waitlist.services.braking import Level, NotBraked
from waitlist.services.launching import NotPaused, WrongCondition
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.line_picture import draw_lines
from waitlist.web.pages import Errors
from waitlist.web.wording import country

blueprint = Blueprint("admin_overview", __name__, url_prefix="/admin/w/<slug>")
DAYS = 30  # of the period that is shown first
ONLY = ("source", "domain", "country")  # what the numbers may be narrowed to
LONGEST = 253


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def overview(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """What it is right now, and how many people stand where."""
    return _page([])


@blueprint.post("/pause")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def pause(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Hold joins, releases and redemptions, with a reason for the team and words for the public."""
    fields = Fields()
    reason, said = fields.reason(), fields.text("public_reason", most=200)
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        launching.pause(tx, this_launch(), reason=reason, public_reason=said, actor=desk().actor, now=clock.now())

    pressed("pause", act)
    return back("admin_overview.overview", "paused")


@blueprint.post("/freeze")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def freeze(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Let nobody new in; invites that are out stay good."""
    return _brake(Level.FREEZE, "frozen")


@blueprint.post("/kill")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def kill(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Answer every product that nobody may in; one person may press it, without asking anybody."""
    return _brake(Level.KILL, "killed")


@blueprint.post("/unkill")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def unkill(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Give every product the answers it had before."""

    def verb(tx: Tx, launch: Launch, *, actor: Actor, now: datetime) -> int:
        return braking.lift(tx, launch, (Level.KILL,), actor=actor, now=now)

    return _do("unkill", verb, "unkilled")


@blueprint.post("/resume")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def resume(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Go on as before."""
    return _do("resume", launching.resume, "resumed")


@blueprint.post("/open")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def open_now(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Open for joining now, also after it was closed."""
    return _do("open", launching.open_now, "opened")


@blueprint.post("/close")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def close(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """No more joins; invites go on."""
    return _do("close", launching.close, "closed")


@blueprint.post("/launch")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.OWNER)
def launch_to_all(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Open to everybody."""
    return _do("launch", launching.launch_to_all, "launched")


@blueprint.post("/archive")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.OWNER)
def archive(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Take its public pages away and keep every row."""
    return _do("archive", launching.archive, "archived")


def _brake(level: Level, done: str) -> ResponseReturnValue:
    fields = Fields()
    reason = fields.reason(f"{level}_reason")
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        braking.brake(tx, this_launch(), level, reason=reason, actor=desk().actor, now=clock.now())

    pressed(level, act)
    return back("admin_overview.overview", done)


def _do(purpose: str, verb: Callable[..., object], done: str) -> ResponseReturnValue:
    def act(tx: Tx) -> None:
        verb(tx, this_launch(), actor=desk().actor, now=clock.now())

    try:
        pressed(purpose, act)
    except (NotBraked, NotPaused, WrongCondition):
        return back("admin_overview.overview", "moved_on")
    return back("admin_overview.overview", done)


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    chosen, days, now = request.args.get("show", ""), request.args.get("days", ""), clock.now()
    chosen = chosen if chosen in trends.TOLD else "joined"
    period = int(days) if days in map(str, trends.PERIODS) else DAYS
    only = Only(**{name: request.args.get(name, "")[:LONGEST] for name in ONLY})
    with reading() as rx:
        summary = queries.summary(rx, this_launch(), now)
        told = trends.trends(rx, this_launch(), now, days=period, only=only)
        waits = trends.needs(rx, this_launch())
    return admin_page(
        "admin/overview.html",
        status=status,
        errors=errors,
        summary=summary,
        told=told,
        waits=waits,
        chosen=chosen,
        period=period,
        only={name: getattr(only, name) for name in ONLY if getattr(only, name)},
        country_name=country,
        has_smtp=runtime().settings.smtp_url is not None,
        public=runtime().stationery.page(f"/w/{this_launch().slug}"),
        periods=trends.PERIODS,
        lines=draw_lines(told.series[chosen]),
    )


def combined(values: Mapping[str, object], *more: Mapping[str, object]) -> dict[str, object]:
    """The values of an address with others over them; what is empty is left out of it."""
    every = {name: value for part in (values, *more) for name, value in part.items()}
    return {name: value for name, value in every.items() if value != ""}
