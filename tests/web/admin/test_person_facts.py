"""Grace writes down what she learned of a person, and looks at what they see without being able to press anything."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import BOB, CAROL, TEAM, World
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.message import MailboxChoice
from waitlist.models.tag import EntryTag
from waitlist.services import choosing, forgetting, removing


@pytest.fixture
def at(world: World) -> str:
    world.cast()
    return f"/admin/w/campus/people/{world.entry(CAROL).public_id}"


def test_a_note_and_tags_stand_on_the_page_and_go_again(grace: Desk, world: World, at: str) -> None:
    assert "The note is kept." in grace.get(grace.press(at, "/note", note="Called us.\nNice.").location)
    assert world.entry(CAROL).note == "Called us.\nNice."
    grace.press(at, "/note", note="Called us.\nNice.")
    assert len(world.events("noting.noted")) == 1
    assert world.events("noting.noted")[0].data == {}
    assert "Use 2000 characters or fewer" in grace.press(at, "/note", status=422, note="x" * 2001).text
    assert "Enter a tag of 40 characters" in grace.press(at, "/tags", status=422, new_tag="x" * 41).text
    tagged = grace.get(grace.press(at, "/tags", new_tag="Founder").location)
    assert 'data-state="tag">founder</span>' in tagged
    untagged = grace.get(grace.press(at, "/tags/removal").location)
    assert 'data-state="tag">founder</span>' not in untagged
    assert [event.verb for event in world.events() if event.verb.startswith("tagging")] == [
        "tagging.tagged",
        "tagging.untagged",
    ]


def test_a_mailbox_is_marked_as_bounced_and_recovers(grace: Desk, world: World, at: str) -> None:
    side = f"{at}/consent"
    assert "takes mail" in grace.get(side)
    told = grace.get(grace.press(side, "/bounce").location)
    assert "Marked as bounced" in told
    assert "refuses mail since" in grace.get(side)
    assert CAROL in grace.get("/admin/w/campus/people?mail=bounced")
    (event,) = world.events("choosing.bounced")
    assert event.actor == f"admin:{grace.user.id}"
    assert "The mark is off." in grace.get(grace.press(side, "/recovery").location)
    assert "takes mail" in grace.get(side)


def test_what_the_team_of_another_waitlist_marked_stays(grace: Desk, world: World, at: str) -> None:
    other = world.launch("beta")
    carol = world.waiting(other, CAROL)
    grace.press(f"{at}/consent", "/bounce")
    with world.writing() as tx:
        choosing.bounce(tx, other.id, CAROL, carol.email_key, now=world.now)
        choosing.bounce(tx, None, CAROL, carol.email_key, now=world.now)
    grace.press(f"{at}/consent", "/recovery")
    assert "takes mail" in grace.get(f"{at}/consent")
    (left,) = world.rows(MailboxChoice, MailboxChoice.bounced_at.is_not(None))
    assert left.launch_id == other.id
    assert {event.launch_id for event in world.events("choosing.recovered")} == {carol.launch_id - 1}


def test_nothing_more_is_written_down_about_who_was_erased(grace: Desk, world: World, at: str) -> None:
    forms = [form_of(grace.get(at), action) for action in ("/note", "/tags")]
    with world.writing() as tx:
        campus = world.launch_of()
        forgetting.erase(tx, campus, world.entry(CAROL).id, never_again=False, actor=TEAM, now=world.now)
    for form, typed in zip(forms, ({"note": "Called Carol"}, {"new_tag": "carol"}), strict=True):
        told = grace.client.post(form["action"], data=dict(form["fields"]) | typed)
        assert told.status_code == 409
        assert "This person was erased" in told.text
    assert world.rows(Entry, Entry.note != "") == []
    with world.reading() as rx:
        assert rx.scalars(sa.select(EntryTag.tag)).all() == []


def test_the_timeline_is_filtered_and_read_page_by_page(
    grace: Desk, world: World, at: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waitlist.web.admin.person.PAGE", 2)
    for n in range(3):
        grace.press(at, "/note", note=f"note {n}")
    page = grace.get(f"{at}?verb=noting")
    assert page.count('data-testid="person-events-row"') == 2
    following = re.search(r'rel="next" href="([^"]*)"', page)
    assert following
    older = grace.get(following[1].replace("&amp;", "&"))
    assert older.count('data-testid="person-events-row"') == 1
    assert "note: note 0" in older
    assert "Confirmed and in line" not in older
    assert grace.get(f"{at}?actor=person").count('data-testid="person-events-row"') == 1
    assert "No event matches." in grace.get(f"{at}?request=nothing")


def test_friends_are_read_page_by_page(grace: Desk, world: World, at: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waitlist.queries.person.SHOWN", 2)
    carol = world.entry(CAROL)
    for n in range(3):
        world.waiting(world.launch_of(), f"friend{n}@college.edu", by=carol)
    page = grace.get(f"{at}/referrals")
    assert "3 friends came by this person’s link" in page
    following = re.search(r'rel="next" href="([^"]*)"', page)
    assert following
    assert "friend0@college.edu" in grace.get(following[1].replace("&amp;", "&"))
    assert "friend0@college.edu" not in page


def test_looking_is_written_down_shows_their_page_and_lets_nothing_happen(grace: Desk, world: World, at: str) -> None:
    there = grace.press(at, "/looking").location
    page = grace.get(there)
    assert f"You are looking as {CAROL}." in page
    assert "You are in line" in page
    theirs = page.partition('<fieldset class="stack still" disabled>')[2].rpartition("</fieldset>")[0]
    assert "Your link" in theirs
    assert "href=" not in theirs
    (event,) = world.events("looking.looked")
    assert event.subject_id == world.entry(CAROL).id
    response = grace.client.get(there)
    assert response.headers["Cache-Control"] == "no-store"
    assert grace.client.get("/s/-/leave").status_code == 404
    assert grace.client.post("/s/-/leave").status_code == 404
    world.later(minutes=11)
    with world.clock():
        assert grace.client.get(there).location.endswith("?done=look_over")


def test_nobody_looks_without_asking_or_with_the_press_of_another(
    grace: Desk, appoint: Appoint, world: World, at: str
) -> None:
    there = grace.press(at, "/looking").location
    linus = appoint("linus@team.example", Role.REVIEWER)
    assert linus.client.get(there).status_code == 302
    assert grace.client.get(f"{at}/looking").status_code == 302
    bob = f"/admin/w/campus/people/{world.entry(BOB).public_id}/looking"
    assert grace.client.get(f"{bob}?{there.partition('?')[2]}").status_code == 302
    assert "Your invite is ready" in grace.get(grace.press(bob.removesuffix("/looking"), "/looking").location)


def test_nobody_looks_as_somebody_who_was_removed(grace: Desk, world: World, at: str) -> None:
    form = form_of(grace.get(at), "/looking")
    with world.writing() as tx:
        removing.remove(
            tx, world.launch_of(), world.entry(CAROL).id, reason="x", abuse=False, actor=TEAM, now=world.now
        )
    assert grace.client.post(form["action"], data=dict(form["fields"])).status_code == 404


def test_a_person_goes_up_and_to_the_top(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 5)
    at = f"/admin/w/campus/people/{world.entry('person5@college.edu').public_id}"
    grace.press(at, "/place", how="up", to="2", move_reason="x")
    assert world.place("person5@college.edu") == 3
    grace.press(at, "/place", how="top", to="", move_reason="x")
    assert world.place("person5@college.edu") == 1


def test_somebody_is_put_into_another_line(grace: Desk, world: World, at: str) -> None:
    told = grace.press(at, "/place", status=422, how="line", line="", move_reason="x")
    assert "Enter a line" in told.text
    told = grace.press(at, "/place", status=409, how="line", line="North Campus", move_reason="x")
    assert "Write a line in small letters" in told.text
    done = grace.press(at, "/place", how="line", line="north", move_reason="lives there")
    assert "In the other line now" in grace.get(done.location)
    assert world.place(CAROL) == 1
    assert (
        "stands in that line already"
        in grace.press(at, "/place", status=409, how="line", line="north", move_reason="x").text
    )
