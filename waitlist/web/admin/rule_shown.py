"""A rule as admins read it: sentences with numbers, what a sentence leaves out, and what each says of an address."""

from collections.abc import Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask_babel import gettext

from waitlist.db import Tx
from waitlist.gates import parse
from waitlist.gates.answers import Admits, Answer, Refuses
from waitlist.models.hold import ListRow, NamedList
from waitlist.queries.trying import Tried
from waitlist.sentences import N_
from waitlist.web import wording
from waitlist.web.admin.conditions import KINDS, TRUSTS, kind_of
from waitlist.web.admin.frame import this_launch
from waitlist.web.admin.looking import questions_of
from waitlist.web.admin.ruletree import Tree, is_negated, parts_of, sentences
from waitlist.web.wording import Rule

UNKNOWN = N_("It is not known yet.")


@dataclass(frozen=True)
class Node:
    """A sentence of the tree; `detail` says what it leaves out, `edit` whether it can be written anew."""

    path: str
    rule: Rule
    detail: str
    edit: bool
    parts: tuple["Node", ...] = ()


@dataclass(frozen=True)
class Names:
    """What rules refer to by a key: the lists with their title and size, and the questions."""

    lists: Mapping[str, tuple[str, int]]
    questions: Mapping[str, str]


def names_of(rx: Tx) -> Names:
    """The lists and questions of this launch."""
    size = sa.func.count(ListRow.id)
    lists = sa.select(NamedList.key, NamedList.title, size).outerjoin(ListRow, ListRow.list_id == NamedList.id)
    rows = rx.execute(
        lists.where(NamedList.launch_id == this_launch().id)
        .group_by(NamedList.key, NamedList.title)
        .order_by(NamedList.key)
    )
    return Names({key: (title, n) for key, title, n in rows}, questions_of(rx))


def nodes_of(tree: Tree, names: Names) -> list[Node]:
    """One for each rule that all must meet."""
    return [_node(path, part, names) for path, part in sentences(tree)]


def answers_of(tried: Tried) -> list[tuple[Rule, bool, str]]:
    """Each sentence with whether it lets the address in, and why not."""
    return [(wording.rule(gate.sentence), isinstance(answer, Admits), why(answer)) for gate, answer in tried.parts]


def why(answer: Answer) -> str:
    """Why a rule does not let somebody in, as they would read it."""
    if isinstance(answer, Admits):
        return ""
    return wording.say(answer.code, answer.params) if isinstance(answer, Refuses) else gettext(UNKNOWN)


def _node(path: str, tree: Tree, names: Names) -> Node:
    rule = wording.rule(parse(tree).sentence)
    inner = parts_of(tree)
    if not inner:
        return Node(path, rule, _detail(tree, names), edit=True)
    below = [_node(f"{path}.{number}" if path else str(number), part, names) for number, part in enumerate(inner)]
    if is_negated(tree):
        below = [Node(node.path, node.rule, node.detail, edit=False) for node in below]
    return Node(path, Rule(rule.text), "", edit=bool(kind_of(tree)), parts=tuple(below))


def _detail(tree: Tree, names: Names) -> str:
    """What the public sentence does not say: which list, which question, how sure it must be."""
    said = []
    if "list" in tree:
        title, size = names.lists.get(tree["list"], (tree["list"], 0))
        said.append(gettext("list “%(list)s”, %(n)s on it", list=title, n=size))
    if "question" in tree:
        said.append(names.questions.get(tree["question"], tree["question"]))
    least = KINDS[tree["kind"]].least
    asked = str(tree.get("min_trust", ""))
    if least is not None and asked not in ("", least.name.lower()):
        said.append(gettext(TRUSTS[asked]))
    return " · ".join(said)
