"""`/setup`: the first visit makes the first owner and the first waitlist. Afterwards the page is not there."""

from flask import Blueprint, Response, abort, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import actors, clock
from waitlist.db import Tx, reading, writing
from waitlist.i18n import page_locale
from waitlist.models.access import Role, User
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services import appointing, installing, launching, planning
from waitlist.services.installing import SetUpDone
from waitlist.services.planning import Wish
from waitlist.tokens import BadToken, Purpose
from waitlist.web.admin.account import new_password
from waitlist.web.admin.coming_in import remembered, sign_in_as
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.presets import read_wish, remember_face, zone_options
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors, page

blueprint = Blueprint("admin_setup", __name__)


@blueprint.get("/setup")
@guard(Owner.PUBLIC)
def setup() -> ResponseReturnValue:
    """Asks who the first owner is, and for the first waitlist; 404 once that is done."""
    _version_or_404()
    return _page([])


@blueprint.post("/setup")
@guard(Owner.PUBLIC, Proof.FORM, limit="20/minute")
def setup_press() -> ResponseReturnValue:
    """Makes both in one transaction and signs in. Only the link that was printed at the start may."""
    offered, now, fields = _version_or_404(), clock.now(), Fields()
    presented = _presented()
    if presented != offered:
        fields.wrong("token", gettext("Copy the whole set-up link from where this service was started"))
    name = fields.text("name", most=80, missing=gettext("Enter your name"))
    email = fields.address("email")
    wish = read_wish(fields, now)
    chosen = new_password(fields)
    if fields.errors or email is None:
        return _page(fields.errors, status=422)
    owner = {"email": email.key, "name": name, "password_hash": chosen, "language": str(page_locale())}
    try:
        with writing() as tx:
            user, launch = _make(tx, presented, owner, wish)
    except SetUpDone:
        abort(404)
    except launching.BadSlug:
        return _page([("launch_name", gettext("Enter a name for the waitlist"))], status=422)
    remember_face(launch)
    sign_in_as(user)
    overview = url_for("admin_overview.overview", slug=launch.slug, done="setup")
    return remembered(make_response(redirect(overview, 303)), user)


def _make(tx: Tx, version: int | None, owner: dict[str, str], wish: Wish) -> tuple[User, Launch]:
    now = clock.now()
    installing.claim(tx, version)
    user = appointing.create(tx, **owner, actor=actors.SETUP, now=now)
    appointing.grant(tx, user.id, Role.OWNER, actor=actors.SETUP, now=now)
    return user, launching.create(tx, planning.plan(wish), actor=actors.admin(user.id), now=now)


def _version_or_404() -> int:
    with reading() as rx:
        version = installing.set_up_version(rx)
    if version is None:
        abort(404)
    return version


def _presented() -> int | None:
    """The version that the presented token carries; the whole link may be pasted as well."""
    token = request.values.get("token", "").strip().rpartition("token=")[2]
    try:
        return runtime().tokens.read(Purpose.SETUP, token).version
    except BadToken:
        return None


def _page(errors: Errors, *, status: int = 200) -> Response:
    return page(
        "admin/setup.html",
        status=status,
        state="setup",
        private=True,
        errors=errors,
        typed=request.form,
        token=request.values.get("token", ""),
        token_known=_presented() is not None,
        zones=zone_options(),
    )
