"""The tree of a rule, changed sentence by sentence. A path names a part by its numbers, like "0.1"; "" is the tree."""

from collections.abc import Iterator, Sequence
from typing import Any

Tree = dict[str, Any]
EVERYONE: Tree = {"kind": "everyone"}


def parts_of(tree: Tree) -> Sequence[Tree]:
    """The rules that an operator holds; none for a condition."""
    return tree["gates"] if "gates" in tree else [tree["gate"]] if "gate" in tree else []


def at(tree: Tree, path: str) -> Tree:
    """What stands at a path; raises LookupError."""
    for number in _numbers(path):
        tree = parts_of(tree)[number]
    return tree


def put(tree: Tree, path: str, rule: Tree) -> Tree:
    """The tree with this rule in the place of what stands at the path."""
    return _changed(tree, _numbers(path), [rule])


def without(tree: Tree, path: str) -> Tree:
    """The tree without what stands at the path; a tree without rules is for everyone."""
    return _changed(tree, _numbers(path), []) or EVERYONE


def also(tree: Tree, rule: Tree) -> Tree:
    """The tree with one more rule that all must meet."""
    if tree == EVERYONE:
        return rule
    if tree["kind"] == "all_of":
        return tree | {"gates": [*tree["gates"], rule]}
    return {"kind": "all_of", "gates": [tree, rule]}


def beside(tree: Tree, path: str, rule: Tree) -> Tree:
    """The tree with a rule that may be met instead of what stands at the path."""
    there = at(tree, path)
    if there["kind"] == "any_of":
        return put(tree, path, there | {"gates": [*there["gates"], rule]})
    return put(tree, path, {"kind": "any_of", "gates": [there, rule]})


def is_negated(tree: Tree) -> bool:
    """Whether this is one condition the other way round, which is written and shown as one sentence."""
    return tree["kind"] == "not_of" and not parts_of(tree["gate"])


def sentences(tree: Tree) -> Iterator[tuple[str, Tree]]:
    """The paths of the rules that all must meet, in order."""
    if tree["kind"] == "all_of":
        yield from ((str(number), part) for number, part in enumerate(tree["gates"]))
    else:
        yield "", tree


def _numbers(path: str) -> list[int]:
    numbers = path.split(".") if path else []
    if not all(number.isdecimal() and len(number) < 4 for number in numbers):
        raise LookupError(path)
    return [int(number) for number in numbers]


def _changed(tree: Tree, path: Sequence[int], instead: list[Tree]) -> Tree:
    """The tree with `instead` at the path; an operator that has nothing left goes too, and one of one is that one."""
    if not path:
        return instead[0] if instead else {}
    parts = list(parts_of(tree))
    changed = _changed(parts[path[0]], path[1:], instead)
    if tree["kind"] == "not_of":
        return tree | {"gate": changed} if changed else {}
    parts[path[0] : path[0] + 1] = [changed] if changed else []
    if not parts:
        return {}
    return parts[0] if len(parts) == 1 else tree | {"gates": parts}
