"""A rule tree is changed sentence by sentence, and stays one that can be read."""

from __future__ import annotations

import pytest

from waitlist.gates import parse
from waitlist.web.admin.ruletree import EVERYONE, Tree, also, at, beside, put, sentences, without

A: Tree = {"kind": "invited"}
B: Tree = {"kind": "referred"}
C: Tree = {"kind": "denied"}


def both(*gates: Tree) -> Tree:
    return {"kind": "all_of", "gates": list(gates)}


def either(*gates: Tree) -> Tree:
    return {"kind": "any_of", "gates": list(gates)}


def no(gate: Tree) -> Tree:
    return {"kind": "not_of", "gate": gate}


@pytest.mark.parametrize(
    ("changed", "tree"),
    [
        (also(EVERYONE, A), A),
        (also(A, B), both(A, B)),
        (also(both(A, B), C), both(A, B, C)),
        (also(either(A, B), C), both(either(A, B), C)),
        (beside(A, "", B), either(A, B)),
        (beside(both(A, B), "1", C), both(A, either(B, C))),
        (beside(both(A, either(B, C)), "1", A), both(A, either(B, C, A))),
        (put(both(A, either(B, C)), "1.0", no(A)), both(A, either(no(A), C))),
        (put(A, "", B), B),
        (without(A, ""), EVERYONE),
        (without(both(A, B), "0"), B),
        (without(both(A, either(B, C)), "1.1"), both(A, B)),
        (without(both(A, no(B)), "1.0"), A),
        (without(no(A), "0"), EVERYONE),
        (put(no(either(A, B)), "0.1", C), no(either(A, C))),
    ],
)
def test_a_change_makes_the_tree_that_was_meant(changed: Tree, tree: Tree) -> None:
    assert changed == tree
    parse(changed)


def test_each_sentence_has_its_path() -> None:
    assert list(sentences(both(A, no(B)))) == [("0", A), ("1", no(B))]
    assert list(sentences(either(A, B))) == [("", either(A, B))]
    assert at(both(A, no(B)), "1.0") == B


@pytest.mark.parametrize("path", ["9", "0.0", "x", "0.", "1234", "-1"])
def test_a_place_that_is_not_there_is_not_found(path: str) -> None:
    with pytest.raises(LookupError):
        at(both(A, B), path)
