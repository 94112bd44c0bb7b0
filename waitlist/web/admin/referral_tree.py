"""The tree of who brought whom, a piece at a time, and a hold on a whole branch of it."""

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.models.access import Role
from waitlist.queries import branches, referrals
from waitlist.services import holding
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.person import entry_or_404
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors
from waitlist.web.tree_picture import draw

blueprint = Blueprint("admin_referral_tree", __name__, url_prefix="/admin/w/<slug>/referrals")


@blueprint.get("/tree")
@guard(Owner.ADMIN, role=Role.ANALYST)
def tree(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Where the trees begin, or three levels below one person."""
    after, start = _key(), request.args.get("from", "")
    if start:
        return _branch(start, after)
    with reading() as rx:
        tops, following = referrals.roots(rx, this_launch().id, after=after)
    return admin_page("admin/referral_tree.html", tops=tops, top=None, next=following, after=after)


@blueprint.get("/<entry_id>/hold")
@guard(Owner.ADMIN, role=Role.REVIEWER)
def preview(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """How many people a hold on this branch takes out, before anything is done."""
    return _preview(entry_id)


@blueprint.post("/<entry_id>/hold")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def hold(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Somebody and everybody below, out of the line until the hold is released."""
    entry, fields = entry_or_404(entry_id), Fields()
    reason = fields.reason()
    if fields.errors:
        return _preview(entry_id, fields.errors)

    def act(tx: Tx) -> None:
        launch, actor = this_launch(), desk().actor
        holding.hold(tx, launch, entry.id, reason=reason, subtree=True, actor=actor, now=clock.now())

    try:
        pressed("hold_branch", act)
    except holding.NobodyToHold:
        return _preview(
            entry_id, [("reason", gettext("Nobody here can be held: they are on hold or removed already."))]
        )
    return back("admin_referral_tree.tree", "held", **{"from": entry_id})


@blueprint.post("/<entry_id>/release")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def release(slug: str, entry_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Everybody whom the hold on this branch took out gets the old place back."""
    entry_or_404(entry_id)
    hold_id = request.form.get("hold", "")

    def act(tx: Tx) -> None:
        holding.release(tx, this_launch(), hold_id, actor=desk().actor, now=clock.now())

    try:
        pressed("release_branch", act)
    except holding.NotHeld:
        return back("admin_referral_tree.tree", "moved_on", **{"from": entry_id})
    return back("admin_referral_tree.tree", "released", **{"from": entry_id})


def _branch(start: str, after: int) -> ResponseReturnValue:
    entry = entry_or_404(start)
    with reading() as rx:
        top = branches.branch(rx, entry.id, after=after)
        size = branches.below(rx, entry.id)
        held = referrals.branch_hold(rx, this_launch().id, entry.id)
    assert top is not None, "the entry was found"
    return admin_page(
        "admin/referral_tree.html", tops=[top], top=top, size=size, held=held, picture=draw(top), next=0, after=after
    )


def _preview(entry_id: str, errors: Errors = ()) -> ResponseReturnValue:
    entry = entry_or_404(entry_id)
    with reading() as rx:
        found = referrals.branch_to_hold(rx, entry.id)
    return admin_page("admin/hold_branch.html", status=422 if errors else 200, errors=errors, entry=entry, found=found)


def _key() -> int:
    given = request.args.get("after", "0")
    if not (given.isascii() and given.isdigit() and len(given) < 19):
        abort(404)
    return int(given)
