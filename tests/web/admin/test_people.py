"""Grace looks for people, opens one, and does what the team may do with them."""

from __future__ import annotations

import csv
import re

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import ALICE, BOB, CAROL, TEAM, World
from waitlist.models.access import Role
from waitlist.models.entry import Answer, Entry, State
from waitlist.models.hold import SUSPEND, Denied, Hold
from waitlist.models.launch import Question
from waitlist.models.wave import Wave
from waitlist.services import choosing, leaving, noting, questioning, tagging

pytestmark = both
PEOPLE = "/admin/w/campus/people"


def listed(page: str) -> list[str]:
    """The addresses of the table, in order."""
    return re.findall(r'<th role="rowheader".*?<a href="[^"]*">([^<]*)</a>', page)


def total(page: str) -> int:
    found = re.search(r'data-testid="total">.*?<strong>([\d,]+) ', page, re.S)
    assert found, page
    return int(found[1].replace(",", ""))


def person_at(world: World, email: str) -> str:
    return f"{PEOPLE}/{world.entry(email).public_id}"


def set_hold(world: World, email: str) -> None:
    entry = world.entry(email)
    row = {"public_id": f"hld_{email}", "scope": "entry", "effect": SUSPEND, "source": "admin", "reason": "odd"}
    row |= {"launch_id": entry.launch_id, "target_id": entry.id, "created_at": world.now, "created_by": str(TEAM)}
    with world.writing() as tx:
        hold_id = tx.execute(Hold.__table__.insert().values(row).returning(Hold.id)).scalar_one()
        tx.execute(Entry.__table__.update().where(Entry.id == entry.id).values(held_by=hold_id))


def test_the_line_stands_first_and_everybody_else_below_newest_first(grace: Desk, world: World) -> None:
    campus = world.cast()
    erin = world.waiting(campus, "erin@college.edu")
    world.waiting(campus, "fay@college.edu", by=erin)
    world.join(campus, "late@college.edu")
    page = grace.get(PEOPLE)
    assert listed(page) == ["erin@college.edu", CAROL, "fay@college.edu", "late@college.edu", BOB, ALICE]
    assert total(page) == 6
    assert "erin@college.edu</a>" in page
    assert listed(grace.get(f"{PEOPLE}?sort=joined"))[:2] == ["late@college.edu", "fay@college.edu"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("state=waiting", [CAROL, "zoe@cs.college.edu"]),
        ("state=joined", [ALICE]),
        ("state=nonsense", [CAROL, "zoe@cs.college.edu", BOB, ALICE]),
        ("q=@cs.college.edu", ["zoe@cs.college.edu"]),
        ("q=%40CS.college.edu&state=joined", []),
        ("q=@not a domain", []),
        ("q=Carol@College.edu", [CAROL]),
        ("q=aro", [CAROL]),
        ("q=zoé", ["zoe@cs.college.edu"]),
        ("q=ZO", ["zoe@cs.college.edu"]),
        ("q=100%25", []),
    ],
)
def test_people_are_found_by_state_address_domain_and_words(
    grace: Desk, world: World, query: str, found: list[str]
) -> None:
    campus = world.cast(world.launch(domain=None))
    world.waiting(campus, "zoe@cs.college.edu", name="zoé")
    page = grace.get(f"{PEOPLE}?{query}")
    assert listed(page) == found
    assert total(page) == len(found)
    if not found:
        assert "No one matches these filters." in page
        assert "Clear filters" in page


def test_an_empty_waitlist_says_what_comes_next(grace: Desk, world: World) -> None:
    world.launch()
    assert "No one has joined yet." in grace.get(PEOPLE)


