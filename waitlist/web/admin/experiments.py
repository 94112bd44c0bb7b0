"""Experiments: the arms that new members are split among, and how many are in each."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, splits
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.queries import arms as queries
from waitlist.services import splitting
from waitlist.splits import BadSplit
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.wording import say

blueprint = Blueprint("admin_experiments", __name__, url_prefix="/admin/w/<slug>/experiments")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ANALYST)
def experiments(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The arms, and who is in them."""
    return _page([])


@blueprint.post("/arms")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def set_arms(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Splits whoever is admitted from now on; who has an arm keeps it."""
    fields = Fields()
    arms = [_read_line(fields, line) for line in fields.text("arms", most=1_000).splitlines() if line.strip()]
    if not fields.errors:
        try:
            splits.read(arms)
        except BadSplit as fault:
            fields.wrong("arms", say(fault.code, {"name": fault.name}))
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        splitting.set_arms(tx, this_launch(), arms, actor=desk().actor, now=clock.now())

    pressed("arms", act)
    return back("admin_experiments.experiments", "arms")


def _read_line(fields: Fields, line: str) -> tuple[str, int]:
    name, _, percent = line.strip().partition(" ")
    if not percent:
        fields.wrong("arms", gettext("Write a name and a percentage: “%(line)s” has one of them only", line=name))
    return name, splits.ppm(percent)


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    with reading() as rx:
        found = queries.arms(rx, this_launch())
    now = [f"{arm.name} {arm.weight / 10_000:g}" for arm in found if arm.weight and arm.name != splits.CONTROL]
    typed = request.form.get("arms") if errors else None
    return admin_page("admin/experiments.html", status=status, errors=errors, arms=found, typed=typed or "\n".join(now))
