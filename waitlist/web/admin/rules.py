"""Who may join: the rules in force as sentences, an address that is tried, the lists, and the versions before."""

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import addresses, clock
from waitlist.addresses import Address, BadAddress
from waitlist.db import Tx, one, reading, some
from waitlist.gates import Gate, parse
from waitlist.gates.answers import Fact, Trust
from waitlist.models.access import Role
from waitlist.models.launch import GateRevision, gate_in_force
from waitlist.queries import admins, asks
from waitlist.queries.trying import Tried, tried
from waitlist.runtime import runtime
from waitlist.services import listing
from waitlist.services.listing import Listed
from waitlist.web import wording
from waitlist.web.admin import conditions
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.rule_shown import answers_of, names_of, nodes_of, why
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_rules", __name__, url_prefix="/admin/w/<slug>/rules")
ALLOWED = "allowed"  # key of the list that is made at first need


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def rules(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The rules in force, and what they would say to an address that is tried."""
    fields = Fields(asked=request.args)
    told = told_of(fields)
    return page(fields.errors, told)


@blueprint.post("/lists")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def add_to_list(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """Addresses for a list that rules refer to; the list is made at first need."""
    fields = Fields()
    key = fields.text("list", most=63) or ALLOWED
    added = _read_listed(fields)
    if not listing.KEY.fullmatch(key):
        fields.wrong("list", gettext("Use small letters, digits and hyphens"))
    if fields.errors:
        return page(fields.errors)

    def act(tx: Tx) -> None:
        title = gettext("Allow-list") if key == ALLOWED else key
        listing.add(tx, this_launch(), key, added, actor=desk().actor, now=clock.now(), title=title)

    pressed("lists", act)
    return back("admin_rules.rules", "listed")


def told_of(fields: Fields) -> Callable[[Tx, Gate], Tried | None]:
    """What is asked of the rules by "Try it": an address, and what is supposed of whoever has it."""
    typed = fields.text("email", most=254)
    if not typed:
        return lambda rx, gate: None  # noqa: ARG005
    try:
        address = addresses.canon(typed)
    except BadAddress as fault:
        fields.wrong("email", wording.say(fault.code, fault.params))
        return lambda rx, gate: None  # noqa: ARG005
    supposed = _supposed(fields)
    return lambda rx, gate: _tried(rx, gate, address, supposed)


def page(errors: Errors = (), told: Callable[[Tx, Gate], Tried | None] | None = None) -> ResponseReturnValue:
    """The page of the rules in force."""
    launch = this_launch()
    with reading() as rx:
        present = one(rx, gate_in_force(launch.id))
        assert present is not None, "every launch has rules from its first day"
        versions = sa.select(GateRevision).where(GateRevision.launch_id == launch.id)
        history = some(rx, versions.order_by(GateRevision.revision.desc()).limit(50))
        names = names_of(rx)
        found = told(rx, parse(present.tree)) if told else None
        doers, wished = admins.names(rx), asks.domains(rx, launch.id)
    return admin_page(
        "admin/rules.html",
        status=422 if errors else 200,
        errors=errors,
        present=present,
        nodes=nodes_of(present.tree, names),
        history=history,
        lists=names.lists,
        wished=[(wording.domain(name), number) for name, number in wished],
        names=doers,
        **tried_context(found),
    )


def tried_context(found: Tried | None) -> dict[str, object]:
    """What the answer to "Try it" is shown from."""
    typed = request.form if request.method == "POST" else request.args
    shown = {"parts": answers_of(found), "why": why(found.answer)} if found else {}
    return {"asked": typed, "tried": found, **shown}


def _supposed(fields: Fields) -> list[Fact]:
    """What somebody tries beside the address: where it lives, and what it holds."""
    now, typed = clock.now(), fields.text("country")
    code = conditions.country(typed) if typed else None
    if typed and code is None:
        fields.wrong("country", gettext("There is no country “%(name)s”. Write its name or its code.", name=typed[:60]))
    held = {"invite": fields.tick("invite"), "referrer": fields.tick("referrer")}
    facts = [Fact(name, True, Trust.VERIFIED, "supposed", now) for name, holds in held.items() if holds]
    return facts + ([Fact("country", code, Trust.AUTHORITATIVE, "supposed", now)] if code else [])


def _tried(rx: Tx, gate: Gate, address: Address, told: list[Fact]) -> Tried:
    key = runtime().abuse_key(address)
    whose = {"domain": address.domain, "email_key": address.key, "abuse_key": key}
    return tried(rx, this_launch(), gate, **whose, told=told, now=clock.now())


def _read_listed(fields: Fields) -> list[Listed]:
    pasted = addresses.parse_pasted(request.form.get("addresses", ""))
    wrong = [item.typed[:60] for item in pasted if item.fault is not None]
    if wrong:
        fields.wrong("addresses", gettext("Correct or remove: %(shown)s", shown=", ".join(wrong[:5])))
    elif not pasted:
        fields.wrong("addresses", gettext("Enter an e-mail address"))
    found = [item.address for item in pasted if item.address is not None]
    return [Listed(runtime().abuse_key(address), address.email, address.key) for address in found]
