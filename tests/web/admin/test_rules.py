"""Grace says who may join: by a form, by JSON, and by trying an address first."""

from __future__ import annotations

import json

import pytest

from tests.web.admin.conftest import Desk, form_of
from tests.world import World
from waitlist.gates import dump, parse
from waitlist.models.hold import ListRow
from waitlist.models.launch import GateRevision
from waitlist.services import suggesting
from waitlist.web.admin.ruleform import RuleForm, tree_of
from waitlist.web.admin.ruleform import form_of as form_of_tree

RULES = "/admin/w/campus/rules"
INVITED, REFERRED = {"kind": "invited"}, {"kind": "referred"}
COLLEGE = {"kind": "domain", "domains": ["college.edu"]}

FORMS = [
    (RuleForm(), {"kind": "everyone"}),
    (RuleForm(domains="college.edu"), COLLEGE | {"subdomains": False}),
    (
        RuleForm(domains="a.edu, b.edu", subdomains=True, excluded="alumni.a.edu"),
        {"kind": "domain", "domains": ["a.edu", "b.edu"], "subdomains": True, "excluded": ["alumni.a.edu"]},
    ),
    (RuleForm(hold="invite"), INVITED),
    (RuleForm(hold="link"), REFERRED),
    (RuleForm(hold="either"), {"kind": "any_of", "gates": [REFERRED, INVITED]}),
    (RuleForm(listed=True), {"kind": "listed", "list": "allowed"}),
    (
        RuleForm(domains="college.edu", listed=True, hold="link"),
        {
            "kind": "all_of",
            "gates": [
                {"kind": "any_of", "gates": [COLLEGE | {"subdomains": False}, {"kind": "listed", "list": "allowed"}]},
                REFERRED,
            ],
        },
    ),
]


@pytest.mark.parametrize(("form", "tree"), FORMS)
def test_a_form_is_a_tree_and_the_tree_is_the_form_again(form: RuleForm, tree: dict[str, object]) -> None:
    assert tree_of(form) == tree
    assert form_of_tree(tree) == form
    assert form_of_tree(dump(parse(tree))) == form


@pytest.mark.parametrize(
    "tree",
    [
        {"kind": "not_of", "gate": COLLEGE},
        {"kind": "listed", "list": "vips"},
        {"kind": "any_of", "gates": [COLLEGE, INVITED]},
        {"kind": "all_of", "gates": [INVITED, REFERRED]},
        {"kind": "any_of", "gates": [COLLEGE, {"kind": "domain", "domains": ["b.edu"]}]},
        {"kind": "all_of", "gates": [{"kind": "all_of", "gates": [COLLEGE, INVITED]}, REFERRED]},
    ],
)
def test_what_the_form_cannot_say_it_does_not_show(tree: dict[str, object]) -> None:
    assert form_of_tree(dump(parse(tree))) is None


def test_rules_are_published_in_versions_with_a_note(grace: Desk, world: World) -> None:
    world.launch()
    page = grace.get(RULES)
    assert "For people with a @college.edu address" in page
    published = grace.press(
        RULES, "/rules", domains="college.edu, b.edu", subdomains="yes", hold="either", note="Friends first"
    )
    page = grace.get(published.location)
    assert "Version 2 is in force." in page
    assert "Friends first" in page
    assert 'value="b.edu, college.edu"' in page
    (_, second) = world.rows(GateRevision)
    assert second.created_by == f"admin:{grace.user.id}"


def test_an_address_is_tried_before_anybody_is(grace: Desk, world: World) -> None:
    world.launch()
    assert "Would be allowed." in grace.get(f"{RULES}?email=ada@college.edu")
    assert "Would be refused. Use an address at college.edu." in grace.get(f"{RULES}?email=ada@b.edu")
    assert "Would be refused. Enter an e-mail address" in grace.get(f"{RULES}?email=ada")


def test_the_allow_list_lets_somebody_in_from_elsewhere(grace: Desk, world: World) -> None:
    world.launch()
    refused = grace.press(RULES, "/rules", status=422, listed="yes", allowed="not an address")
    assert "Correct or remove: not an address" in refused.text
    grace.press(RULES, "/rules", listed="yes", allowed="Guest <guest@elsewhere.edu>\nguest@elsewhere.edu")
    assert "1 address is on it" in grace.get(RULES)
    assert [row.email for row in world.rows(ListRow)] == ["guest@elsewhere.edu"]
    assert "Would be allowed." in grace.get(f"{RULES}?email=guest@elsewhere.edu")


def test_a_wrong_domain_is_told_and_a_shared_one_is_typed_twice(grace: Desk, world: World) -> None:
    world.launch()
    assert "tick “and subdomains”" in grace.press(RULES, "/rules", status=422, domains="*.college.edu").text
    asked = grace.press(RULES, "/rules", status=422, excluded="gmail.com").text
    assert 'id="excluded_again"' in asked
    assert len(world.rows(GateRevision)) == 1


def test_json_says_what_the_form_cannot(grace: Desk, world: World) -> None:
    world.launch()
    told = grace.press(RULES, "/rules/json", status=422, tree='{"kind": "weather"}').text
    assert "Correct the JSON at $.kind" in told
    assert "Correct the JSON at line 1" in grace.press(RULES, "/rules/json", status=422, tree="{").text
    grace.press(RULES, "/rules/json", tree=json.dumps({"kind": "not_of", "gate": COLLEGE}), note="x")
    page = grace.get(RULES)
    assert "These rules were written as JSON" in page
    assert 'name="domains"' not in page


def test_who_publishes_second_hears_of_the_first(grace: Desk, world: World) -> None:
    world.launch()
    form = form_of(grace.get(RULES), "/rules")
    grace.press(RULES, "/rules", hold="invite")
    told = grace.client.post(form["action"], data=dict(form["fields"]) | {"hold": "link"})
    assert told.status_code == 409
    assert "Grace published version 2 meanwhile." in told.text
    assert len(world.rows(GateRevision)) == 2


def test_a_waitlist_without_confirmation_mails_has_no_domain_rule(grace: Desk, world: World) -> None:
    world.launch(domain=None, double_opt_in=False)
    told = grace.press(RULES, "/rules", status=409, domains="college.edu").text
    assert "This waitlist sends no confirmation mails" in told


def test_the_team_sees_for_which_domains_people_ask(grace: Desk, world: World) -> None:
    campus, other = world.launch(), world.launch("other")
    assert "Domains people ask for" not in grace.get(RULES)
    voices = [("xn--mnchen-3ya.de", "a", campus), ("xn--mnchen-3ya.de", "b", campus), ("b.edu", "a", campus)]
    for domain, who, launch in [*voices, ("c.edu", "a", other)]:
        with world.writing() as tx:
            suggesting.suggest(tx, launch, domain, abuse_key=who, now=world.now)
        world.later(days=1)
    page = grace.get(RULES)
    assert "2 people asked for @münchen.de" in page
    assert "1 person asked for @b.edu" in page
    assert page.index("münchen.de") < page.index("@b.edu"), "the most wanted first"
    assert "c.edu" not in page, "another waitlist's people"
