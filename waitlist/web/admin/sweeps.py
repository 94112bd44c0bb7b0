"""One action on many people: chosen in the table, looked at by number and name, done once, and taken back."""

from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.launch import LINE_KEY
from waitlist.models.sweep import UNDO, Deed, Sweep, SweepState, by_public_id
from waitlist.queries import people, sweeps
from waitlist.services import broadcasting, drafting, lining, sweeping, tagging
from waitlist.services.gathering import Audience
from waitlist.services.releasing import Offer
from waitlist.services.sweeping import AlreadyConfirmed, CannotUndo, NobodyChosen
from waitlist.services.tagging import BadTag
from waitlist.web.admin import person_steps
from waitlist.web.admin.fields import DIGITS, Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.looking import asked_for, choices, in_words, questions_of, said
from waitlist.web.admin.people import csv_of, export_all, people_page
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_sweeps", __name__, url_prefix="/admin/w/<slug>")
MOST_INVITED = 20_000  # people that one wave may name

# The least role for each deed; the three that are no sweep stand first.
MAY = {
    "export": Role.ANALYST,
    "invite": Role.RELEASER,
    "write": Role.RELEASER,
    Deed.HOLD: Role.REVIEWER,
    Deed.RELEASE: Role.REVIEWER,
    Deed.TAG: Role.REVIEWER,
    Deed.MOVE: Role.ADMIN,
    Deed.VIP: Role.ADMIN,
    Deed.REMOVE: Role.ADMIN,
}