def test_held_blocked_and_interested_people_are_called_so(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    set_hold(world, "person1@college.edu")
    blocked = world.entry("person2@college.edu")
    with world.writing() as tx:
        tx.execute(
            Denied.__table__.insert().values(
                launch_id=campus.id,
                kind="address",
                value=blocked.email_abuse_key,
                shown="x",
                reason="x",
                created_at=world.now,
                created_by="x",
            )
        )
    world.waiting(campus, "curious@elsewhere.example", line="interest")
    page = grace.get(PEOPLE)
    assert page.count('data-testid="tag" data-state="on_hold"') == 1
    assert page.count('data-testid="tag" data-state="blocked"') == 1
    assert listed(grace.get(f"{PEOPLE}?state=on_hold")) == ["person1@college.edu"]
    assert listed(grace.get(f"{PEOPLE}?state=interest")) == ["curious@elsewhere.example"]


@pytest.mark.parametrize("sort", ["place", "joined"])
def test_pages_by_key_show_everybody_once(grace: Desk, world: World, sort: str) -> None:
    campus = world.launch()
    world.crowd(campus, 60)
    for n in (3, 5, 40):
        with world.writing() as tx:
            entry = world.entry(f"person{n}@college.edu")
            leaving.leave(tx, campus, entry.id, actor=TEAM, now=world.now)
    seen, page, pages = [], grace.get(f"{PEOPLE}?size=25&sort={sort}"), 1
    while True:
        seen += listed(page)
        following = re.search(r'rel="next" href="([^"]*)"', page)
        if not following:
            break
        page = grace.get(following[1].replace("&amp;", "&"))
        pages += 1
    assert (len(seen), len(set(seen)), pages) == (60, 60, 3)
    assert "First page" in page
    if sort == "place":
        assert seen[-3:] == ["person40@college.edu", "person5@college.edu", "person3@college.edu"]
    assert grace.client.get(f"{PEOPLE}?after=by-hand&sort=joined").status_code == 404
    assert grace.client.get(f"{PEOPLE}?after={10**40}&sort={sort}").status_code in (200, 404)
    assert grace.client.get(f"{PEOPLE}?after=line:x.y").status_code == 404


@pytest.mark.parametrize("sort", ["friends", "email", "oldest"])
def test_every_other_order_shows_everybody_once_too(grace: Desk, world: World, sort: str) -> None:
    campus = world.launch()
    people = world.crowd(campus, 28)
    world.waiting(campus, "friend@college.edu", by=people[3])
    first = grace.get(f"{PEOPLE}?size=25&sort={sort}")
    assert 'aria-sort="' in first
    following = re.search(r'rel="next" href="([^"]*)"', first)
    assert following
    seen = listed(first) + listed(grace.get(following[1].replace("&amp;", "&")))
    assert len(seen) == len(set(seen)) == 29
    expected = {"friends": "person4@college.edu", "email": "friend@college.edu", "oldest": "person1@college.edu"}
    assert seen[0] == expected[sort]
    assert grace.client.get(f"{PEOPLE}?after=x&sort={sort}").status_code == 404


FILTERS = [
    ("q=fr*", "address begins with “fr”", {"friend@college.edu"}),
    ("friends=1", "1+ friend", {CAROL}),
    (f"referrer={CAROL}", f"came by {CAROL}", {"friend@college.edu"}),
    ("referrer=nobody", "came by nobody", set()),
    ("wave=1", "invited in wave 1", {BOB}),
    ("mail=held", "a mail is: Held", set()),
    ("mail=bounced", "a mail is: Bounced", {ALICE}),
    ("tag=Founder", "tag “founder”", {CAROL}),
    ("noted=yes", "has a note", {CAROL}),
    ("since=2020-01-01&until=2020-02-01", "joined from 1 January 2020, joined before 1 February 2020", set()),
    ("line=interest", "line “interest”", set()),
    ("question=KEY&answer=Student", "Your role is “Student”", {CAROL}),
    ("question=KEY&answer=Stud", "Your role is “Stud”", set()),
    ("friends=1&tag=founder&state=waiting", "Waiting, 1+ friend, tag “founder”", {CAROL}),
]


def test_every_filter_finds_its_people_and_reads_as_a_sentence(grace: Desk, world: World) -> None:
    campus = world.cast()
    carol = world.entry(CAROL)
    world.waiting(campus, "friend@college.edu", by=carol)
    with world.writing() as tx:
        tagging.put(tx, campus, carol.id, "founder", actor=TEAM, now=world.now)
        noting.note(tx, campus, carol.id, "called us", actor=TEAM, now=world.now)
        choosing.bounce(tx, campus.id, ALICE, ALICE, now=world.now)
        wording = questioning.Wording("role", "one", "Your role", choices=("Student", "Staff"))
        questioning.put(tx, campus, [wording], actor=TEAM, now=world.now)
        question, key = tx.execute(sa.select(Question.id, Question.key)).one()
        tx.execute(
            sa.insert(Answer).values(entry_id=carol.id, question_id=question, value="Student", answered_at=world.now)
        )
    for query, sentence, found in FILTERS:
        page = grace.get(f"{PEOPLE}?{query}".replace("KEY", key))
        assert f'data-testid="total">{sentence}: <strong>' in page, query
        assert set(listed(page)) == found, query
        assert total(page) == len(found), query


def test_a_code_finds_whom_it_is_for(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.waiting(campus, "other@college.edu")
    invite = world.invited(campus, BOB)
    world.redeem(campus, invite, BOB)
    assert listed(grace.get(f"{PEOPLE}?q=code:{invite.code_end}")) == [BOB]
    assert listed(grace.get(f"{PEOPLE}?q=code:0000")) == []


def test_a_filter_that_cannot_be_read_says_so_and_columns_can_be_chosen(grace: Desk, world: World) -> None:
    campus = world.cast()
    wrong = grace.get(f"{PEOPLE}?friends=many&since=yesterday", status=422)
    assert "Enter a number from 0 to 100000" in wrong
    assert "Enter a date and time" in wrong
    with world.writing() as tx:
        tagging.put(tx, campus, world.entry(CAROL).id, "founder", actor=TEAM, now=world.now)
    chosen = grace.get(f"{PEOPLE}?col=tags&col=wave&col=mail&col=source&col=line&col=nonsense")
    assert 'data-label="Tags"><span class="cell"><span class="tag' in chosen
    assert 'data-label="Last mail"' in chosen
    assert 'data-label="Came by"' not in chosen
    assert "col=tags&amp;col=line" in chosen


def test_selected_people_go_into_a_wave(grace: Desk, world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 3)
    assert f'name="entry" value="{people[1].id}"' in grace.get(PEOPLE)
    drafted = grace.press(PEOPLE, "/people/selection", deed="invite", entry=[str(people[1].id), str(people[2].id)])
    assert "/waves/wav_" in drafted.location
    assert world.rows(Wave)[0].params["audience"]["entry_ids"] == [people[1].id, people[2].id]
    grace.press(f"{PEOPLE}?q=person1*", "/people/selection", deed="invite", scope="all")
    assert world.rows(Wave)[1].params["audience"]["entry_ids"] == [people[0].id]
    nobody = grace.client.get(f"{PEOPLE}?q=nobody*").text
    assert "selection-form" in nobody
    assert "The 1 person I selected" in grace.get(f"/admin/w/campus/waves/new?entry={people[1].id}")


def test_an_analyst_looks_and_can_only_export(appoint: Appoint, world: World) -> None:
    campus = world.cast()
    analyst = appoint("linus@team.example", Role.ANALYST, campus)
    listed_deeds = re.findall(r'<option value="(hold|release|tag|invite|move|vip|remove|export)"', analyst.get(PEOPLE))
    assert listed_deeds == ["export"]
    page = analyst.get(person_at(world, CAROL))
    assert "Make VIP" not in page


def test_a_person_is_explained(grace: Desk, world: World) -> None:
    campus = world.cast()
    carol = world.entry(CAROL)
    erin = world.waiting(campus, "erin@college.edu", by=carol)
    world.waiting(campus, "fay@college.edu", by=erin)
    at = person_at(world, "erin@college.edu")
    place = grace.get(f"{at}/place")
    assert "By order of confirmation" in place
    assert "2 of 3" in place
    assert "Rank key" in place
    referrals = grace.get(f"{at}/referrals")
    assert CAROL in referrals
    assert "1 friend came by this person’s link" in referrals
    assert "Confirmed and in line" in grace.get(at)
    assert "Friend counted" in grace.get(person_at(world, CAROL))
    inside = person_at(world, ALICE)
    assert "No place: this person is not in the ranked line." in grace.get(f"{inside}/place")
    assert "This member may still give 3 invites." in grace.get(f"{inside}/invites")
    assert "the team" in grace.get(f"{inside}/invites")
    assert "a wave" in grace.get(f"{person_at(world, BOB)}/invites")
    assert "Came by nobody’s link." in grace.get(f"{person_at(world, BOB)}/referrals")
    assert 'aria-current="page">Referrals' in referrals
    grace.get(f"{at}/risk", status=404)


def test_a_person_of_another_waitlist_is_unknown_here_and_found_by_the_short_address(grace: Desk, world: World) -> None:
    campus = world.launch()
    entry = world.waiting(campus)
    world.launch("beta")
    grace.get(f"/admin/w/beta/people/{entry.public_id}", status=404)
    assert grace.client.get(f"/admin/people/{entry.public_id}").location == f"{PEOPLE}/{entry.public_id}"
    grace.get("/admin/people/ent_nobody", status=404)
    form = form_of(grace.get(person_at_id(entry)), "/place")
    foreign = form["action"].replace("/campus/", "/beta/")
    assert grace.client.post(foreign, data=dict(form["fields"]) | {"to": "1", "move_reason": "x"}).status_code == 404


def person_at_id(entry: Entry) -> str:
    return f"{PEOPLE}/{entry.public_id}"


# --- what the team does


def test_a_move_has_a_reason_and_can_be_seen(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 5)
    at = person_at(world, "person5@college.edu")
    refused = grace.press(at, "/place", status=422, to="", move_reason="")
    assert "Enter a place" in refused.text
    assert "Enter a reason" in refused.text
    moved = grace.press(at, "/place", to="2", move_reason="helps us test")
    assert world.place("person5@college.edu") == 2
    page = grace.get(moved.location)
    assert "Moved by the team" in page
    assert "helps us test" in page
    assert "Grace" in page


def test_who_has_no_place_is_not_moved(grace: Desk, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    form = form_of(grace.get(person_at(world, CAROL)), "/place")
    with world.writing() as tx:
        leaving.leave(tx, campus, carol.id, actor=TEAM, now=world.now)
    told = grace.client.post(form["action"], data=dict(form["fields"]) | {"to": "1", "move_reason": "x"})
    assert told.status_code == 409
    assert "This person has no place in line" in told.text


def test_a_vip_stands_in_front_and_is_taken_back(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 3)
    at = person_at(world, "person3@college.edu")
    assert "Enter a reason" in grace.press(at, "/vip", status=422).text
    page = grace.get(grace.press(at, "/vip", vip_reason="founder").location)
    assert "A VIP now" in page
    assert world.place("person3@college.edu") == 1
    assert "Take off the VIPs" in page
    grace.press(at, "/vip", vip_reason="enough")
    assert world.place("person3@college.edu") == 3


def test_support_changes_an_address_by_asking_the_new_one(grace: Desk, world: World) -> None:
    world.waiting(world.launch())
    at = person_at(world, CAROL)
    assert "Enter your e-mail address" in grace.press(at, "/address", status=422, address_reason="x").text
    assert "Enter a reason" in grace.press(at, "/address", status=422, new_email="c@college.edu").text
    wrong = grace.press(at, "/address", status=422, new_email="carol@elsewhere.edu", address_reason="lost")
    assert "elsewhere.edu is not on the list" in wrong.text
    same = grace.press(at, "/address", status=409, new_email=CAROL, address_reason="lost")
    assert "This is the present address." in same.text
    grace.press(at, "/address", new_email="carol.new@college.edu", address_reason="lost")
    assert world.messages("change_confirm", "carol.new@college.edu")
    assert world.messages("change_notice", CAROL)
    assert world.entry(CAROL).state == State.WAITING


def test_rules_that_name_no_code_refuse_in_plain_words(grace: Desk, world: World) -> None:
    tree = {"kind": "not_of", "gate": {"kind": "domain", "domains": ["bad.example"]}}
    world.waiting(world.launch(tree=tree))
    told = grace.press(person_at(world, CAROL), "/address", status=422, new_email="c@bad.example", address_reason="x")
    assert re.search(r"The rules do not let this address in\.|not allowed|not on the list", told.text)


def test_a_csv_of_exactly_this_list_is_safe_and_written_down(grace: Desk, world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, name="=1+1")
    world.waiting(campus, "friend@college.edu", by=carol)
    world.join(campus, "late@college.edu")
    response = grace.press(f"{PEOPLE}?state=waiting", "/export", status=200)
    assert response.mimetype == "text/csv"
    assert "attachment; filename=campus-" in response.headers["Content-Disposition"]
    rows = list(csv.reader(response.text.removeprefix("\ufeff").splitlines()))
    named = "place email name state friends points came_by joined line language source tags"
    assert rows[0] == named.split()
    assert [row[:7] for row in rows[1:]] == [
        ["1", CAROL, "'=1+1", "waiting", "1", "1", ""],
        ["2", "friend@college.edu", "", "waiting", "0", "0", CAROL],
    ]
    (event,) = world.events("exporting.exported")
    assert event.data == {"form": "csv", "rows": 2, "states": ["waiting"]}


def test_a_long_csv_holds_everybody_once(grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.crowd(world.launch(), 7)
    monkeypatch.setattr("waitlist.queries.people.CHUNK", 3)
    for sort in ("place", "joined"):
        text = grace.press(f"{PEOPLE}?sort={sort}", "/export", status=200).text
        assert len(set(re.findall(r"person\d@college.edu", text))) == text.count("\r\n") - 1 == 7


def test_people_are_found_by_what_they_answered(grace: Desk, world: World) -> None:
    campus, other = world.launch(), world.launch("beta")
    ids = {}
    for launch in (campus, other):
        row = {"launch_id": launch.id, "key": "why", "ordinal": 1, "kind": "short", "label": "Why?"}
        with world.writing() as tx:
            ids[launch.id] = str(tx.execute(sa.insert(Question).values(row).returning(Question.id)).scalar_one())
    world.waiting(campus, "ada@college.edu", answers={ids[campus.id]: "To sail to Malmö"})
    world.waiting(campus, "ben@college.edu", answers={ids[campus.id]: "To row"})
    world.waiting(other, "cleo@college.edu", answers={ids[other.id]: "To sail"})
    for words in ("SAIL", "malmö"):
        page = grace.get(f"/admin/w/campus/people?q={words}")
        assert "ada@college.edu" in page
        assert "ben@college.edu" not in page
        assert "cleo@college.edu" not in page
    assert "Search e-mail, name, code, answer" in page
