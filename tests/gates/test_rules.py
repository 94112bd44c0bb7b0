"""Who a rule lets in: a table of cases over plain facts, in three-valued logic."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waitlist.gates import dump, explain, parse
from waitlist.gates.answers import Admits, Answer, Applicant, Fact, Needs, Refuses, Trust

NOW = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
EVERYONE = {"kind": "everyone"}
NOBODY = {"kind": "not_of", "gate": EVERYONE}
CAMPUS = {"kind": "domain", "domains": ["college.edu"]}
WIDE = {"kind": "domain", "domains": ["college.edu"], "subdomains": True, "excluded": ["alumni.college.edu"]}
VIPS = {"kind": "listed", "list": "vips"}


def fact(name: str, value: object, trust: Trust = Trust.AUTHORITATIVE, **when: Any) -> Fact:
    return Fact(name, value, trust, "test", when.pop("observed_at", NOW), **when)


def person(**facts: object) -> Applicant:
    return Applicant.of([fact(name, value) for name, value in facts.items()])


def ask(tree: dict[str, Any], applicant: Applicant) -> Answer:
    return parse(tree).answer(applicant, NOW)


def all_of(*gates: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "all_of", "gates": list(gates)}


def any_of(*gates: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "any_of", "gates": list(gates)}


def not_of(gate: dict[str, Any]) -> dict[str, Any]:
    return {"kind": "not_of", "gate": gate}


REFUSED = Refuses("domain_not_allowed", {"domain": "x.edu", "domains": ("college.edu",)})


@pytest.mark.parametrize(
    ("tree", "facts", "answer"),
    [
        (EVERYONE, {}, Admits()),
        (CAMPUS, {"domain": "college.edu"}, Admits()),
        (CAMPUS, {}, Needs("domain")),
        (CAMPUS, {"domain": 7}, Needs("domain")),
        (CAMPUS, {"domain": "x.edu"}, REFUSED),
        (
            CAMPUS,
            {"domain": "cs.college.edu"},
            Refuses("subdomain_not_allowed", {"domain": "cs.college.edu", "domains": ("college.edu",)}),
        ),
        (
            CAMPUS,
            {"domain": "evilcollege.edu"},
            Refuses("domain_not_allowed", {"domain": "evilcollege.edu", "domains": ("college.edu",)}),
        ),
        (WIDE, {"domain": "cs.college.edu"}, Admits()),
        (
            WIDE,
            {"domain": "evilcollege.edu"},
            Refuses("domain_not_allowed", {"domain": "evilcollege.edu", "domains": ("college.edu",)}),
        ),
        (
            WIDE,
            {"domain": "old.alumni.college.edu"},
            Refuses("domain_excluded", {"domain": "old.alumni.college.edu", "domains": ("college.edu",)}),
        ),
        (VIPS, {"lists": frozenset({"vips", "staff"})}, Admits()),
        (VIPS, {"lists": frozenset({"vip"})}, Refuses("not_on_list")),
        (VIPS, {"lists": "vips"}, Needs("lists")),
        (VIPS, {}, Needs("lists")),
        ({"kind": "invited"}, {"invite": True}, Admits()),
        ({"kind": "invited"}, {"invite": False}, Refuses("invite_needed")),
        ({"kind": "invited"}, {}, Refuses("invite_needed")),
        ({"kind": "referred"}, {"referrer": True}, Admits()),
        ({"kind": "referred"}, {}, Refuses("referral_needed")),
        ({"kind": "denied"}, {}, Admits()),
        ({"kind": "denied"}, {"denied": True}, Refuses("denied")),
        ({"kind": "denied"}, {"denied": False}, Admits()),
    ],
)
def test_each_condition_answers_as_its_words_say(
    tree: dict[str, Any], facts: dict[str, object], answer: Answer
) -> None:
    assert ask(tree, person(**facts)) == answer


@pytest.mark.parametrize(
    ("tree", "answer"),
    [
        (all_of(EVERYONE, EVERYONE), Admits()),
        (all_of(EVERYONE, CAMPUS), Needs("domain")),
        (all_of(CAMPUS, VIPS), Needs("domain")),
        (all_of(CAMPUS, NOBODY), Refuses("not_allowed")),
        (any_of(CAMPUS, EVERYONE), Admits()),
        (any_of(NOBODY, CAMPUS), Needs("domain")),
        (any_of(NOBODY, {"kind": "invited"}), Refuses("not_allowed", also=(Refuses("invite_needed"),))),
        (not_of(EVERYONE), Refuses("not_allowed")),
        (not_of({"kind": "invited"}), Admits()),
        (not_of(CAMPUS), Needs("domain")),
        (not_of(not_of(CAMPUS)), Needs("domain")),
        (not_of(all_of(CAMPUS, EVERYONE)), Needs("domain")),
        (not_of(any_of(CAMPUS, NOBODY)), Needs("domain")),
        (not_of(all_of(CAMPUS, NOBODY)), Admits()),
    ],
)
def test_gates_made_of_gates_know_what_they_do_not_know(tree: dict[str, Any], answer: Answer) -> None:
    """Of this applicant nothing is known: unknown never admits, under negation neither."""
    assert ask(tree, Applicant()) == answer


def test_every_other_way_out_of_a_refusal_is_named() -> None:
    answer = ask(any_of(CAMPUS, any_of({"kind": "invited"}, {"kind": "referred"})), person(domain="x.edu"))
    assert isinstance(answer, Refuses)
    assert (answer.code, [other.code for other in answer.also]) == ("domain_not_allowed", ["invite_needed"])
    assert [other.code for other in answer.also[0].also] == ["referral_needed"]


TRUTH = {"yes": EVERYONE, "no": NOBODY, "unknown": CAMPUS}
VALUE = {"no": 0, "unknown": 1, "yes": 2}


def truth(answer: Answer) -> int:
    return {Admits: 2, Needs: 1, Refuses: 0}[type(answer)]


trees: st.SearchStrategy[tuple[dict[str, Any], int]] = st.recursive(
    st.sampled_from(sorted(TRUTH)).map(lambda word: (TRUTH[word], VALUE[word])),
    lambda inner: st.one_of(
        inner.map(lambda pair: (not_of(pair[0]), 2 - pair[1])),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda pairs: (all_of(*(tree for tree, _ in pairs)), min(value for _, value in pairs))
        ),
        st.lists(inner, min_size=1, max_size=3).map(
            lambda pairs: (any_of(*(tree for tree, _ in pairs)), max(value for _, value in pairs))
        ),
    ),
    max_leaves=8,
)


def depth(tree: dict[str, Any]) -> int:
    inner = tree.get("gates", [tree["gate"]] if "gate" in tree else [])
    return 1 + max((depth(gate) for gate in inner), default=0)


@given(trees.filter(lambda pair: depth(pair[0]) <= 8))
def test_any_tree_answers_by_kleenes_logic(pair: tuple[dict[str, Any], int]) -> None:
    """Minimum for all, maximum for any, complement for not (Kleene 1952, strong logic of indeterminacy)."""
    tree, value = pair
    assert truth(ask(tree, Applicant())) == value


@given(trees.filter(lambda pair: depth(pair[0]) <= 8))
def test_a_rule_survives_being_stored(pair: tuple[dict[str, Any], int]) -> None:
    gate = parse(pair[0])
    assert parse(dump(gate)) == gate
    assert dump(parse(dump(gate))) == dump(gate)


@pytest.mark.parametrize("tree", [WIDE, VIPS, {"kind": "invited"}, {"kind": "referred"}, {"kind": "denied"}])
def test_every_condition_survives_being_stored(tree: dict[str, Any]) -> None:
    gate = parse(tree)
    assert parse(dump(gate)) == gate


def test_a_fact_that_is_not_trusted_enough_is_not_known() -> None:
    said = Applicant.of([fact("domain", "college.edu", Trust.ASSERTED)])
    assert ask(CAMPUS, said) == Needs("domain")
    assert ask({**CAMPUS, "min_trust": "asserted"}, said) == Admits()
    assert ask({"kind": "invited"}, Applicant.of([fact("invite", True, Trust.OBSERVED)])) == Refuses("invite_needed")


def test_the_most_trusted_fact_speaks_then_the_newest() -> None:
    older = fact("domain", "old.edu", Trust.VERIFIED, observed_at=NOW - timedelta(days=1))
    newer = fact("domain", "college.edu", Trust.VERIFIED)
    said = fact("domain", "liar.edu", Trust.ASSERTED, observed_at=NOW + timedelta(days=1))
    assert ask(CAMPUS, Applicant.of([said, older, newer])) == Admits()


def test_an_expired_fact_is_not_known_and_the_next_best_serves() -> None:
    gone = fact("domain", "college.edu", expires_at=NOW)
    assert ask(CAMPUS, Applicant.of([gone])) == Needs("domain")
    assert ask(CAMPUS, Applicant.of([gone, fact("domain", "college.edu", Trust.VERIFIED)])) == Admits()
    assert ask(CAMPUS, Applicant.of([fact("domain", "college.edu", expires_at=NOW + timedelta(seconds=1))])) == Admits()


@pytest.mark.parametrize(
    ("tree", "needed"),
    [
        (EVERYONE, False),
        (CAMPUS, True),
        (VIPS, True),
        ({"kind": "invited"}, False),
        ({"kind": "referred"}, False),
        ({"kind": "denied"}, False),
        (all_of(EVERYONE, CAMPUS), True),
        (any_of(EVERYONE, {"kind": "referred"}), False),
        (not_of(CAMPUS), True),
    ],
)
def test_rules_over_mailboxes_say_that_they_need_one(tree: dict[str, Any], needed: bool) -> None:
    assert parse(tree).needs_mailbox is needed


def test_how_this_line_works_has_a_sentence_for_every_rule() -> None:
    tree = all_of(
        WIDE, CAMPUS, any_of(VIPS, not_of({"kind": "denied"})), {"kind": "invited"}, {"kind": "referred"}, EVERYONE
    )
    sentences = explain(parse(tree))
    assert [sentence.code for sentence in sentences] == [
        "rule_domain_and_subdomains",
        "rule_domain",
        "rule_any_of",
        "rule_invited",
        "rule_referred",
        "rule_everyone",
    ]
    assert sentences[0].parts[0].params == {"domains": ("alumni.college.edu",)}
    assert [part.code for part in sentences[2].parts] == ["rule_listed", "rule_not_of"]
    assert explain(parse(CAMPUS))[0].params == {"domains": ("college.edu",)}
    assert parse(all_of(EVERYONE)).sentence.code == "rule_all_of"
