"""Rules come from JSON, and what cannot be read is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from waitlist.gates import BadGate, parse
from waitlist.gates.parsing import DEEPEST, MOST_NODES

EVERYONE = {"kind": "everyone"}


def nested(levels: int) -> dict[str, Any]:
    tree: dict[str, Any] = EVERYONE
    for _ in range(levels - 1):
        tree = {"kind": "not_of", "gate": tree}
    return tree


@pytest.mark.parametrize(
    ("tree", "path", "code"),
    [
        (None, "$", "gate_wrong_type"),
        ([], "$", "gate_wrong_type"),
        ({}, "$.kind", "gate_missing_key"),
        ({"kind": 7}, "$.kind", "gate_wrong_type"),
        ({"kind": ""}, "$.kind", "gate_empty"),
        ({"kind": "mars"}, "$.kind", "gate_unknown_kind"),
        ({"kind": "everyone", "but": "me"}, "$.but", "gate_unknown_key"),
        ({"kind": "domain"}, "$.domains", "gate_missing_key"),
        ({"kind": "domain", "domains": "college.edu"}, "$.domains", "gate_wrong_type"),
        ({"kind": "domain", "domains": []}, "$.domains", "gate_empty"),
        ({"kind": "domain", "domains": [7]}, "$.domains[0]", "gate_wrong_type"),
        ({"kind": "domain", "domains": ["a.edu", "*.b.edu"]}, "$.domains[1]", "gate_wildcard"),
        ({"kind": "domain", "domains": ["College.edu"]}, "$.domains[0]", "gate_not_a_domain"),
        ({"kind": "domain", "domains": ["college"]}, "$.domains[0]", "gate_not_a_domain"),
        ({"kind": "domain", "domains": ["a.edu\n"]}, "$.domains[0]", "gate_not_a_domain"),
        ({"kind": "domain", "domains": ["a.edu"], "subdomains": 1}, "$.subdomains", "gate_wrong_type"),
        ({"kind": "domain", "domains": ["a.edu"], "excluded": ["-"]}, "$.excluded[0]", "gate_not_a_domain"),
        ({"kind": "domain", "domains": ["a.edu"], "min_trust": "blind"}, "$.min_trust", "gate_unknown_trust"),
        ({"kind": "listed", "list": "VIPs!"}, "$.list", "gate_not_a_list"),
        ({"kind": "any_of", "gates": []}, "$.gates", "gate_empty"),
        ({"kind": "all_of", "gates": [EVERYONE, {"kind": "x"}]}, "$.gates[1].kind", "gate_unknown_kind"),
        ({"kind": "not_of", "gate": []}, "$.gate", "gate_wrong_type"),
        ({"kind": "not_of"}, "$.gate", "gate_missing_key"),
        (nested(DEEPEST + 1), "$" + ".gate" * DEEPEST, "gate_too_deep"),
        ({"kind": "all_of", "gates": [EVERYONE] * MOST_NODES}, f"$.gates[{MOST_NODES - 1}]", "gate_too_large"),
    ],
)
def test_a_rule_that_cannot_be_read_names_the_place_and_the_reason(tree: object, path: str, code: str) -> None:
    with pytest.raises(BadGate) as refused:
        parse(tree)
    assert (refused.value.path, refused.value.code) == (path, code)
    assert str(refused.value) == f"{path}: {code}"


def test_a_rule_may_be_as_deep_and_as_large_as_the_limits_say() -> None:
    assert parse(nested(DEEPEST)).kind == "not_of"
    assert parse({"kind": "all_of", "gates": [EVERYONE] * (MOST_NODES - 1)}).kind == "all_of"
