"""One wave: the dry run of a draft, its release, and how far it got. Who presses second finds what the first did."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.condition import seats_left
from waitlist.models.rank import total_of
from waitlist.models.wave import Wave, WaveState
from waitlist.queries import waves as queries
from waitlist.runtime import runtime
from waitlist.sentences import N_
from waitlist.services import releasing
from waitlist.services.cutting import REASONS
from waitlist.services.gathering import Audience
from waitlist.services.releasing import CutChanged, LaunchHeld, NobodyFits, Preview, Terms
from waitlist.services.seating import LaunchFull
from waitlist.services.steering import WrongState
from waitlist.web.admin.audience import offer_of
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.waves import wave_or_404
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_wave", __name__, url_prefix="/admin/w/<slug>/waves/<wave_id>")
MANY = 1_000  # people; from here on (or from a quarter of the line) the number is typed
LISTED = 200
_WORDS: dict[type[Exception], str] = {
    CutChanged: N_("People changed since you looked. Nothing happened; check the new numbers and press again."),
    NobodyFits: N_("There is nobody to invite."),
    LaunchHeld: N_("The waitlist is paused: no invites leave. Resume it first."),
    LaunchFull: N_("There are not enough seats for these people. Choose fewer, or add seats in the settings."),
}


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def wave(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """A draft's dry run, which writes nothing; or where the wave is and what can still be done."""
    found = wave_or_404(wave_id)
    if found.state == WaveState.DRAFT:
        return _check_page(found)
    with reading() as rx:
        progress = queries.progress(rx, found)
        failures = queries.failures(rx, found.id)
    steps = found.state in (WaveState.HOLDING, WaveState.RELEASING) and request.args.get("refresh") == "on"
    return admin_page("admin/wave.html", wave=found, progress=progress, failures=failures, refreshes=steps)


@blueprint.get("/people")
@guard(Owner.ADMIN, role=Role.ANALYST)
def people(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The people behind one row of the dry run."""
    found, why = wave_or_404(wave_id), request.args.get("why", "")
    with reading() as rx:
        cut = _preview(rx, found).cut
        ids = cut.skipped.get(why, []) if why else cut.chosen
        among = queries.people_among(rx, this_launch().id, ids[:LISTED])
    newcomers = cut.newcomers[: LISTED - len(among)] if not why else []
    total = len(ids) + (0 if why else len(cut.newcomers))
    return admin_page("admin/wave_people.html", wave=found, why=why, people=among, newcomers=newcomers, total=total)


@blueprint.post("/release")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def release(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Fixes the cut that was shown; when people changed since, nothing happens and the page shows the new one."""
    fields, found = Fields(), wave_or_404(wave_id)
    terms = _read_terms(fields, found)
    if fields.errors:
        return _check_page(found, fields.errors)
    audience, offer = Audience.from_json(found.params["audience"]), offer_of(found.params)

    def act(tx: Tx) -> None:
        launch, actor = this_launch(), desk().actor
        releasing.confirm(tx, launch, audience, offer, terms, actor=actor, now=clock.now())

    refused = _refused("release", act)
    if refused is not None:
        return _check_page(found, [("release", refused)], status=409)
    return back("admin_wave.wave", "released", wave_id=wave_id)


def _refused(purpose: str, act: Callable[[Tx], None]) -> str | None:
    """The words of why nothing happened, or None when it did (now, or by a press before this one)."""
    try:
        pressed(purpose, act)
    except WrongState:
        return None  # somebody pressed first: their result is shown
    except tuple(_WORDS) as refused:
        return str(gettext(_WORDS[type(refused)]))
    return None


def _read_terms(fields: Fields, found: Wave) -> Terms:
    """When it goes out, and that the number was typed where it is large."""
    tz = this_launch().tz
    later = fields.choice("when", ("now", "later"), missing=gettext("Select when it starts")) == "later"
    starts_at = fields.moment("starts_at", tz) if later else None
    if later and starts_at is None and not fields.errors:
        fields.wrong("starts_at", gettext("Enter a date and time, like 2026-03-04 17:00"))
    minutes = fields.number("hold", 0, 60, missing=gettext("Enter a number of minutes"))
    wanted = request.form.get("number_to_type", "")
    if wanted and request.form.get("typed_number", "").strip() != wanted:
        fields.wrong("typed_number", gettext("Type the number %(number)s to release this many", number=wanted))
    fixed = not later or fields.choice("pick", ("now", "start")) != "start"
    return Terms(
        digest=request.form.get("digest", "") if fixed and not fields.tick("whoever") else None,
        hold=timedelta(minutes=minutes or 0),
        name=found.name,
        starts_at=starts_at,
        draft_id=found.id,
        fixed=fixed,
    )


def _preview(rx: Tx, found: Wave) -> Preview:
    audience, offer = Audience.from_json(found.params["audience"]), offer_of(found.params)
    return releasing.preview(rx, this_launch(), audience, offer, now=clock.now())


def _check_page(found: Wave, errors: Errors = (), *, status: int = 422) -> ResponseReturnValue:
    launch = this_launch()
    with reading() as rx:
        preview = _preview(rx, found)
        left = seats_left(rx, launch.id)
        in_line = total_of(rx, found.line_id)
    invited = len(preview.cut.chosen) + len(preview.cut.newcomers)
    settings = runtime().settings
    return admin_page(
        "admin/wave_check.html",
        status=status if errors else 200,
        errors=errors,
        wave=found,
        audience=Audience.from_json(found.params["audience"]),
        preview=preview,
        invited=invited,
        reasons=[(reason, len(preview.cut.skipped.get(reason, ()))) for reason in REASONS],
        seats=launch.seats,
        seats_left=left,
        in_line=in_line,
        must_type=invited >= MANY or invited * 4 > in_line,
        pace=min(launch.mails_per_hour or settings.mails_per_hour, settings.mails_per_hour),
        hold=settings.hold_seconds // 60,
        mail_is_set=settings.smtp_url is not None,
        typed=request.form,
        timedelta=timedelta,
    )
