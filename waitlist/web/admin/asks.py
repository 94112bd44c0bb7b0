"""People whose invite ended and who ask for a new one: the team says yes or no."""

from collections.abc import Callable

from flask import Blueprint
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import Tx
from waitlist.models.access import Role
from waitlist.services import asking
from waitlist.services.asking import AlreadyAnswered
from waitlist.web.admin.frame import back, desk, pressed, this_launch
from waitlist.web.admin.invites import OVER, invite_or_404, typed_code_keys
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_asks", __name__, url_prefix="/admin/w/<slug>/invites/<invite_id>")


@blueprint.post("/grant")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def grant(slug: str, invite_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """A new link goes out."""
    found = invite_or_404(invite_id)

    def act(tx: Tx) -> None:
        asking.grant(tx, this_launch(), found, keys=typed_code_keys(), actor=desk().actor, now=clock.now())

    return _answered("grant", act)


@blueprint.post("/refuse")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.RELEASER)
def refuse(slug: str, invite_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """The place stays as it is."""
    found = invite_or_404(invite_id)

    def act(tx: Tx) -> None:
        asking.refuse(tx, this_launch(), found, actor=desk().actor, now=clock.now())

    return _answered("refuse", act)


def _answered(purpose: str, act: Callable[[Tx], None]) -> ResponseReturnValue:
    try:
        pressed(purpose, act)
    except AlreadyAnswered:
        purpose = "answered"
    except tuple(OVER) as refused:
        purpose = OVER[type(refused)]
    return back("admin_invites.invites", purpose)
