"""Who may join: the rules as a form (and as JSON), published in versions with a public note."""

import json
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import addresses, clock
from waitlist.addresses import BadAddress
from waitlist.db import Tx, one, reading, some
from waitlist.gates import BadGate, explain, parse
from waitlist.gates.answers import Admits, Answer, Refuses
from waitlist.models.access import Role
from waitlist.models.hold import ListRow, NamedList
from waitlist.models.launch import GateRevision, gate_in_force
from waitlist.queries import admins, asks
from waitlist.runtime import runtime
from waitlist.sentences import N_, SENTENCES
from waitlist.services import judging, listing, ruling
from waitlist.services.launching import NeedsProof
from waitlist.services.listing import Listed
from waitlist.services.ruling import RulesChanged
from waitlist.web import wording
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.ruleform import ALLOWED, form_of, read_form, tree_of
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_rules", __name__, url_prefix="/admin/w/<slug>/rules")


@blueprint.get("")
@guard(Owner.ADMIN, role=Role.VIEWER)
def rules(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The rules in force, their form, and what they would say to an address that is tried."""
    return _page([])


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def publish(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """A new version from the form."""
    fields = Fields()
    form = read_form(fields)
    note = fields.text("note", most=280)
    added = _read_allowed(fields)
    if fields.errors:
        return _page(fields.errors, status=422)

    def act(tx: Tx) -> None:
        if added:
            title = gettext("Allow-list")
            listing.add(tx, this_launch(), ALLOWED, added, actor=desk().actor, now=clock.now(), title=title)
        _revise(tx, tree_of(form), note)

    return _published(act, at="domains")


@blueprint.post("/json")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def publish_json(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """A new version from JSON, for rules that the form does not know."""
    fields = Fields()
    note = fields.text("note", most=280)
    try:
        tree = json.loads(request.form.get("tree", ""))
        parse(tree)
    except (ValueError, RecursionError) as error:
        place, said = gettext("line 1"), str(error)
        if isinstance(error, BadGate):
            place, said = error.path, gettext(SENTENCES[error.code])
        fields.wrong("tree", gettext("Correct the JSON at %(place)s: %(error)s", place=place, error=said))
    if fields.errors:
        return _page(fields.errors, status=422)
    return _published(lambda tx: _revise(tx, tree, note), at="tree")


def _revise(tx: Tx, tree: dict[str, Any], note: str) -> None:
    seen = request.form.get("seen", "")
    number = int(seen) if seen.isdecimal() else 0
    ruling.revise(tx, this_launch(), tree, note, seen=number, actor=desk().actor, now=clock.now())


def _published(act: Any, *, at: str) -> ResponseReturnValue:
    try:
        pressed("rules", act)
    except RulesChanged as changed:
        with reading() as rx:
            name = admins.names(rx).get(changed.revision.created_by.partition(":")[2], gettext("Somebody"))
        words = N_("%(name)s published version %(number)s meanwhile. Look at it, then change yours.")
        said = gettext(words, name=name, number=changed.revision.revision)
        return _page([(at, said)], status=409)
    except NeedsProof:
        said = gettext("This waitlist sends no confirmation mails, so no rule can rest on the address.")
        return _page([(at, said)], status=409)
    return back("admin_rules.rules", "published")


def _read_allowed(fields: Fields) -> list[Listed]:
    """Addresses to put on the allow-list."""
    pasted = addresses.parse_pasted(request.form.get("allowed", ""))
    wrong = [item.typed[:60] for item in pasted if item.fault is not None]
    if wrong:
        fields.wrong("allowed", gettext("Correct or remove: %(shown)s", shown=", ".join(wrong[:5])))
    found = [item.address for item in pasted if item.address is not None]
    return [Listed(runtime().abuse_key(address), address.email, address.key) for address in found]


def _page(errors: Errors, *, status: int = 200) -> ResponseReturnValue:
    launch, tried = this_launch(), request.args.get("email", "").strip()
    with reading() as rx:
        present = one(rx, gate_in_force(launch.id))
        versions = sa.select(GateRevision).where(GateRevision.launch_id == launch.id)
        history = some(rx, versions.order_by(GateRevision.revision.desc()).limit(50))
        on_list = sa.select(sa.func.count()).select_from(ListRow).join(NamedList, NamedList.id == ListRow.list_id)
        allowed = rx.scalar(on_list.where(NamedList.launch_id == launch.id, NamedList.key == ALLOWED)) or 0
        answer = _try(rx, tried)
        doers = admins.names(rx)
        wished = asks.domains(rx, launch.id)
    assert present is not None, "every launch has rules from its first day"
    return admin_page(
        "admin/rules.html",
        status=status,
        errors=errors,
        present=present,
        sentences=[wording.rule(sentence) for sentence in explain(parse(present.tree))],
        form=request.form if request.method == "POST" else form_of(present.tree),
        known=form_of(present.tree) is not None,
        json_text=request.form.get("tree") or json.dumps(present.tree, indent=2, ensure_ascii=False),
        history=history,
        allowed=allowed,
        wished=[(wording.domain(name), number) for name, number in wished],
        names=doers,
        tried=tried,
        answer=answer,
    )


def _try(rx: Tx, tried: str) -> tuple[bool, str] | None:
    """Whether an address would be let in, and why; None when nothing was tried."""
    if not tried:
        return None
    try:
        address = addresses.canon(tried)
    except BadAddress as fault:
        return False, wording.say(fault.code, fault.params)
    key = runtime().abuse_key(address)
    answer: Answer = judging.answer_for(rx, this_launch(), domain=address.domain, abuse_key=key, now=clock.now())
    if isinstance(answer, Admits):
        return True, ""
    return False, wording.say(answer.code, answer.params) if isinstance(answer, Refuses) else answer.fact
