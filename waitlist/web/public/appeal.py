"""I should have access (P-11): somebody whom the rules refuse writes to the team; the page after is always the same."""

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from waitlist import clock
from waitlist.db import reading, writing
from waitlist.runtime import runtime
from waitlist.services import appealing
from waitlist.services.inviting import Keys
from waitlist.services.shelving import LaunchArchived
from waitlist.web import forms
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.launches import launch_or_404
from waitlist.web.public import application as typed
from waitlist.web.public import front
from waitlist.web.public.blueprint import blueprint


@blueprint.post("/w/<slug>/access")
@guard(Owner.PUBLIC, Proof.FORM, limit="10/minute")
def appeal(slug: str) -> ResponseReturnValue:
    """Ask the team, where it lets itself be asked."""
    now = clock.now()
    with reading() as rx:
        launch = launch_or_404(rx, slug)
    if not launch.access_asked:
        abort(404)
    press = forms.pressed("appeal", launch.public_id, now=now)
    address, faults = typed.read_address(request.form.get("email", ""))
    if press.stale or address is None:
        return front.show(launch, status=422, errors=faults or typed.timed_out(), values=request.form)
    who = typed.mailbox(launch, address)
    reason = " ".join(request.form.get("why", "").split())[: appealing.LONGEST]
    keys = Keys(runtime().codes_key, runtime().secrets.pepper)

    def act() -> dict[str, bool]:
        return {"asked": appealing.to_team(tx, launch, who, reason, keys=keys, now=now)}

    try:
        with writing() as tx:
            forms.once(tx, press.about(who.email_key), launch.id, now, act)
    except LaunchArchived:
        abort(404)
    return redirect(url_for("public.join_form", slug=slug, done="appealed"), 303)
