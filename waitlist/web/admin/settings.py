"""The settings of a waitlist, saved section by section; who saves second sees what the first one changed."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.launch import LapsePolicy, OnFull, PlacesShown, by_slug, consent_texts, questions
from waitlist.queries import admins
from waitlist.services import rescoring, tuning
from waitlist.services.tuning import FewerSeatsThanHeld, SettingsChanged, fingerprint
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.presets import read_tz, remember_face, zone_options
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_settings", __name__, url_prefix="/admin/w/<slug>/settings")


def _read_page(fields: Fields) -> dict[str, Any]:
    return {
        "name": fields.text("name", most=80, missing=gettext("Enter a name for the waitlist")),
        "headline": fields.text("headline", most=120),
        "pitch": fields.text("pitch", most=5_000),
    }


def _read_general(fields: Fields) -> dict[str, Any]:
    contact, url = fields.address("contact_email"), fields.text("product_url", most=500)
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname):
        fields.wrong("product_url", gettext("Enter a web address, like https://app.example.org/welcome"))
    return {
        "contact_email": contact.email if contact else None,
        "product_url": url or None,
        "tz": read_tz(fields),
        "listed": fields.tick("listed"),
        "interest_open": fields.tick("interest_open"),
        "lasting_only": fields.tick("lasting_only"),
        "access_asked": fields.tick("access_asked"),
    }


def _read_limits(fields: Fields) -> dict[str, Any]:
    return {
        "seats": fields.number("seats", 0, 100_000_000),
        "line_limit": fields.number("line_limit", 0, 100_000_000),
        "on_full": fields.choice("on_full", list(OnFull), missing=gettext("Select what happens")),
    }


def _read_invites(fields: Fields) -> dict[str, Any]:
    words = gettext("Select what happens when it expires")
    return {
        "invite_days": fields.number("invite_days", 1, 365, missing=gettext("Enter a number of days")),
        "allowance": fields.number("allowance", 0, 20, missing=gettext("Enter how many invites each may give")),
        "lapse_policy": fields.choice("lapse_policy", list(LapsePolicy), missing=words),
        "mails_per_hour": fields.number("mails_per_hour", 1, 1_000_000),
    }


def _read_places(fields: Fields) -> dict[str, Any]:
    return {
        "places_shown": fields.choice("places_shown", list(PlacesShown), missing=gettext("Select what people see")),
        "show_count": fields.tick("show_count"),
        "domains_shown": fields.tick("domains_shown"),
    }


def _read_team(fields: Fields) -> dict[str, Any]:
    return {"two_steps": fields.tick("two_steps")}


def _read_sharing(fields: Fields) -> dict[str, Any]:
    size = fields.choice(
        "leaderboard", ("0", "10", "25", "100"), missing=gettext("Select whether there is a leaderboard")
    )
    return {
        "share_text": fields.text("share_text", most=200),
        "leaderboard": int(size or 0),
        "show_plan": fields.tick("show_plan"),
    }


SECTIONS: dict[str, tuple[tuple[str, ...], Callable[[Fields], dict[str, Any]]]] = {
    "page": (("name", "headline", "pitch"), _read_page),
    "general": (
        ("contact_email", "product_url", "tz", "listed", "interest_open", "lasting_only", "access_asked"),
        _read_general,
    ),
    "limits": (("seats", "line_limit", "on_full"), _read_limits),
    "invites": (("invite_days", "allowance", "lapse_policy", "mails_per_hour"), _read_invites),
    "places": (("places_shown", "show_count", "domains_shown"), _read_places),
    "team": (("two_steps",), _read_team),
}
SECTIONS["sharing"] = (("share_text", "leaderboard", "show_plan"), _read_sharing)
POINTS = ("points", "points_cap")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def settings(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Every section, as it is now."""
    return _page("", [])


@blueprint.post("/<section>")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def save(slug: str, section: str) -> ResponseReturnValue:
    """Saves one section, and nothing of the others."""
    if section not in SECTIONS:
        abort(404)
    fields = Fields()
    values = SECTIONS[section][1](fields)
    if fields.errors:
        return _page(section, fields.errors, status=422)

    def act(tx: Tx) -> None:
        seen = request.form.get("seen", "")
        tuning.change(tx, this_launch(), values, seen=seen, actor=desk().actor, now=clock.now())

    try:
        pressed(f"settings-{section}", act)
    except SettingsChanged as changed:
        return _page(section, [(section, _changed_words(changed))], status=409, fresh=True)
    except FewerSeatsThanHeld as fewer:
        said = gettext("%(held)s seats are held. Enter that many or more.", held=fewer.held)
        return _page(section, [("seats", said)], status=409)
    with reading() as rx:
        saved = one(rx, by_slug(slug))
    if saved is not None:
        remember_face(saved)
    return back("admin_settings.settings", section)


@blueprint.post("/points")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def save_points(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """What a counted friend is worth; everybody's place follows at once."""
    fields = Fields()
    fixed = fields.choice("order", ("fixed", "points"), missing=gettext("Select how the line is ordered")) == "fixed"
    points = 0 if fixed else fields.number("points", 1, 1_000, missing=gettext("Enter how many points"))
    cap = this_launch().points_cap if fixed else fields.number("points_cap", 1, 10_000)
    if fields.errors:
        return _page("points", fields.errors, status=422)
    if request.form.get("seen", "") != fingerprint(this_launch(), POINTS):
        changed = SettingsChanged(this_launch().changed_by or "")
        return _page("points", [("points", _changed_words(changed))], status=409, fresh=True)

    def act(tx: Tx) -> None:
        rescoring.change(tx, this_launch(), points=points or 0, cap=cap, actor=desk().actor, now=clock.now())

    pressed("points", act)
    return back("admin_settings.settings", "points")


def _changed_words(changed: SettingsChanged) -> str:
    with reading() as rx:
        name = admins.names(rx).get(changed.by.partition(":")[2], gettext("Somebody"))
    said = gettext(
        "%(name)s saved this section before you. It is shown as it is now; change it and save again.", name=name
    )
    return str(said)


def _page(section: str, errors: Errors, *, status: int = 200, fresh: bool = False) -> ResponseReturnValue:
    with reading() as rx:
        launch = one(rx, by_slug(this_launch().slug))
        asked = list(rx.execute(questions(this_launch().id)).all())
        terms = list(rx.execute(consent_texts(this_launch().id)).all())
    assert launch is not None, "it was there when the frame looked"
    names = {name: fields for name, (fields, _) in SECTIONS.items()} | {"points": POINTS}
    return admin_page(
        "admin/settings.html",
        status=status,
        errors=errors,
        section=section,
        now_is=launch,
        typed=request.form if section and not fresh else None,
        seen={name: fingerprint(launch, columns) for name, columns in names.items()},
        zones=zone_options(),
        questions=asked,
        terms=terms,
    )
