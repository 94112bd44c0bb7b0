"""Codes become sentences that a person can act on."""

from __future__ import annotations

from flask import Flask

from waitlist.gates import explain, parse
from waitlist.web.wording import domain, joined, rule, say

DOMAINS = tuple(f"c{n}.edu" for n in range(9))


def test_domains_read_as_a_choice_in_each_language(app: Flask) -> None:
    with app.test_request_context("/?lang=en"):
        assert joined(("a.edu", "b.edu", "xn--mnchen-3ya.de")) == "a.edu, b.edu, or münchen.de"
        assert joined(DOMAINS).endswith("c5.edu, or others")
        assert joined(("a.edu", "b.edu"), at="@") == "@a.edu or @b.edu"
    with app.test_request_context("/?lang=fr"):
        assert joined(("a.edu", "b.edu")) == "a.edu ou b.edu"


def test_a_domain_that_cannot_be_read_is_left_as_it_is() -> None:
    assert domain("localhost") == "localhost"


def test_a_refusal_names_the_way_out(app: Flask) -> None:
    with app.test_request_context("/"):
        params = {"domain": "xn--mnchen-3ya.de", "domains": ("college.edu",)}
        assert say("domain_not_allowed", params) == "Use an address at college.edu. münchen.de is not on the list."


def test_every_kind_of_rule_can_be_said(app: Flask) -> None:
    everything = {
        "kind": "all_of",
        "gates": [
            {"kind": "everyone"}, {"kind": "referred"}, {"kind": "denied"},
            {"kind": "not_of", "gate": {"kind": "all_of", "gates": [{"kind": "invited"}]}},
        ],
    }  # fmt: skip
    with app.test_request_context("/"):
        said = [rule(sentence) for sentence in explain(parse(everything))]
    assert [one.text for one in said] == [
        "For everybody",
        "For people who come by a member’s link",
        "Nobody whom the team has blocked",
        "Not for these:",
    ]
    assert said[3].parts[0].text == "All of these:"
