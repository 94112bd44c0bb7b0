"""What can be done with a wave on its way: undo, send now, pause, resume, stop, recall, revoke, restore."""

from collections.abc import Callable

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.queries import waves as queries
from waitlist.services import restoring, revoking, staging, steering
from waitlist.services.restoring import SeatsMissing
from waitlist.services.staging import NoSuchStage
from waitlist.services.steering import WrongState
from waitlist.web.admin.frame import back, desk, pressed, this_launch
from waitlist.web.admin.waves import wave_or_404
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_steps", __name__, url_prefix="/admin/w/<slug>/waves/<wave_id>")


@blueprint.post("/undo")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def undo(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Back to a draft while nothing was sent."""
    return _step("undo", wave_id, steering.undo)


@blueprint.post("/send-now")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def send_now(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """End the holding window."""
    return _step("send_now", wave_id, steering.send_now)


@blueprint.post("/pause")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def pause(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Stop before the next people."""
    return _step("pause_wave", wave_id, steering.pause, reason=_reason())


@blueprint.post("/resume")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def resume(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Go on."""
    return _step("resume_wave", wave_id, steering.resume)


@blueprint.post("/stop")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def stop(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Nobody else is invited; whose mail has not left keeps the place."""
    return _step("stop", wave_id, steering.stop, reason=_reason())


@blueprint.post("/recall")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def recall(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """End every unused invite; their people have their place back."""
    tell = request.form.get("tell") == "yes"
    return _step("recall", wave_id, steering.recall, reason=_reason(), tell=tell)


@blueprint.post("/revoke")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def revoke(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Take the whole wave back, also from those who are in by it."""
    if request.form.get("sure") != "yes":
        return back("admin_wave.wave", "unsure", wave_id=wave_id)
    tell = request.form.get("tell") == "yes"
    return _step("revoke", wave_id, revoking.revoke, reason=_reason(), tell=tell)


@blueprint.post("/restore")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def restore(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Give everybody what a recall or a revocation took from them."""
    try:
        return _step("restore", wave_id, restoring.restore)
    except SeatsMissing as missing:
        return back("admin_watch.result", "seats_missing", wave_id=wave_id, n=missing.n)


@blueprint.post("/resume-stage")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def resume_stage(slug: str, wave_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Let other waves go on after this one was revoked."""
    found = wave_or_404(wave_id)
    with reading() as rx:
        stage = queries.reach(rx, found).stopped_stage

    def act(tx: Tx) -> None:
        staging.resume(tx, this_launch(), stage, actor=desk().actor, now=clock.now())

    try:
        pressed("resume_stage", act)
    except NoSuchStage:
        return back("admin_wave.wave", "moved_on", wave_id=wave_id)
    return back("admin_wave.wave", "resume_stage", wave_id=wave_id)


def _reason() -> str:
    return request.form.get("reason", "").strip()[:500]


def _step(purpose: str, wave_id: str, verb: Callable[..., object], **extra: object) -> ResponseReturnValue:
    found = wave_or_404(wave_id)

    def act(tx: Tx) -> None:
        verb(tx, this_launch(), found.id, actor=desk().actor, now=clock.now(), **extra)

    try:
        pressed(purpose, act)
    except WrongState:
        return back("admin_wave.wave", "moved_on", wave_id=wave_id)
    return back("admin_wave.wave", purpose, wave_id=wave_id)
