"""Grace says who may join: sentence by sentence or as JSON, counted before it is so, and by trying an address first."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import sqlalchemy as sa

from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.gates import dump, parse
from waitlist.gates.answers import Trust
from waitlist.gates.conditions import CONDITIONS
from waitlist.models.access import Role
from waitlist.models.entry import StoredFact
from waitlist.models.hold import ListRow
from waitlist.models.launch import GateRevision, Launch, Question
from waitlist.services import denying, suggesting
from waitlist.web.admin.conditions import KINDS

RULES = "/admin/w/campus/rules"
DRAFT = f"{RULES}/draft"
COLLEGE = {"kind": "domain", "domains": ["college.edu"]}
GERMANY = {"kind": "country", "countries": ["DE"]}


class Pen:
    """Rules being written: each step sends the page's own form with what is typed into it."""

    def __init__(self, grace: Desk, page: str = DRAFT) -> None:
        self.grace = grace
        self.text = grace.get(page)

    def step(self, do: str, status: int = 200, **typed: Any) -> str:
        # The form that is open is the second one to this address; every other step stands in the first.
        return self._send("/draft", status, do=do, **typed)

    def check(self, status: int = 200, **typed: Any) -> str:
        return self._send("/check", status, **typed)

    def publish(self, status: int = 303, **typed: Any) -> str:
        return self._send("/rules", status, **typed)

    def add(self, kind: str, status: int = 200, **typed: Any) -> str:
        self.step("add", kind=kind)
        return self.step("put", status, path="new", kind=kind, **typed)

    @property
    def tree(self) -> Any:
        return json.loads(dict(form_of(self.text, "/draft")["fields"])["tree"])

    def _send(self, action: str, status: int, **typed: Any) -> str:
        form = form_of(self.text, action)
        response = self.grace.client.post(form["action"], data=dict(form["fields"]) | typed)
        assert response.status_code == status, response.text
        self.text = response.text
        return self.text


# What is typed into the form of each condition, and the rule that this is.
TYPED: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "domain": (
        {"domains": "b.edu, a.edu", "subdomains": "yes", "excluded": "alumni.a.edu"},
        {"domains": ["a.edu", "b.edu"], "subdomains": True, "excluded": ["alumni.a.edu"]},
    ),
    "listed": ({"list": "vips"}, {"list": "vips"}),
    "invited": ({}, {}),
    "referred": ({}, {}),
    "denied": ({}, {}),
    "everyone": ({}, {}),
    "answered": (
        {"question": "team", "choices": "Red\nBlue", "min_trust": "asserted"},
        {"question": "team", "choices": ["Blue", "Red"]},
    ),
    "country": (
        {"countries": "Germany, fr", "min_trust": "verified"},
        {"countries": ["DE", "FR"], "min_trust": "verified"},
    ),
    "subdivision": ({"codes": "us-ca, US-NY", "min_trust": "observed"}, {"codes": ["US-CA", "US-NY"]}),
    "unit": ({"units": "finance/payroll, it", "min_trust": "authoritative"}, {"units": ["finance/payroll", "it"]}),
    "customer": (
        {"orders": "2", "within_days": "90", "min_trust": "authoritative"},
        {"orders": 2, "within_days": 90},
    ),
    "joined_before": ({"moment": "2026-03-09T14:03"}, {"moment": "2026-03-09T14:03:00+00:00"}),
    "score": ({"least": "3"}, {"least": 3}),
    "ticket": ({"below": "12.5"}, {"below": 125_000}),
    "vouched": ({"by": "3", "branches": "2"}, {"by": 3, "branches": 2}),
    "within": ({"list": "first", "hops": "2"}, {"list": "first", "hops": 2}),
    "arm": ({"arms": "blue, red"}, {"arms": ["blue", "red"]}),
}


def question(world: World, campus: Launch) -> None:
    row = {
        "launch_id": campus.id,
        "key": "team",
        "ordinal": 1,
        "kind": "one",
        "label": "Which team?",
        "choices": ["Red"],
    }
    with world.writing() as tx:
        tx.execute(sa.insert(Question).values(row))


def test_every_condition_is_a_sentence_that_can_be_written() -> None:
    assert set(KINDS) == set(CONDITIONS) == set(TYPED)


