"""Rules being written: sentence by sentence, counted before they are in force, and never over somebody else's unseen.

Nothing is kept before it is published: what is written travels with the page.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.gates import BadGate, dump, parse
from waitlist.models.access import Role
from waitlist.models.launch import GateRevision, gate_in_force
from waitlist.queries import admins, foreseeing
from waitlist.sentences import SENTENCES
from waitlist.services import ruling
from waitlist.services.launching import NeedsProof, NobodyNew
from waitlist.services.ruling import RulesChanged
from waitlist.web.admin import conditions, ruletree
from waitlist.web.admin.conditions import KINDS, TRUSTS
from waitlist.web.admin.fields import DIGITS, Fields
from waitlist.web.admin.frame import admin_page, back, desk, pressed, this_launch
from waitlist.web.admin.rule_shown import Names, Node, names_of, nodes_of
from waitlist.web.admin.rules import told_of, tried_context
from waitlist.web.admin.ruletree import EVERYONE, Tree
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_rule_drafts", __name__, url_prefix="/admin/w/<slug>/rules")
NEW = "new"


@dataclass(frozen=True)
class Draft:
    """What is being written, over which version, with its note; `open` is the sentence that is open as a form."""

    tree: Tree
    seen: int
    note: str = ""
    open: str | None = None
    kind: str = ""


@blueprint.get("/draft")
@guard(Owner.ADMIN, role=Role.ADMIN)
def begin(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """Start from the rules in force, or from those of an earlier version."""
    launch, asked = this_launch(), request.args.get("version", "")
    number = int(asked) if asked.isdecimal() and len(asked) <= DIGITS else launch.revision
    with reading() as rx:
        here = sa.and_(GateRevision.launch_id == launch.id, GateRevision.revision == number)
        start = one(rx, sa.select(GateRevision).where(here))
    if start is None:
        abort(404)
    return _page(Draft(start.tree, launch.revision))


@blueprint.post("/draft")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def change(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """One step: open, put, take out, add, try, or read the JSON."""
    fields = Fields()
    draft = _read(fields)
    do, _, path = request.form.get("do", "").partition(":")
    if fields.errors:
        return _page(draft, fields.errors)
    try:
        draft = _stepped(draft, do, path, fields)
    except (LookupError, IndexError):
        abort(404)
    return _page(draft, fields.errors, trying=do == "try")


@blueprint.post("/check")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def check(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """What these rules would change, for how many, before anybody is asked by them."""
    fields = Fields()
    draft = _read(fields)
    return _page(draft, fields.errors) if fields.errors else _checked(draft)


@blueprint.post("")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ADMIN)
def publish(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """A new version, unless somebody published one that was not seen."""
    fields = Fields()
    draft = _read(fields)
    if fields.errors:
        return _page(draft, fields.errors)
    keep_word = fields.tick("keep_word")

    def act(tx: Tx) -> None:
        ruling.revise(
            tx, this_launch(), draft.tree, draft.note,
            seen=draft.seen, keep_word=keep_word, actor=desk().actor, now=clock.now(),
        )  # fmt: skip

    try:
        pressed("rules", act)
    except RulesChanged:
        return _checked(draft, status=409)
    except NobodyNew:
        said = gettext(
            "Nobody new could meet a rule over vouches: they begin once somebody is in line. "
            "Put it into a stage of the rollout plan, or join it with another rule by “or”."
        )
        return _page(draft, [("rules", said)], status=409)
    except NeedsProof:
        said = gettext("This waitlist sends no confirmation mails, so no rule can rest on the address.")
        return _page(draft, [("rules", said)], status=409)
    return back("admin_rules.rules", "published")


def _read(fields: Fields) -> Draft:
    """The draft that came with the page; JSON that cannot be read is told, and everybody stands for it meanwhile."""
    seen = request.form.get("seen", "")
    number = int(seen) if seen.isdecimal() and len(seen) <= DIGITS else 0
    tree = conditions.read_json(fields, "tree")
    return Draft(EVERYONE if tree is None else dump(parse(tree)), number, fields.text("note", most=280))


def _stepped(draft: Draft, do: str, path: str, fields: Fields) -> Draft:
    """The draft after a step. Raises LookupError for a place that is not there."""
    match do:
        case "edit":
            kind = conditions.kind_of(ruletree.at(draft.tree, path))
            return replace(draft, open=path, kind=kind) if kind else draft
        case "take":
            return replace(draft, tree=ruletree.without(draft.tree, path))
        case "add":
            kind = fields.choice("kind", KINDS, missing=gettext("Select a condition"))
            return replace(draft, open=NEW, kind=kind) if kind else draft
        case "put":
            return _put(draft, request.form.get("path", ""), fields)
        case "over":
            return replace(draft, seen=this_launch().revision)
    return draft


def _put(draft: Draft, path: str, fields: Fields) -> Draft:
    """The sentence that was open, in its place; what is wrong with it leaves it open."""
    kind = request.form.get("kind", "")
    if kind not in KINDS:
        raise LookupError(kind)
    before = EVERYONE if path == NEW else ruletree.at(draft.tree, path)
    rule = conditions.read(fields, kind, before)
    if rule is None:
        return replace(draft, open=path, kind=kind)
    rule, instead = dump(parse(rule)), request.form.get("instead", "")
    if path != NEW:
        tree = ruletree.put(draft.tree, path, rule)
    elif instead:
        tree = ruletree.beside(draft.tree, instead.removeprefix("at:"), rule)
    else:
        tree = ruletree.also(draft.tree, rule)
    try:
        return replace(draft, tree=dump(parse(tree)))
    except BadGate as fault:  # too deep or too large
        fields.wrong("rules", gettext(SENTENCES[fault.code]))
        return draft


def _page(draft: Draft, errors: Errors = (), *, status: int = 0, trying: bool = False) -> ResponseReturnValue:
    fields = Fields()
    told = told_of(fields) if trying else None
    with reading() as rx:
        names = names_of(rx)
        found = told(rx, parse(draft.tree)) if told else None
        newer = _newer(rx, draft, names)
    nodes = nodes_of(draft.tree, names)
    errors = [*errors, *fields.errors]
    return admin_page(
        "admin/rule_draft.html",
        status=status or (422 if errors else 200),
        errors=errors,
        draft=draft,
        nodes=nodes,
        json_text=request.form.get("tree") if errors else json.dumps(draft.tree, indent=2, ensure_ascii=False),
        kinds=KINDS,
        kind_options=[(name, gettext(kind.label)) for name, kind in KINDS.items()],
        trust_options=[(name, gettext(words)) for name, words in TRUSTS.items()],
        places=[(f"at:{node.path}", gettext("Or instead of: %(rule)s", rule=node.rule.text)) for node in nodes],
        form=_form(draft),
        lists=names.lists,
        questions=names.questions,
        newer=newer,
        new=NEW,
        **tried_context(found),
    )


def _form(draft: Draft) -> Any:
    """What the open sentence holds: as it was typed just now, or as it stands in the tree."""
    if draft.open is None:
        return {}
    if request.form.get("do", "") == "put":
        return request.form
    return {} if draft.open == NEW else conditions.filled(ruletree.at(draft.tree, draft.open))


def _checked(draft: Draft, *, status: int = 200) -> ResponseReturnValue:
    launch = this_launch()
    with reading() as rx:
        present = one(rx, gate_in_force(launch.id))
        assert present is not None, "every launch has rules from its first day"
        effect = foreseeing.of_rules(rx, launch, parse(present.tree), parse(draft.tree), clock.now())
        names = names_of(rx)
        newer = _newer(rx, draft, names)
    return admin_page(
        "admin/rule_check.html",
        status=status,
        draft=draft,
        tree_text=json.dumps(draft.tree),
        effect=effect,
        before=nodes_of(present.tree, names),
        after=nodes_of(draft.tree, names),
        present=present,
        newer=newer,
    )


def _newer(rx: Tx, draft: Draft, names: Names) -> tuple[GateRevision, str, list[Node]] | None:
    """The version that was published since this draft was begun, by whom, in sentences; None where there is none."""
    present = one(rx, gate_in_force(this_launch().id))
    if present is None or present.revision == draft.seen:
        return None
    who = admins.names(rx).get(present.created_by.partition(":")[2], gettext("Somebody"))
    return present, who, nodes_of(present.tree, names)
