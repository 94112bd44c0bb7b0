"""Planning a stage: for whom, how, how many and when; counted before it is saved."""

from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, reading
from waitlist.gates import parse
from waitlist.models.access import Role
from waitlist.models.launch import gate_in_force
from waitlist.models.stage import Stage
from waitlist.queries import simulating
from waitlist.services import advancing, staging
from waitlist.services.contradicting import Contradiction
from waitlist.services.launching import BadSlug, NeedsProof
from waitlist.services.staging import Draft, NoSuchStage, StageTaken
from waitlist.web import wording
from waitlist.web.admin import conditions
from waitlist.web.admin.conditions import KINDS, TRUSTS
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.plan_stage import shown_or_404
from waitlist.web.admin.rule_shown import names_of
from waitlist.web.admin.spans import read_span, shown_span, unit_options
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_plan_form", __name__, url_prefix="/admin/w/<slug>/plan")
MODES, SELECTS, STARTS = ("open", "release", "redeem"), ("fifo", "draw", "score", "manual"), (
    "hand", "at", "after", "approval",
)  # fmt: skip
PPM = 10_000  # of one percent


@blueprint.get("/new")
@guard(Owner.ADMIN, role=Role.ADMIN)
def new_stage(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """A further stage; `?who=` says which condition its form asks for."""
    who = request.args.get("who", "")
    return _page({"mode": "open", "selects": "fifo", "starts": "hand"}, who if who in KINDS or who == "json" else "")


@blueprint.post("/new")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def add_stage(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Counts whom it moves; saves it when that was seen."""
    return _save(None)


@blueprint.get("/stages/<key>/change")
@guard(Owner.ADMIN, role=Role.ADMIN)
def edit_stage(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """The same form, as it is planned."""
    stage = shown_or_404(key).stage
    who = request.args.get("who")
    if who is None or (who not in KINDS and who not in ("", "json")):
        who = "" if stage.tree is None else conditions.kind_of(stage.tree) or "json"
    return _page(_typed(stage), who, stage)


@blueprint.post("/stages/<key>/change")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def change_stage(slug: str, key: str) -> ResponseReturnValue:  # noqa: ARG001
    """Counts, then changes it; approvals are asked for again."""
    return _save(shown_or_404(key).stage)


def _save(stage: Stage | None) -> ResponseReturnValue:
    fields, who, now = Fields(), request.form.get("who", ""), clock.now()
    draft = _read(fields, who, stage)
    if draft is None or fields.errors:
        return _page(request.form, who, stage, fields.errors)
    with reading() as rx:
        moved = would_move(rx, draft)
    if request.form.get("counted") != str(moved):
        return _page(request.form, who, stage, counted=moved)

    def act(tx: Tx) -> None:
        verb = staging.add if stage is None else staging.change
        verb(tx, this_launch(), draft, actor=desk().actor, now=now)

    try:
        pressed("stage", act)
    except (Contradiction, BadSlug, StageTaken, NeedsProof, NoSuchStage) as refusal:
        return _page(request.form, who, stage, [_words(refusal)])
    return back("admin_plan_stage.stage", "planned", key=draft.key)


def _words(refusal: Exception) -> tuple[str, str]:
    """Where on the page a refusal belongs, and what it says."""
    if isinstance(refusal, Contradiction):
        return "mode", wording.say(refusal.code, refusal.params)
    if isinstance(refusal, StageTaken):
        return "key", gettext("There is a stage with this key. Enter another one")
    if isinstance(refusal, BadSlug):
        return "key", gettext("Use small letters, digits and hyphens, like campus-1")
    if isinstance(refusal, NeedsProof):
        return "who", gettext("This waitlist sends no confirmation mails, so no rule can rest on the address.")
    return "mode", gettext("This stage is through, or was taken back meanwhile.")


def _read(fields: Fields, who: str, stage: Stage | None) -> Draft | None:
    tree = _read_tree(fields, who, stage)
    key = stage.key if stage is not None else fields.text("key", most=63, missing=gettext("Enter a key, like campus"))
    mode = fields.choice("mode", MODES, missing=gettext("Select how it lets people in"))
    starts = fields.choice("starts", STARTS, missing=gettext("Select when it starts"))
    at = fields.moment("starts_at", this_launch().tz) if starts == "at" else None
    share = conditions.read_percent(fields, "share")
    exits = {"minutes": read_span(fields, "exit_minutes"), "admitted": fields.number("exit_admitted", 1, 1_000_000)}
    exits |= {"redeemed": fields.number("exit_redeemed", 1, 1_000_000)}
    exits |= {"clear": fields.tick("exit_clear") or None, "ended": fields.tick("exit_ended") or None}
    days = fields.number("days", 1, 365)
    pace = fields.number("pace", 1, 1_000_000)
    asked: dict[str, Any] = {
        "mode": mode, "starts": starts, "starts_at": at, "name": fields.text("name", most=80),
        "selects": fields.choice("selects", SELECTS) or "fifo", "quota": fields.number("quota", 1, 1_000_000),
        "share_ppm": share, "reserved_seats": fields.number("reserved_seats", 0, 1_000_000) or 0,
        "backfill": fields.tick("backfill"), "after_minutes": (read_span(fields, "after") or 0),
        "approvals": fields.number("approvals", 1, 9) or 1, "every_minutes": read_span(fields, "every"),
        "waves_most": fields.number("waves_most", 1, 1_000), "kind": stage.kind if stage is not None else "",
        "exits": {name: value for name, value in exits.items() if value is not None},
        "offer": {"days": days} if days else {}, "timing": {"pace": pace} if pace else {},
    }  # fmt: skip
    return None if fields.errors else Draft(key, tree, **asked)


def _read_tree(fields: Fields, who: str, stage: Stage | None) -> dict[str, Any] | None:
    if who == "json":
        return conditions.read_json(fields, "tree")
    if who not in KINDS:
        return None
    return conditions.read(fields, who, (stage.tree if stage is not None else None) or {"kind": who})


def would_move(rx: Tx, draft: Draft) -> int:
    """How many people a stage would move if it started now."""
    launch, now = this_launch(), clock.now()
    if draft.mode == "release":
        return advancing.would_invite(rx, launch, draft, now)
    tree = draft.tree or rx.execute(sa.select(gate_in_force(launch.id).subquery().c.tree)).scalar_one()
    return sum(simulating.with_stage(rx, launch, parse(tree), now).values())


def _typed(stage: Stage) -> dict[str, Any]:
    """What the form shows of a stage."""
    at = stage.started_at.astimezone(ZoneInfo(this_launch().tz)) if stage.started_at is not None else None
    exits = stage.exits
    typed = {name: getattr(stage, name) for name in ("key", "name", "mode", "selects", "quota", "starts", "backfill")}
    typed |= {"reserved_seats": stage.reserved_seats or "", "approvals": stage.approvals or "", "tree": stage.tree}
    typed |= {"share": "" if stage.share_ppm is None else f"{stage.share_ppm / PPM:g}"}
    typed |= {"waves_most": stage.waves_most or "", "starts_at": f"{at:%Y-%m-%dT%H:%M}" if at is not None else ""}
    typed |= shown_span("every", stage.every_minutes) | shown_span("after", stage.after_minutes or None)
    typed |= shown_span("exit_minutes", exits.get("minutes"))
    typed |= {f"exit_{name}": exits.get(name, "") for name in ("admitted", "redeemed", "clear", "ended")}
    return typed | {"days": stage.offer.get("days", ""), "pace": stage.timing.get("pace", "")}


def _page(
    typed: Any, who: str, stage: Stage | None = None, errors: Errors = (), *, counted: int | None = None
) -> ResponseReturnValue:
    with reading() as rx:
        names = names_of(rx)
    known = request.form if request.method == "POST" else {}
    if not known and stage is not None and stage.tree is not None and conditions.kind_of(stage.tree) == who:
        known = conditions.filled(stage.tree)
    options = [(kind, gettext(words.label)) for kind, words in KINDS.items()]
    trusts = [(key, gettext(words)) for key, words in TRUSTS.items()]
    return admin_page(
        "admin/plan_form.html", status=422 if errors else 200, errors=errors, typed=typed, form=known, who=who,
        stage=stage, counted=counted, kinds=KINDS, kind_options=options, trust_options=trusts, units=unit_options(),
        lists=names.lists, questions=names.questions,
    )  # fmt: skip
