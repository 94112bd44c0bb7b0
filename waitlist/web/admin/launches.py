"""The waitlists of this installation: the list, and a new one from a preset."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.launch import by_slug
from waitlist.queries import launches as queries
from waitlist.services import launching, planning
from waitlist.services.launching import BadSlug, SlugTaken
from waitlist.services.planning import Wish
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, desk, pressed
from waitlist.web.admin.presets import read_wish, remember_face, zone_options
from waitlist.web.forms import Outcome
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_launches", __name__)


@blueprint.get("/admin")
@guard(Owner.ADMIN)
def launches() -> ResponseReturnValue:
    """Every waitlist that this admin may see, with what it is right now."""
    archived, now = request.args.get("archived") == "yes", clock.now()
    with reading() as rx:
        found = queries.all_launches(rx, archived=archived)
        seen = [queries.summary(rx, launch, now) for launch in found if desk().may(Role.VIEWER, launch)]
    return admin_page("admin/launches.html", summaries=seen, archived=archived)


@blueprint.get("/admin/launches/new")
@guard(Owner.ADMIN, role=Role.ADMIN)
def new_launch() -> ResponseReturnValue:
    """The form of a new waitlist."""
    return _form([])


@blueprint.post("/admin/launches/new")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def create_launch() -> ResponseReturnValue:
    """Makes it, with its lines, its rules and its seats."""
    fields, now = Fields(), clock.now()
    wish = read_wish(fields, now)
    if fields.errors:
        return _form(fields.errors, status=422)

    try:
        made = pressed("launch", lambda tx: _create(tx, wish))
    except BadSlug:
        said = gettext("Use lower-case letters, digits and hyphens, like summer-beta")
        return _form([("slug", said)], status=422)
    except SlugTaken:
        return _form([("slug", gettext("Another waitlist has this address. Choose another."))], status=422)
    with reading() as rx:
        launch = one(rx, by_slug(made["slug"]))
    if launch is not None:
        remember_face(launch)
    return redirect(url_for("admin_overview.overview", slug=made["slug"], done="created"), 303)


def _create(tx: Tx, wish: Wish) -> Outcome:
    launch = launching.create(tx, planning.plan(wish), actor=desk().actor, now=clock.now())
    return {"slug": launch.slug}


def _form(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    return admin_page("admin/new_launch.html", status=status, errors=errors, typed=request.form, zones=zone_options())
