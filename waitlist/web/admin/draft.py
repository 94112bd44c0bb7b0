"""A draft: what the steps Audience, Offer and When say, kept step by step. A page that grew old is told so."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from waitlist import catalogues, clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.models.guard import Guardrail
from waitlist.models.wave import Wave, WaveState
from waitlist.queries import guards
from waitlist.runtime import runtime
from waitlist.services import drafting
from waitlist.services.gathering import Audience
from waitlist.services.releasing import Offer, timing_of
from waitlist.services.steering import DraftChanged, WrongState
from waitlist.services.timing import Timing
from waitlist.web.admin.audience import audience_of, offer_of, read_audience, read_offer, typed_of, typed_offer
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.schedule import fastest, read_timing, typed_timing
from waitlist.web.admin.waves import audience_page, wave_or_404
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_draft", __name__, url_prefix="/admin/w/<slug>/waves/<wave_id>")
Again = Callable[[Wave], ResponseReturnValue]


@blueprint.get("/audience")
@guard(Owner.ADMIN, role=Role.RELEASER)
def audience(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Whom to invite, as the draft says it."""
    wave = wave_or_404(wave_id)
    return audience_page(typed_of(wave), wave=wave) if _is_draft(wave) else _elsewhere(wave)


@blueprint.post("/audience")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def save_audience(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Keeps it and goes on to the offer; or only counts."""
    fields, launch, wave = Fields(), this_launch(), wave_or_404(wave_id)
    asked, name = read_audience(fields, launch), fields.text("name", most=80)
    if fields.errors or "count" in request.form:
        return audience_page(request.form, fields.errors, audience=asked, wave=wave)
    return _save(
        wave, "audience", "offer", asked, offer_of(wave.params), timing_of(wave.params), name=name,
        again=lambda now: audience_page(request.form, audience=asked, wave=now, changed=True),
    )  # fmt: skip


@blueprint.get("/offer")
@guard(Owner.ADMIN, role=Role.RELEASER)
def offer(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """What each invited person gets."""
    wave = wave_or_404(wave_id)
    return _offer_page(typed_offer(wave), wave) if _is_draft(wave) else _elsewhere(wave)


@blueprint.post("/offer")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def save_offer(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Keeps it and goes on to the dry run."""
    fields, wave = Fields(), wave_or_404(wave_id)
    asked = read_offer(fields)
    if fields.errors:
        return _offer_page(request.form, wave, fields.errors)
    return _save(
        wave, "offer", "check", audience_of(wave.params), asked, timing_of(wave.params),
        again=lambda now: _offer_page(request.form, now, changed=True),
    )  # fmt: skip


@blueprint.get("/when")
@guard(Owner.ADMIN, role=Role.RELEASER)
def when(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """When it starts, and how fast it goes."""
    wave = wave_or_404(wave_id)
    typed = typed_timing(timing_of(wave.params), this_launch())
    return _when_page(typed, wave) if _is_draft(wave) else _elsewhere(wave)


@blueprint.post("/when")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def save_when(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Keeps it and goes on to the confirmation."""
    fields, wave = Fields(), wave_or_404(wave_id)
    asked = read_timing(fields, this_launch(), clock.now())
    if fields.errors:
        return _when_page(request.form, wave, fields.errors)
    return _save(
        wave, "when", "confirm", audience_of(wave.params), offer_of(wave.params), asked,
        again=lambda now: _when_page(request.form, now, changed=True),
    )  # fmt: skip


def _save(
    wave: Wave, step: str, onto: str, asked: Audience, offer: Offer, timing: Timing, *, name: str = "", again: Again
) -> ResponseReturnValue:
    """Keep the draft, unless its page grew old: then the typing comes back beside what it was told about."""

    def act(tx: Tx) -> None:
        drafting.redraft(
            tx, this_launch(), wave.id, asked, offer, timing, name=name, step=onto, seen=seen_draft(),
            actor=desk().actor, now=clock.now(),
        )  # fmt: skip

    try:
        pressed(step, act)
    except WrongState:
        return back("admin_wave.wave", "moved_on", wave_id=wave.public_id)
    except DraftChanged as changed:
        return again(changed.draft)
    return back(STEPS[onto], wave_id=wave.public_id)


def seen_draft() -> datetime | None:
    """How old the draft was when this page was opened; pages say it in a hidden field."""
    try:
        return datetime.fromisoformat(request.form.get("seen", ""))
    except ValueError:
        return None


STEPS = {
    "audience": "admin_draft.audience",
    "offer": "admin_draft.offer",
    "check": "admin_check.check",
    "when": "admin_draft.when",
    "confirm": "admin_wave.confirm",
    "holding": "admin_watch.holding",
    "releasing": "admin_watch.releasing",
    "result": "admin_watch.result",
}


def _is_draft(wave: Wave) -> bool:
    return wave.state == WaveState.DRAFT


def _elsewhere(wave: Wave) -> ResponseReturnValue:
    return back("admin_wave.wave", wave_id=wave.public_id)


def _offer_page(typed: Any, wave: Wave, errors: Errors = (), *, changed: bool = False) -> ResponseReturnValue:
    return _page("admin/wave_offer.html", typed, wave, errors, changed=changed, languages=catalogues.locales())


def _when_page(typed: Any, wave: Wave, errors: Errors = (), *, changed: bool = False) -> ResponseReturnValue:
    return _page(
        "admin/wave_when.html", typed, wave, errors, changed=changed, timing=timing_of(wave.params),
        fastest=fastest(this_launch()), rails=_rails(), mail_is_set=runtime().settings.smtp_url is not None,
    )  # fmt: skip


def _rails() -> Sequence[Guardrail]:
    with reading() as rx:
        return guards.guardrails(rx, this_launch())


def _page(template: str, typed: Any, wave: Wave, errors: Errors, *, changed: bool, **more: Any) -> ResponseReturnValue:
    status = 422 if errors else 409 if changed else 200
    return admin_page(template, status=status, errors=errors, typed=typed, wave=wave, changed=changed, **more)
