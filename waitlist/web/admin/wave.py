"""One wave: where it is now, and its confirmation. Who presses second finds what the first did."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.rank import total_of
from waitlist.models.wave import Wave, WaveState
from waitlist.queries import waves as queries
from waitlist.runtime import runtime
from waitlist.sentences import N_
from waitlist.services import releasing
from waitlist.services.releasing import CutChanged, LaunchHeld, NobodyFits, StageHeld, Terms, timing_of
from waitlist.services.seating import LaunchFull
from waitlist.services.shelving import LaunchArchived
from waitlist.services.steering import DraftChanged, WrongState
from waitlist.web.admin.audience import audience_of, offer_of
from waitlist.web.admin.check import ends_at, preview_of
from waitlist.web.admin.draft import STEPS, seen_draft
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.shown import changed, packed
from waitlist.web.admin.waves import wave_or_404
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_wave", __name__, url_prefix="/admin/w/<slug>/waves/<wave_id>")
MANY = 1_000  # people; from here on (or from a quarter of the line) the number is typed
_WORDS: dict[type[Exception], str] = {
    DraftChanged: N_("Somebody changed the draft since you looked. Nothing happened; read it again and press again."),
    NobodyFits: N_("There is nobody to invite."),
    LaunchHeld: N_("The waitlist is paused: no invites leave. Resume it first."),
    StageHeld: N_("A wave was revoked, so no other one leaves. Open that wave and let waves go on first."),
    LaunchFull: N_("There are not enough seats for these people. Choose fewer, or add seats in the settings."),
    LaunchArchived: N_("The waitlist is archived: no invites leave any more."),
}


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def wave(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Leads to the step where this wave is: a draft to where it was left."""
    found = wave_or_404(wave_id)
    with reading() as rx:
        step = queries.progress(rx, found).step
    if found.state == WaveState.DRAFT and desk().may(Role.RELEASER):
        step = found.params.get("step") or step
    return back(STEPS[step], request.args.get("done", ""), wave_id=wave_id)


@blueprint.get("/confirm")
@guard(Owner.ADMIN, role=Role.RELEASER)
def confirm(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Everything the wave will do, and the button that does it."""
    found = wave_or_404(wave_id)
    if found.state != WaveState.DRAFT:
        return back("admin_wave.wave", wave_id=wave_id)
    return _confirm_page(found)


@blueprint.post("/release")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def release(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Fixes the cut that was shown; when people changed since, nothing happens and the page shows the new one."""
    fields, found = Fields(), wave_or_404(wave_id)
    terms = _terms(fields, found)
    if fields.errors:
        return _confirm_page(found, fields.errors)
    audience, offer = audience_of(found.params), offer_of(found.params)

    def act(tx: Tx) -> None:
        launch, actor = this_launch(), desk().actor
        releasing.confirm(tx, launch, audience, offer, terms, actor=actor, now=clock.now())

    refused = _refused(act)
    if refused is not None:
        return _confirm_page(wave_or_404(wave_id), [("release", refused)], status=409)
    return back("admin_wave.wave", "released", wave_id=wave_id)


def _refused(act: Callable[[Tx], None]) -> str | None:
    """The words of why nothing happened, or None when it did (now, or by a press before this one)."""
    try:
        pressed("release", act)
    except WrongState:
        return None  # somebody pressed first: their result is shown
    except CutChanged as refused:
        return _who_changed(refused)
    except tuple(_WORDS) as refused:
        return str(gettext(_WORDS[type(refused)]))
    return None


def _who_changed(refused: CutChanged) -> str:
    n = changed(request.form.get("shown", ""), refused.cut)
    if n is None:
        words = gettext("People changed since you looked.")
    elif n == 0:
        words = gettext("The order of the people changed since you looked.")
    else:
        words = ngettext("%(num)s person changed since you looked.", "%(num)s people changed since you looked.", n)
    return f"{words} {gettext('Nothing happened; check the new numbers and press again.')}"


def _terms(fields: Fields, found: Wave) -> Terms:
    """What the draft says of its start, and that the number was typed where it is large."""
    timing = timing_of(found.params)
    with reading() as rx:
        cut = preview_of(rx, found).cut
        people, in_line = len(cut.chosen) + len(cut.newcomers), total_of(rx, found.line_id)
    whoever = fields.tick("whoever")
    # What the page asked for; but whoever is first now goes by the number of now, for no digest holds the wave then.
    wanted = ("" if whoever else request.form.get("number_to_type", "")) or str(people)
    if _must_type(people, in_line) and str(fields.number("typed_number", 1, 10_000_000)) != wanted:
        fields.wrong("typed_number", gettext("Type the number %(number)s to release this many", number=wanted))
    if timing.at is not None and timing.at <= clock.now():
        fields.wrong("release", gettext("Its start has passed. Choose another one in the step “When”."))
    return Terms(
        digest=request.form.get("digest", "") if timing.fixed and not whoever else None,
        hold=timedelta(seconds=runtime().settings.hold_seconds if timing.hold is None else timing.hold * 60),
        name=found.name,
        starts_at=timing.at,
        draft_id=found.id,
        fixed=timing.fixed,
        timing=timing,
        seen=seen_draft() or found.state_at,
    )


def _must_type(people: int, in_line: int) -> bool:
    return people >= MANY or people * 4 > in_line


def _confirm_page(found: Wave, errors: Errors = (), *, status: int = 422) -> ResponseReturnValue:
    timing, launch = timing_of(found.params), this_launch()
    with reading() as rx:
        preview = preview_of(rx, found)
        in_line = total_of(rx, found.line_id)
    invited = len(preview.cut.chosen) + len(preview.cut.newcomers)
    hold = runtime().settings.hold_seconds // 60 if timing.hold is None else timing.hold
    return admin_page(
        "admin/wave_confirm.html", status=status if errors else 200, errors=errors, wave=found, preview=preview,
        audience=audience_of(found.params), timing=timing, invited=invited, in_line=in_line, hold=hold,
        skipped=preview.cut.checked - invited, must_type=_must_type(invited, in_line), typed=request.form,
        shown=packed(preview.cut) if timing.fixed else "", ends=ends_at(found, invited), tz_name=launch.tz,
    )  # fmt: skip