@pytest.mark.parametrize("kind", TYPED)
def test_each_condition_is_added_read_and_changed_as_a_sentence(grace: Desk, world: World, kind: str) -> None:
    question(world, world.launch(domain=None))
    typed, rule = TYPED[kind]
    meant = dump(parse({"kind": kind, **rule}))
    pen = Pen(grace)
    pen.add(kind, **typed)
    assert pen.tree == meant
    pen.step("edit:")
    again = dict(form_of(pen.text[pen.text.index('data-testid="open"') :], "/draft")["fields"])
    pen.step("put", path="", kind=kind, **{name: again[name] for name in typed})
    assert pen.tree == meant, "what the form is filled with says the same"
    pen.step("edit:")
    pen.step("put", path="", kind=kind, inverted="yes", **typed)
    assert pen.tree == {"kind": "not_of", "gate": meant}
    pen.step("edit:")
    assert 'name="inverted" type="checkbox" value="yes" checked' in pen.text


@pytest.mark.parametrize(
    ("kind", "typed", "told"),
    [
        ("domain", {"domains": "*.college.edu"}, "tick “and subdomains”"),
        ("domain", {}, "Enter something here"),
        ("country", {"countries": "Atlantis"}, "There is no country “Atlantis”."),
        ("subdivision", {"codes": "California"}, "Write the code of a state or region"),
        ("unit", {"units": "Finance Dept"}, "Write the path of a department"),
        ("listed", {"list": "Our VIPs"}, ""),
        ("ticket", {"below": "101"}, "Enter a number from 0 to 100"),
        ("ticket", {"below": ""}, "Enter something here"),
        ("score", {"least": "many"}, "Enter a number from 0 to"),
        ("joined_before", {"moment": "soon"}, "Enter a date and time"),
        ("vouched", {"by": "1", "branches": "2"}, "too small or too large"),
    ],
)
def test_what_is_wrong_with_a_sentence_is_told_beside_it(
    grace: Desk, world: World, kind: str, typed: dict[str, str], told: str
) -> None:
    world.launch(domain=None)
    pen = Pen(grace)
    assert told in pen.add(kind, 422, **typed)
    assert 'data-testid="open"' in pen.text, "it stays open, with what was typed"
    assert pen.tree == {"kind": "everyone"}


def test_a_domain_that_anybody_may_have_is_typed_twice(grace: Desk, world: World) -> None:
    world.launch(domain=None)
    pen = Pen(grace)
    assert 'id="domains_again"' in pen.add("domain", 422, domains="gmail.com")
    pen.step("put", path="new", kind="domain", domains="gmail.com", domains_again="gmail.com")
    assert pen.tree["domains"] == ["gmail.com"]


def test_rules_are_joined_by_and_and_by_or_and_taken_out_again(grace: Desk, world: World) -> None:
    world.launch()
    pen = Pen(grace)
    pen.add("invited")
    pen.add("listed", list="vips", instead="at:0")
    listed, invited = {"kind": "listed", "list": "vips"}, {"kind": "invited"}
    assert pen.tree == dump(
        parse({"kind": "all_of", "gates": [{"kind": "any_of", "gates": [COLLEGE, listed]}, invited]})
    )
    assert "Any one of these:" in pen.text
    assert "For people with a @college.edu address" in pen.text
    pen.step("take:0.0")
    pen.step("take:1")
    assert pen.tree == dump(parse(listed))
    pen.step("take:")
    assert pen.tree == {"kind": "everyone"}
    assert "take:" not in pen.text


def test_a_step_to_a_place_that_is_not_there_leads_nowhere(grace: Desk, world: World) -> None:
    world.launch()
    for do in ("edit:7", "take:0.x"):
        Pen(grace).step(do, 404)
    Pen(grace).step("put", 404, path="new", kind="weather")
    grace.get(f"{DRAFT}?version=9", status=404)
    pen = Pen(grace)
    assert "Select a condition" in pen.step("add", 422, kind="")


def test_rules_are_looked_at_first_and_published_with_a_note(grace: Desk, world: World) -> None:
    world.launch()
    pen = Pen(grace)
    pen.add("invited")
    page = pen.check(note="Friends first")
    assert "Nothing changes for anybody who is in line or invited now." in page
    assert len(world.rows(GateRevision)) == 1, "looking changes nothing"
    pen.publish()
    page = grace.get(f"{RULES}?done=published")
    assert "Version 2 is in force." in page
    assert "Friends first" in page
    (_, second) = world.rows(GateRevision)
    assert second.created_by == f"admin:{grace.user.id}"
    assert "For people who hold an invite" in page


