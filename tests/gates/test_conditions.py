"""Every condition over facts: who is admitted, refused or unknown, and which JSON is not read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waitlist.gates import BadGate, dump, explain, parse
from waitlist.gates.answers import Admits, Applicant, Fact, Needs, Refuses, Trust
from waitlist.gates.conditions import CONDITIONS
from waitlist.gates.ticket import BITS, WHOLE
from waitlist.sentences import SENTENCES

NOW = datetime(2026, 3, 4, 16, 0, tzinfo=UTC)
HALF = 1 << (BITS - 1)
EARLY = {"kind": "joined_before", "moment": "2026-03-01T00:00:00+00:00"}
LATELY = {"kind": "customer", "orders": 2, "within_days": 30}
ORDERS = {"kind": "customer", "orders": 2}
CIRCLE = {"kind": "within", "hops": 2, "list": "seeds"}
COUNTRY = {"kind": "country", "countries": ["US", "CA"]}
STATE = {"kind": "subdivision", "codes": ["US-CA"]}
UNIT = {"kind": "unit", "units": ["finance"]}
CAMPUS = {"kind": "answered", "question": "campus", "choices": ["north"]}
TICKET = {"kind": "ticket", "below": 500_000}
ARM = {"kind": "arm", "arms": ["blue"]}
SCORE = {"kind": "score", "least": 3}
VOUCHED = {"kind": "vouched", "by": 2, "branches": 2}


def person(trust: Trust = Trust.AUTHORITATIVE, **facts: object) -> Applicant:
    return Applicant.of([Fact(name.replace("__", ":"), value, trust, "test", NOW) for name, value in facts.items()])


def word(tree: dict[str, Any], applicant: Applicant) -> str:
    match parse(tree).answer(applicant, NOW):
        case Admits():
            return "in"
        case Refuses(code):
            return code
        case Needs(fact):
            return f"needs {fact}"


@pytest.mark.parametrize(
    ("tree", "facts", "answer"),
    [
        (COUNTRY, {"country": "US"}, "in"),
        (COUNTRY, {"country": "GB"}, "country_not_allowed"),
        (COUNTRY, {"country": "XX"}, "needs country"),
        (COUNTRY, {}, "needs country"),
        (STATE, {"subdivision": "US-CA"}, "in"),
        (STATE, {"subdivision": "US-NY"}, "subdivision_not_allowed"),
        (STATE, {"subdivision": "California"}, "needs subdivision"),
        (STATE, {"subdivision": 1}, "needs subdivision"),
        (UNIT, {"unit": "finance"}, "in"),
        (UNIT, {"unit": "finance/payroll"}, "in"),
        (UNIT, {"unit": "finances"}, "unit_not_allowed"),
        (UNIT, {}, "needs unit"),
        (CAMPUS, {"answer__campus": "north"}, "in"),
        (CAMPUS, {"answer__campus": ["south", "north"]}, "in"),
        (CAMPUS, {"answer__campus": "south"}, "answer_not_allowed"),
        (CAMPUS, {"answer__campus": 7}, "needs answer:campus"),
        (CAMPUS, {}, "needs answer:campus"),
        (TICKET, {"ticket": HALF - 1}, "in"),
        (TICKET, {"ticket": HALF}, "ticket_not_drawn"),
        (TICKET, {"ticket": True}, "needs ticket"),
        ({**TICKET, "below": 0}, {"ticket": 0}, "ticket_not_drawn"),
        ({**TICKET, "below": WHOLE}, {"ticket": (1 << BITS) - 1}, "in"),
        (ARM, {"arm": "blue"}, "in"),
        (ARM, {"arm": "control"}, "arm_not_allowed"),
        (ARM, {}, "needs arm"),
        (SCORE, {"score": 3}, "in"),
        (SCORE, {"score": 2}, "score_too_low"),
        (SCORE, {"score": "3"}, "needs score"),
        (EARLY, {"joined_at": NOW - timedelta(days=9)}, "in"),
        (EARLY, {"joined_at": NOW}, "joined_too_late"),
        (EARLY, {}, "needs joined_at"),
        (VOUCHED, {"vouches": 2, "branches": 2}, "in"),
        (VOUCHED, {"vouches": 3, "branches": 1}, "vouches_missing"),
        (VOUCHED, {}, "vouches_missing"),
        (CIRCLE, {"hops": {"seeds": 2}}, "in"),
        (CIRCLE, {"hops": {"seeds": 3, "others": 1}}, "vouches_too_far"),
        (CIRCLE, {}, "vouches_too_far"),
        (ORDERS, {"orders": 2}, "in"),
        (ORDERS, {"orders": 1}, "orders_missing"),
        (ORDERS, {}, "needs orders"),
        (LATELY, {"orders": 2, "last_order": "2026-02-20"}, "in"),
        (LATELY, {"orders": 2, "last_order": "2025-02-20T10:00:00+00:00"}, "orders_missing"),
        (LATELY, {"orders": 2, "last_order": "yesterday"}, "needs last_order"),
        (LATELY, {"orders": 2}, "needs last_order"),
    ],
)
def test_a_condition_answers(tree: dict[str, Any], facts: dict[str, object], answer: str) -> None:
    assert word(tree, person(**facts)) == answer
    assert dump(parse(dump(parse(tree)))) == dump(parse(tree))


@pytest.mark.parametrize(
    ("tree", "code"),
    [
        ({**COUNTRY, "countries": ["UK"]}, "gate_not_a_country"),
        ({**COUNTRY, "countries": ["us"]}, "gate_not_a_country"),
        ({**COUNTRY, "countries": []}, "gate_empty"),
        ({**COUNTRY, "countries": [1]}, "gate_wrong_type"),
        ({**COUNTRY, "countries": [""]}, "gate_empty"),
        ({**STATE, "codes": ["XX-1"]}, "gate_not_a_subdivision"),
        ({**UNIT, "units": ["Finance/"]}, "gate_not_a_unit"),
        ({**TICKET, "below": 1_000_001}, "gate_out_of_range"),
        ({**TICKET, "start": 600_000}, "gate_out_of_range"),
        ({**TICKET, "below": 0.5}, "gate_wrong_type"),
        ({**SCORE, "least": True}, "gate_wrong_type"),
        ({**EARLY, "moment": "2026-03-01T00:00:00"}, "gate_not_a_moment"),
        ({**EARLY, "moment": "soon"}, "gate_not_a_moment"),
        ({**VOUCHED, "branches": 3}, "gate_out_of_range"),
        ({**CIRCLE, "hops": 7}, "gate_out_of_range"),
        ({**VOUCHED, "min_trust": "authoritative"}, "gate_never_so_trusted"),
        ({**CIRCLE, "min_trust": "authoritative"}, "gate_never_so_trusted"),
        ({"kind": "invited", "min_trust": "authoritative"}, "gate_never_so_trusted"),
        ({"kind": "referred", "min_trust": "authoritative"}, "gate_never_so_trusted"),
        ({**CIRCLE, "list": "No List"}, "gate_not_a_list"),
        ({**ORDERS, "orders": 0}, "gate_out_of_range"),
    ],
)
def test_what_makes_no_sense_is_refused_with_its_place(tree: dict[str, Any], code: str) -> None:
    with pytest.raises(BadGate) as refused:
        parse(tree)
    assert refused.value.code == code
    assert refused.value.path.startswith("$.")


TREES = [COUNTRY, STATE, UNIT, CAMPUS, TICKET, ARM, SCORE, EARLY, VOUCHED, CIRCLE, ORDERS, LATELY]


@pytest.mark.parametrize("tree", TREES, ids=lambda tree: tree["kind"])
def test_a_condition_has_its_words_and_names_its_least_trust(tree: dict[str, Any]) -> None:
    gate = parse(tree)
    (sentence,) = explain(gate)
    assert SENTENCES[sentence.code] % sentence.params
    assert dump(gate)["min_trust"] in ("asserted", "observed", "verified", "authoritative")
    assert gate.needs_mailbox is (tree["kind"] in ("unit", "customer"))


def test_a_forged_country_opens_nothing() -> None:
    assert word(COUNTRY, person(Trust.ASSERTED, country="US")) == "needs country"
    assert word({"kind": "not_of", "gate": COUNTRY}, person(Trust.ASSERTED, country="GB")) == "needs country"
    assert word(UNIT, person(Trust.VERIFIED, unit="finance")) == "needs unit"


@given(st.integers(0, (1 << BITS) - 1), st.integers(0, WHOLE), st.integers(0, WHOLE))
def test_widening_a_percentage_lets_nobody_out(ticket: int, some: int, other: int) -> None:
    narrow, wide = sorted((some, other))
    if word({**TICKET, "below": narrow}, person(ticket=ticket)) == "in":
        assert word({**TICKET, "below": wide}, person(ticket=ticket)) == "in"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
NAMES = (
    "country",
    "subdivision",
    "unit",
    "answer__campus",
    "ticket",
    "arm",
    "score",
    "joined_at",
    "orders",
    "last_order",
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON)))
def test_whatever_is_said_of_a_person_a_rule_answers_and_a_mere_claim_opens_nothing(facts: dict[str, object]) -> None:
    for tree in TREES:
        said = word(tree, person(**facts))
        assert said == "in" or said in SENTENCES or said.startswith("needs")
        if tree is not CAMPUS:
            assert word(tree, person(Trust.ASSERTED, **facts)) != "in"


def test_every_kind_is_called_as_its_table_says() -> None:
    assert {parse(tree).kind for tree in TREES} < set(CONDITIONS)
