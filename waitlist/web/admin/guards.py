"""Guardrails: when a wave stops by itself, and what was stopped."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, splits
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.guard import ACTIONS, METRICS
from waitlist.queries import guards as queries
from waitlist.queries import waves
from waitlist.services import guarding
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_guards", __name__, url_prefix="/admin/w/<slug>/guardrails")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def guards(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """What is watched, and what was done about it."""
    return _page([])


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def set_guards(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Keeps all of them; an empty share is watched no more."""
    fields = Fields()
    wanted = {metric: _read(fields, metric) for metric in METRICS}
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        launch, actor, now = this_launch(), desk().actor, clock.now()
        for metric, (limit, action) in wanted.items():
            if limit:
                guarding.guard(tx, launch, metric, limit, action, actor=actor, now=now)
            else:
                guarding.drop(tx, launch, metric, actor=actor, now=now)

    pressed("guardrails", act)
    return back("admin_guards.guards", "saved")


def _read(fields: Fields, metric: str) -> tuple[int, str]:
    typed = fields.text(f"limit_{metric}", most=10)
    limit = splits.ppm(typed)
    if typed and not 0 < limit < splits.WHOLE:
        fields.wrong(f"limit_{metric}", gettext("Enter a percentage above 0 and below 100, like 5 or 0.1"))
    return limit, fields.choice(f"action_{metric}", ACTIONS) or "pause"


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    with reading() as rx:
        found = {rail.metric: rail for rail in queries.guardrails(rx, this_launch())}
        trips = queries.trips(rx, this_launch())
        names = {one.wave.id: one.wave for one in waves.all_waves(rx, this_launch(), limit=200)}
    kept = {metric: f"{rail.limit_ppm / 10_000:g}" for metric, rail in found.items()}
    return admin_page(
        "admin/guards.html", status=status, errors=errors, metrics=METRICS, actions=ACTIONS, rails=found, kept=kept,
        trips=trips, waves=names, typed=request.form if errors else {},
    )  # fmt: skip