@blueprint.post("/people/selection")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def choose(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """What to do with the people who are ticked, or with all that the table's filter finds."""
    fields = Fields()
    deed = fields.choice("deed", MAY, missing=gettext("Select what to do"))
    everybody = fields.choice("scope", ("ticked", "all")) == "all"
    if deed and not desk().may(MAY[deed]):
        abort(403)
    ids = [int(one) for one in request.form.getlist("entry") if one.isdecimal() and len(one) <= DIGITS]
    if not everybody and not ids:
        fields.wrong("selection", gettext("Tick people in the table first, or choose all of them"))
    if fields.errors or (everybody and asked_for().errors):  # a filter that cannot be read would choose too many
        return people_page(fields.errors)
    if deed == "export":
        return export_all("choose") if everybody else _export(ids)
    if deed == "invite":
        return _invite(None if everybody else ids)
    if deed == "write":
        return _write(None if everybody else ids)
    return _draft(Deed(deed), None if everybody else ids)


@blueprint.get("/sweeps/<sweep_id>")
@guard(Owner.ADMIN, role=Role.REVIEWER)
def sweep(slug: str, sweep_id: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads the slug
    """Before: how many, and who. After: what became of them, and the way back."""
    return _page(sweep_or_404(sweep_id))


@blueprint.post("/sweeps/<sweep_id>")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def confirm(slug: str, sweep_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Do it; a second press shows what the first one did."""
    found, fields = _mine(sweep_id), Fields()
    params, reason = _params(fields, Deed(found.deed)), fields.reason()
    if fields.errors:
        return _page(found, fields.errors)

    def act(tx: Tx) -> None:
        launch, actor = this_launch(), desk().actor
        sweeping.confirm(tx, launch, found, reason=reason, params=params, actor=actor, now=clock.now())

    try:
        pressed("sweep", act)
    except AlreadyConfirmed:
        return back("admin_sweeps.sweep", "moved_on", sweep_id=sweep_id)
    return back("admin_sweeps.sweep", "swept", sweep_id=sweep_id)


@blueprint.post("/sweeps/<sweep_id>/undo")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.REVIEWER)
def undo(slug: str, sweep_id: str) -> ResponseReturnValue:  # noqa: ARG001
    """Take it back while its ten minutes last."""
    found = _mine(sweep_id)

    def act(tx: Tx) -> None:
        sweeping.undo(tx, this_launch(), found, actor=desk().actor, now=clock.now())

    try:
        pressed("undo_sweep", act)
    except CannotUndo:
        return back("admin_sweeps.sweep", "too_late", sweep_id=sweep_id)
    return back("admin_sweeps.sweep", "unswept", sweep_id=sweep_id)


def sweep_or_404(public_id: str) -> Sweep:
    """The sweep in the address, of this launch alone."""
    with reading() as rx:
        found = one(rx, by_public_id(this_launch().id, public_id))
    if found is None:
        abort(404)
    return found


def _mine(public_id: str) -> Sweep:
    """The same for a press: by who may do this very deed."""
    found = sweep_or_404(public_id)
    if not desk().may(MAY[Deed(found.deed)]):
        abort(403)
    return found


def _draft(deed: Deed, ids: list[int] | None) -> ResponseReturnValue:
    asked, launch = asked_for(), this_launch()
    with reading() as rx:
        words = in_words(said(asked.filter, questions_of(rx))) if ids is None else ""

    def act(tx: Tx) -> dict[str, str]:
        who = asked.filter if ids is None else ids
        made = sweeping.draft(tx, launch, who, deed, words=words, actor=desk().actor, now=clock.now())
        return {"sweep": made.public_id}

    try:
        return back("admin_sweeps.sweep", sweep_id=pressed("choose", act)["sweep"])
    except NobodyChosen:
        return people_page([("selection", gettext("Nobody is among them any more"))])


def _invite(ids: list[int] | None) -> ResponseReturnValue:
    """These very people as the audience of a draft, to be looked at and released as every wave is."""
    asked, launch = asked_for(), this_launch()
    if ids is None:
        with reading() as rx:
            ids = people.ids(rx, launch.id, asked.filter, MOST_INVITED + 1)
    if not 0 < len(ids) <= MOST_INVITED:
        return people_page([("selection", gettext("Choose from 1 to %(most)s people for one wave", most=MOST_INVITED))])
    audience = Audience("selected", entry_ids=tuple(ids))
    offer = Offer(days=launch.invite_days, allowance=launch.allowance, lapse_policy=launch.lapse_policy, remind=True)

    def act(tx: Tx) -> dict[str, str]:
        wave = drafting.draft(tx, launch, audience, offer, actor=desk().actor, now=clock.now())
        return {"wave": wave.public_id}

    return back("admin_wave.wave", wave_id=pressed("choose", act)["wave"])


def _write(ids: list[int] | None) -> ResponseReturnValue:
    """These people as those whom a broadcast is for."""
    asked, launch = asked_for(), this_launch()
    with reading() as rx:
        words = in_words(said(asked.filter, questions_of(rx))) if ids is None else ""

    def act(tx: Tx) -> dict[str, str]:
        who = asked.filter if ids is None else ids
        made = broadcasting.draft(tx, launch, who, audience=words, actor=desk().actor, now=clock.now())
        return {"broadcast": made.public_id}

    try:
        return back("admin_broadcasts.broadcast", broadcast_id=pressed("choose", act)["broadcast"])
    except broadcasting.NobodyChosen:
        return people_page([("selection", gettext("Nobody is among them any more"))])


def _export(ids: list[int]) -> ResponseReturnValue:
    now = clock.now()
    with reading() as rx:
        rows = people.chosen(rx, this_launch().id, ids, now)
    return csv_of(rows, len(rows), "", "choose", now)


def _params(fields: Fields, deed: Deed) -> dict[str, Any]:
    """What the deed asks for beside a reason."""
    match deed:
        case Deed.TAG:
            try:
                return {"tag": tagging.read(fields.text("tag"))}
            except BadTag:
                fields.wrong("tag", gettext("Enter a tag of %(most)s characters or fewer", most=tagging.LONGEST))
        case Deed.MOVE:
            how = fields.choice("how", ("top", "to", "up", "line"), missing=gettext("Select where to"))
            if how == "line":
                return {"line": _line(fields)}
            if how == "top":
                return {"to": 1}
            if how:
                return {how: fields.number(how, 1, 100_000_000, missing=gettext("Enter a number"))}
        case Deed.REMOVE:
            return {"abuse": fields.tick("abuse")}
    return {}


def _line(fields: Fields) -> str:
    line = fields.text("line", missing=gettext("Enter a line"))
    if line and not LINE_KEY.fullmatch(line):
        fields.wrong("line", gettext(person_steps.WORDS[lining.BadLine]))
    return line


def _page(found: Sweep, errors: Errors = ()) -> ResponseReturnValue:
    with reading() as rx:
        progress, offered = sweeps.progress(rx, found), choices(rx)
    until = found.done_at + UNDO if found.done_at else None
    undoable = found.state == SweepState.DONE and found.deed not in sweeping.CANNOT_BE_UNDONE
    return admin_page(
        "admin/sweep.html",
        status=422 if errors else 200,
        errors=errors,
        sweep=found,
        progress=progress,
        shown=sweeps.SHOWN,
        undo_until=until if undoable and until and until > clock.now() and progress.counts.get("done") else None,
        may_press=desk().may(MAY[Deed(found.deed)]),
        typed=request.form,
        lines=offered["lines"],
    )