def effect(text: str, name: str) -> str:
    found = re.search(rf'<li data-testid="{name}">(.*?)</li>', text)
    return found[1] if found else ""


def test_a_narrower_rule_says_whom_it_keeps_out_and_what_becomes_of_open_invites(grace: Desk, world: World) -> None:
    campus = world.launch(domain=None)
    for email in (ALICE, BOB, "eve@elsewhere.edu", "finn@elsewhere.edu", "guest@elsewhere.edu"):
        world.waiting(campus, email)
    world.invited(campus, "finn@elsewhere.edu")
    world.invited(campus, "guest@elsewhere.edu", overrides_rules=True)
    world.invited(campus, "nobody-yet@elsewhere.edu")
    world.invited(campus, BOB)
    world.issue(campus, uses=5)
    pen = Pen(grace)
    pen.add("domain", domains="college.edu")
    page = pen.check()
    assert effect(page, "refused").startswith("1 person in line would no longer be allowed. They keep their place")
    assert effect(page, "invites").startswith("2 open invites would be refused when pressed.")
    assert effect(page, "links").startswith("1 open link or code is for anybody")
    assert effect(page, "allowed") == effect(page, "comes-in") == ""
    pen.publish(keep_word="yes")
    campus = world.launch_of()
    assert world.redeem(campus, world.invite_of("finn@elsewhere.edu"), "finn@elsewhere.edu").first
    assert world.events("launching.revised")[-1].data["kept"] == 2


def test_a_wider_rule_says_whom_it_lets_in_more(grace: Desk, world: World) -> None:
    campus = world.launch(domain=None)
    for email in (ALICE, "eve@elsewhere.edu"):
        world.waiting(campus, email)
    with world.writing() as tx:
        tx.execute(sa.insert(GateRevision).values(
            launch_id=campus.id, revision=2, tree=COLLEGE, note="", created_at=world.now, created_by="admin:1"
        ))  # fmt: skip
        tx.execute(sa.update(Launch).where(Launch.id == campus.id).values(revision=2))
    pen = Pen(grace, f"{DRAFT}?version=1")
    page = pen.check()
    assert effect(page, "allowed") == "1 person in line would be allowed who is not now."
    assert "Counted among 2 people in line." in page


def test_an_open_stage_says_how_many_come_in_at_once_and_who_stays_out(grace: Desk, world: World) -> None:
    campus = world.launch(tree=GERMANY, mode="open")
    for email, country in ((ALICE, "DE"), (BOB, "FR"), (CAROL, "FR"), (DAVE.replace("other.edu", "college.edu"), "")):
        world.waiting(campus, email)
        if country:
            fact = {"name": "country", "value": country, "trust": int(Trust.AUTHORITATIVE), "source": "import"}
            with world.writing() as tx:
                tx.execute(sa.insert(StoredFact).values(**fact, entry_id=world.entry(email).id, observed_at=world.now))
    pen = Pen(grace)
    pen.step("take:")
    pen.add("country", countries="FR", min_trust="observed")
    page = pen.check()
    assert effect(page, "comes-in") == "This lets 2 people more in at once."
    assert effect(page, "stays-out").startswith("This lets 1 person fewer in by an open stage.")


def test_json_says_the_same(grace: Desk, world: World) -> None:
    world.launch()
    pen = Pen(grace)
    assert "Correct the JSON at $.kind" in pen.step("show", 422, tree='{"kind": "weather"}')
    assert "Correct the JSON at line 1" in pen.step("show", 422, tree="{")
    pen.step("show", tree=json.dumps({"kind": "not_of", "gate": COLLEGE}))
    assert "Not for these:" in pen.text
    assert 'value="edit:"' in pen.text
    pen.step("show", tree=json.dumps({"kind": "not_of", "gate": {"kind": "all_of", "gates": [COLLEGE, GERMANY]}}))
    assert "For people in Germany" in pen.text
    pen.check()
    pen.publish()
    page = grace.get(RULES)
    assert "Not for these:" in page
    assert "All of these:" in page


