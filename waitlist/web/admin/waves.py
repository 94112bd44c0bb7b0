"""Waves: the list, and the first step of the wizard, with which a new one begins as a draft."""

from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.condition import seats_left
from waitlist.models.wave import Wave, by_public_id
from waitlist.queries import admins, single_invites
from waitlist.queries import waves as queries
from waitlist.services import drafting, releasing
from waitlist.services.gathering import Audience
from waitlist.services.steering import WrongState
from waitlist.web.admin.audience import default_offer, offer_of, read_audience, stages_to_invite, typed_of
from waitlist.web.admin.fields import Fields, seen_before
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.looking import choices
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_waves", __name__, url_prefix="/admin/w/<slug>/waves")
PAGE = 50
FEW = 10  # single invites below the waves


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def waves(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Every wave and the newest single invites, the newest first."""
    with reading() as rx:
        found = queries.all_waves(rx, this_launch(), before=seen_before(), limit=PAGE)
        invites = single_invites.single(rx, this_launch().id, before=None, limit=FEW)
        batches = single_invites.batches(rx, this_launch().id, clock.now())
        doers = admins.names(rx)
    older = found[-1].wave.seq if len(found) == PAGE else None
    audiences = {progress.wave.id: Audience.from_json(progress.wave.params["audience"]) for progress in found}
    return admin_page(
        "admin/waves.html", waves=found, audiences=audiences, invites=invites, batches=batches, names=doers, older=older
    )


@blueprint.get("/new")
@guard(Owner.ADMIN, role=Role.RELEASER)
def new_wave(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Whom to invite."""
    return audience_page(typed_of(selected=",".join(request.args.getlist("entry"))))


@blueprint.post("/new")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def draft_wave(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Keeps the audience as a draft and goes on to the offer; or only counts, and keeps nothing."""
    fields, launch = Fields(), this_launch()
    audience, name = read_audience(fields, launch), fields.text("name", most=80)
    if fields.errors or "count" in request.form:
        return audience_page(request.form, fields.errors, audience=audience)
    offer = default_offer(launch)

    def act(tx: Tx) -> dict[str, str]:
        actor, now = desk().actor, clock.now()
        wave = drafting.draft(tx, launch, audience, offer, name=name, step="offer", actor=actor, now=now)
        return {"wave": wave.public_id}

    return back("admin_draft.offer", wave_id=pressed("audience", act)["wave"])


@blueprint.post("/<wave_id>/discard")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def discard_wave(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Throws the draft away."""
    wave = wave_or_404(wave_id)

    def act(tx: Tx) -> None:
        drafting.discard(tx, this_launch(), wave.id, actor=desk().actor, now=clock.now())

    try:
        pressed("discard", act)
    except WrongState:
        return back("admin_wave.wave", "moved_on", wave_id=wave_id)
    return back("admin_waves.waves", "discarded")


@blueprint.post("/<wave_id>/copy")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def copy_wave(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """A new draft that asks for the same."""
    wave = wave_or_404(wave_id)

    def act(tx: Tx) -> dict[str, str]:
        copied = drafting.copy(tx, this_launch(), wave, actor=desk().actor, now=clock.now())
        return {"wave": copied.public_id}

    return back("admin_draft.audience", "copied", wave_id=pressed("copy", act)["wave"])


def wave_or_404(public_id: str) -> Wave:
    """The wave in the address, of this launch alone."""
    with reading() as rx:
        wave = one(rx, by_public_id(this_launch().id, public_id))
    if wave is None:
        abort(404)
    return wave


def audience_page(
    typed: Any,
    errors: Errors = (),
    *,
    audience: Audience | None = None,
    wave: Wave | None = None,
    changed: bool = False,
) -> ResponseReturnValue:
    """The step "Audience", with the count of an audience that was read. `changed`: somebody else saved meanwhile."""
    launch, count = this_launch(), None
    with reading() as rx:
        left, offered = seats_left(rx, launch.id), choices(rx)
        waving = [(stage.id, stage.name or stage.key) for stage in stages_to_invite(rx, launch)]
        if audience is not None and not errors:
            offer = offer_of(wave.params) if wave is not None else default_offer(launch)
            cut = releasing.preview(rx, launch, audience, offer, now=clock.now()).cut
            count = len(cut.chosen) + len(cut.newcomers)
    status = 422 if errors else 409 if changed else 200
    return admin_page(
        "admin/wave_audience.html", status=status, errors=errors, typed=typed, wave=wave, count=count,
        seats_left=left, changed=changed, stage_options=waving, **offered,
    )  # fmt: skip
