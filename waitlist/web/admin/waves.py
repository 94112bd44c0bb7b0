"""Waves: the list, a new one as a draft, and a draft that is changed or thrown away."""

from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.wave import Wave, WaveState, by_public_id
from waitlist.queries import waves as queries
from waitlist.services import drafting
from waitlist.services.steering import WrongState
from waitlist.web.admin.audience import read_audience, read_offer, typed_of
from waitlist.web.admin.fields import Fields, seen_before
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_waves", __name__, url_prefix="/admin/w/<slug>/waves")
PAGE = 50


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def waves(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Every wave, the newest first."""
    with reading() as rx:
        found = queries.all_waves(rx, this_launch(), before=seen_before(), limit=PAGE)
    older = found[-1].wave.seq if len(found) == PAGE else None
    return admin_page("admin/waves.html", waves=found, older=older)


@blueprint.get("/new")
@guard(Owner.ADMIN, role=Role.RELEASER)
def new_wave(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Whom to invite, and with what."""
    return _form(typed_of(this_launch(), selected=",".join(request.args.getlist("entry"))))


@blueprint.post("/new")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def draft_wave(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Keeps it as a draft and shows its dry run."""
    fields, launch = Fields(), this_launch()
    audience, offer, name = read_audience(fields, launch), read_offer(fields), fields.text("name", most=80)
    if fields.errors:
        return _form(request.form, fields.errors)

    def act(tx: Tx) -> dict[str, str]:
        wave = drafting.draft(tx, launch, audience, offer, name=name, actor=desk().actor, now=clock.now())
        return {"wave": wave.public_id}

    return back("admin_wave.wave", wave_id=pressed("wave", act)["wave"])


@blueprint.get("/<wave_id>/edit")
@guard(Owner.ADMIN, role=Role.RELEASER)
def edit_wave(slug: str, wave_id: str) -> ResponseReturnValue:
    """The same form, as the draft says it."""
    wave = wave_or_404(wave_id)
    if wave.state != WaveState.DRAFT:
        return back("admin_wave.wave", slug=slug, wave_id=wave_id)
    return _form(typed_of(this_launch(), wave), wave=wave)


@blueprint.post("/<wave_id>/edit")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def redraft_wave(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Changes the draft."""
    fields, launch, wave = Fields(), this_launch(), wave_or_404(wave_id)
    audience, offer, name = read_audience(fields, launch), read_offer(fields), fields.text("name", most=80)
    if fields.errors:
        return _form(request.form, fields.errors, wave=wave)

    def act(tx: Tx) -> None:
        drafting.redraft(tx, launch, wave.id, audience, offer, name=name, actor=desk().actor, now=clock.now())

    return _or_elsewhere("wave", act, back("admin_wave.wave", wave_id=wave_id), wave_id)


@blueprint.post("/<wave_id>/discard")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def discard_wave(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Throws the draft away."""
    wave = wave_or_404(wave_id)

    def act(tx: Tx) -> None:
        drafting.discard(tx, this_launch(), wave.id, actor=desk().actor, now=clock.now())

    return _or_elsewhere("discard", act, back("admin_waves.waves", "discarded"), wave_id)


def wave_or_404(public_id: str) -> Wave:
    """The wave in the address, of this launch alone."""
    with reading() as rx:
        wave = one(rx, by_public_id(this_launch().id, public_id))
    if wave is None:
        abort(404)
    return wave


def _or_elsewhere(purpose: str, act: Any, done: ResponseReturnValue, wave_id: str) -> ResponseReturnValue:
    try:
        pressed(purpose, act)
    except WrongState:
        return back("admin_wave.wave", "moved_on", wave_id=wave_id)
    return done


def _form(typed: Any, errors: Errors = (), *, wave: Wave | None = None) -> ResponseReturnValue:
    status = 422 if errors else 200
    return admin_page("admin/wave_form.html", status=status, errors=errors, typed=typed, wave=wave)
