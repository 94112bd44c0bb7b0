"""Presets: one of eight ways to open a waitlist, asked for in a few words, and shown as a difference before saved."""

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, one, reading, some
from waitlist.gates import BadGate, explain, parse
from waitlist.models.access import Role
from waitlist.models.launch import gate_in_force
from waitlist.models.stage import stages
from waitlist.sentences import N_, SENTENCES
from waitlist.services import presetting
from waitlist.services.contradicting import Contradiction
from waitlist.services.launching import NeedsProof
from waitlist.services.presetting import Proposal, Wishes
from waitlist.services.ruling import RulesChanged
from waitlist.services.staging import NoSuchStage
from waitlist.web import wording
from waitlist.web.admin.conditions import countries
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.plan_form import would_move
from waitlist.web.admin.presets import read_domains
from waitlist.web.admin.spans import read_span, unit_options
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_plan_presets", __name__, url_prefix="/admin/w/<slug>/plan/presets")

# Each preset: its name, what it does, the fields it asks for, and the words it proposes for the public page.
PRESETS: dict[str, tuple[str, str, tuple[str, ...], str]] = {
    "vip": (
        N_("VIPs first"),
        N_("People on a list are invited within the hour, with seats of their own; everybody else follows in waves."),
        ("list_key", "reserved_seats", "size", "every", "starts_at"),
        N_("Our regulars first, then everybody in line."),
    ),
    "campus": (
        N_("One campus or company"),
        N_("Whoever proves an address at these domains is in, or may come in by an invite."),
        ("domains", "invite_only", "starts_at"),
        N_("Open to one campus, by your address there."),
    ),
    "friends": (
        N_("Friends of members"),
        N_("The first members are invited from a list; then people come in by invites, so many steps away from them."),
        ("list_key", "hops", "starts_at"),
        N_("You come in by somebody who is in."),
    ),
    "regions": (
        N_("Region by region"),
        N_("One group of countries after the other; nobody loses what they had."),
        ("groups", "every", "starts_at"),
        N_("Country by country."),
    ),
    "beta": (
        N_("Beta test"),
        N_("Two waves by draw; then everybody, once somebody else approves it and nothing is paused."),
        ("size", "every", "starts_at"),
        N_("A test with people who were drawn; then everybody."),
    ),
    "everyone": (
        N_("Everyone at once"),
        N_("At one moment everybody is in, also people who never joined."),
        ("starts_at",),
        N_("Soon open to everybody."),
    ),
    "slow": (
        N_("Slow waves"),
        N_("So many people at a time, or 1, 2, 5, 10, 20, 50 and 100 percent, a day each."),
        ("size", "every", "ramp", "starts_at"),
        N_("A few more people each time, first come, first served."),
    ),
    "departments": (
        N_("Departments in a company"),
        N_("One department after the other, each once somebody else approves its start."),
        ("groups",),
        N_("Department by department."),
    ),
}


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.ADMIN)
def presets(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The eight of them."""
    return admin_page("admin/plan_presets.html", presets=PRESETS)


@blueprint.get("/<kind>")
@guard(Owner.ADMIN, role=Role.ADMIN)
def preset(slug: str, kind: str) -> ResponseReturnValue:  # noqa: ARG001
    """What it asks for."""
    if kind not in PRESETS:
        abort(404)
    return _page(kind, {"list_key": "vip" if kind == "vip" else "founders", "every": 7, "every_unit": "d", "hops": 2})


@blueprint.post("/<kind>")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def fill(slug: str, kind: str) -> ResponseReturnValue:  # noqa: ARG001
    """Shows what it would change; does what was shown, all or nothing."""
    if kind not in PRESETS:
        abort(404)
    fields = Fields()
    proposal, seen = _proposal(fields, kind), request.form.get("seen", "")
    if proposal is None or fields.errors:
        return _page(kind, request.form, fields.errors)
    if "seen" not in request.form:
        return _page(kind, request.form, proposal=proposal)

    def act(tx: Tx) -> None:
        number = int(seen) if seen.isdecimal() and len(seen) < 10 else 0
        presetting.apply(tx, this_launch(), proposal, seen=number, actor=desk().actor, now=clock.now())

    try:
        pressed("preset", act)
    except (RulesChanged, NoSuchStage):
        changed = [("starts_at", gettext("Somebody changed the plan or the rules meanwhile. Look again."))]
        return _page(kind, request.form, changed, status=409)
    except NeedsProof:
        said = gettext("This waitlist sends no confirmation mails, so no rule can rest on the address.")
        return _page(kind, request.form, [("starts_at", said)])
    return back("admin_plan.plan", "filled")


def _proposal(fields: Fields, kind: str) -> Proposal | None:
    """What the preset would change; what is wrong stands in `fields.errors`."""
    asks, launch, now = PRESETS[kind][2], this_launch(), clock.now()
    wishes = _wishes(fields, asks, kind)
    if fields.errors:
        return None
    try:
        with reading() as rx:
            rules = one(rx, gate_in_force(launch.id))
            assert rules is not None, "every launch has rules from its first day"
            proposal = presetting.propose(kind, wishes, launch, some(rx, stages(launch.id)), rules.tree, now)
            presetting.check(rx, launch, proposal)
    except Contradiction as refusal:
        at = {"plan_nothing": "groups", "plan_needs_size": "size"}.get(refusal.code, "starts_at")
        fields.wrong(at, wording.say(refusal.code, refusal.params))
        return None
    except BadGate as fault:
        fields.wrong("groups" if "groups" in asks else "list_key", gettext(SENTENCES[fault.code]))
        return None
    return proposal


def _wishes(fields: Fields, asks: tuple[str, ...], kind: str) -> Wishes:
    wishes = Wishes(headline=fields.text("headline", most=140), note=fields.text("note", most=280))
    if "starts_at" in asks:
        wishes = replace(wishes, starts_at=_moment(fields))
    if "domains" in asks:
        domains = read_domains(fields, missing=gettext("Enter a domain, like college.edu"))
        wishes = replace(wishes, domains=tuple(sorted(set(domains))), subdomains=fields.tick("subdomains"))
        wishes = replace(wishes, invite_only=fields.tick("invite_only"))
    if "list_key" in asks:
        wishes = replace(wishes, list_key=fields.text("list_key", most=63, missing=gettext("Enter the key of a list")))
    if "hops" in asks:
        wishes = replace(wishes, hops=fields.number("hops", 1, 6) or 2)
    if "groups" in asks:
        wishes = replace(wishes, groups=_groups(fields, regions=kind == "regions"))
    if "reserved_seats" in asks:
        wishes = replace(wishes, reserved_seats=fields.number("reserved_seats", 0, 1_000_000) or 0)
    if "size" in asks:
        wishes = replace(wishes, size=fields.number("size", 1, 1_000_000), ramp=fields.tick("ramp"))
    if "every" in asks:
        wishes = replace(wishes, every_minutes=read_span(fields, "every") or presetting.DAY * 7)
    return wishes


def _moment(fields: Fields) -> datetime | None:
    at = fields.moment("starts_at", this_launch().tz)
    if at is not None and at <= clock.now():
        fields.wrong("starts_at", gettext("Enter a date and time in the future"))
    return at


def _groups(fields: Fields, *, regions: bool) -> tuple[tuple[str, ...], ...]:
    """One step on each line."""
    groups = []
    for line in fields.text("groups", most=10_000).splitlines():
        words = [word.strip() for word in re.split(r"[,;]+", line) if word.strip()]
        codes = [countries(word) if regions else (word.casefold(),) for word in words]
        for word, found in zip(words, codes, strict=True):
            if not found:
                said = gettext("There is no country “%(name)s”. Write its name or its code.", name=word[:60])
                fields.wrong("groups", said)
        if codes:
            groups.append(tuple(code for found in codes for code in found))
    return tuple(groups)


def _page(
    kind: str, typed: Any, errors: Errors = (), *, proposal: Proposal | None = None, status: int = 0
) -> ResponseReturnValue:
    launch = this_launch()
    with reading() as rx:
        rules = one(rx, gate_in_force(launch.id))
        moved = [would_move(rx, draft) for draft in proposal.drafts] if proposal is not None else []
    assert rules is not None, "every launch has rules from its first day"
    return admin_page(
        "admin/plan_preset.html", status=status or (422 if errors else 200), errors=errors, typed=typed, kind=kind,
        preset=PRESETS[kind], proposal=proposal, moved=moved, seen=launch.revision,
        before=_sentences(rules.tree), after=_sentences(proposal.tree) if proposal and proposal.tree else None,
        rules_of=_rule, headline=launch.headline or gettext(PRESETS[kind][3]), units=unit_options(),
    )  # fmt: skip


def _rule(tree: dict[str, Any] | None) -> str:
    return "" if tree is None else wording.rule(parse(tree).sentence).text


def _sentences(tree: dict[str, Any]) -> list[wording.Rule]:
    return [wording.rule(sentence) for sentence in explain(parse(tree))]