def test_nobodys_change_is_written_over_unseen(grace: Desk, world: World) -> None:
    world.launch()
    mine, hers = Pen(grace), Pen(grace)
    hers.add("invited")
    hers.check(note="By invite")
    looked = Pen(grace)
    looked.add("referred")
    looked.check()
    hers.publish()
    told = looked.publish(409)
    assert "Grace published version 2 meanwhile." in told
    assert "By invite" in told
    assert 'action="/admin/w/campus/rules"' not in told, "there is no button that publishes over it unseen"
    assert "Grace published version 2 meanwhile." in mine.add("referred")
    assert "For people who hold an invite" in mine.text, "and what it says"
    assert len(world.rows(GateRevision)) == 2
    mine.step("over")
    assert "meanwhile" not in mine.text
    mine.check()
    mine.publish()
    assert [row.revision for row in world.rows(GateRevision)] == [1, 2, 3]
    assert Pen(grace, f"{DRAFT}?version=2").tree["gates"][1]["kind"] == "invited", "and hers can be gone back to"


def test_a_waitlist_without_confirmation_mails_has_no_domain_rule(grace: Desk, world: World) -> None:
    world.launch(domain=None, double_opt_in=False)
    pen = Pen(grace)
    pen.add("domain", domains="college.edu")
    pen.check()
    assert "This waitlist sends no confirmation mails" in pen.publish(409)


def test_an_address_is_tried_before_anybody_is(grace: Desk, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    page = grace.get(f"{RULES}?email=ada@college.edu")
    assert "Would be allowed." in page
    assert "Place would be 2." in page
    assert "They stand at place 1." in grace.get(f"{RULES}?email={carol.email}")
    assert "Would be refused. Use an address at college.edu." in grace.get(f"{RULES}?email=ada@b.edu")
    assert "Enter an e-mail address" in grace.get(f"{RULES}?email=ada", status=422)
    assert "There is no country" in grace.get(f"{RULES}?email=ada@college.edu&country=Atlantis", status=422)
    with world.writing() as tx:
        row = {"kind": "domain", "value": "b.edu", "shown": "b.edu", "reason": "abuse", "until": None}
        denying.deny(tx, campus, **row, actor=TEAM, now=world.now)
    assert "It is on the deny list." in grace.get(f"{RULES}?email=ada@b.edu")


def test_rules_being_written_are_tried_sentence_by_sentence(grace: Desk, world: World) -> None:
    world.launch()
    pen = Pen(grace)
    pen.add("country", countries="DE", min_trust="observed")
    pen.add("invited")
    page = pen.step("try", email="ada@college.edu", country="France", invite="yes")
    assert "Would be refused. This is for people in Germany." in page
    assert page.count("<strong>fits</strong>") == 2
    assert "It is not known yet." in pen.step("try", email="ada@college.edu", invite="yes")
    assert "Would be allowed." in pen.step("try", email="ada@college.edu", country="de", invite="yes")


def test_people_are_put_on_a_list_that_rules_ask_for(grace: Desk, world: World) -> None:
    world.launch()
    refused = grace.press(RULES, "/rules/lists", status=422, addresses="not an address")
    assert "Correct or remove: not an address" in refused.text
    assert "Enter an e-mail address" in grace.press(RULES, "/rules/lists", status=422).text
    assert "small letters" in grace.press(RULES, "/rules/lists", status=422, list="My list", addresses="a@b.edu").text
    done = grace.press(RULES, "/rules/lists", addresses="Guest <guest@elsewhere.edu>\nguest@elsewhere.edu")
    page = grace.get(done.location)
    assert "They are on the list." in page
    assert "1 address is on it" in page
    assert [row.email for row in world.rows(ListRow)] == ["guest@elsewhere.edu"]
    pen = Pen(grace)
    pen.add("listed", list="allowed", instead="at:")
    assert "(list “Allow-list”, 1 on it)" in pen.text
    assert "Would be allowed." in pen.step("try", email="guest@elsewhere.edu")


def test_a_viewer_reads_the_rules_and_changes_none(world: World, appoint: Appoint) -> None:
    vera = appoint("vera@team.example", Role.VIEWER, world.launch())
    assert "/rules/draft" not in vera.get(RULES)
    vera.get(DRAFT, status=403)


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
