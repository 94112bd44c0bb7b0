"""Experiments (A-10): the arms that new members are split among, what is asked of them, and what they answer."""

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock, splits
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.queries import arms as queries
from waitlist.queries.experiments import all_of
from waitlist.sentences import N_
from waitlist.services import experimenting, splitting
from waitlist.services.experimenting import AlreadyRunning, NoArms, NoEnd, NoSuchArm, NotRunning, Question
from waitlist.services.launching import BadSlug
from waitlist.splits import BadSplit
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.wording import say

_REFUSED: dict[type[Exception], tuple[str, str]] = {
    BadSlug: ("key", N_("Use small letters, digits and hyphens for the key and the outcome")),
    NoEnd: ("min_people", N_("Say when it ends before it starts: after so many people, or at a moment ahead")),
    NoArms: ("key", N_("There are no arms to compare. Save some first.")),
    AlreadyRunning: ("key", N_("One runs already, or had this key. Stop it first, or choose another key.")),
}
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


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def start(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Asks a question of the arms; its end is fixed now."""
    fields = Fields()
    question = Question(
        key=fields.text("key", most=63, missing=gettext("Enter a key, like new-start")),
        outcome=fields.text("outcome", most=63, missing=gettext("Enter the outcome that counts, like first-invoice")),
        min_people=fields.number("min_people", 1, 10_000_000),
        ends_at=fields.moment("ends_at", this_launch().tz),
    )
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        experimenting.start(tx, this_launch(), question, actor=desk().actor, now=clock.now())

    try:
        pressed("experiment", act)
    except tuple(_REFUSED) as refused:
        name, words = _REFUSED[type(refused)]
        return _page([(name, gettext(words))], status=422)
    return back("admin_experiments.experiments", "started")


@blueprint.post("/<key>/stop")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def stop(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """Asks no more, and gives everybody new one arm if that is wanted."""
    ship = Fields().text("ship", most=32)

    def act(tx: Tx) -> None:
        experimenting.stop(tx, this_launch(), key, ship=ship, actor=desk().actor, now=clock.now())

    try:
        pressed("stop_experiment", act)
    except (NotRunning, NoSuchArm):
        return back("admin_experiments.experiments", "moved_on")
    return back("admin_experiments.experiments", "stopped")


def _read_line(fields: Fields, line: str) -> tuple[str, int]:
    name, _, percent = line.strip().partition(" ")
    if not percent:
        fields.wrong("arms", gettext("Write a name and a percentage: “%(line)s” has one of them only", line=name))
    return name, splits.ppm(percent)


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    with reading() as rx:
        found = queries.arms(rx, this_launch())
        asked = all_of(rx, this_launch(), clock.now())
    now = [f"{arm.name} {arm.weight / 10_000:g}" for arm in found if arm.weight and arm.name != splits.CONTROL]
    typed = request.form.get("arms") if errors else None
    return admin_page(
        "admin/experiments.html",
        status=status,
        errors=errors,
        arms=found,
        typed=typed or "\n".join(now),
        asked=asked,
        filled=request.form if errors else {},
    )
