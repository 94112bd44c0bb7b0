"""Grace releases a wave: checks it, presses once or twice, undoes it, pauses it, and sees how it went."""

from __future__ import annotations

import io
import re

import pytest

from tests.parts import both
from tests.web.admin.conftest import Appoint, Desk, form_of
from tests.world import World
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.hold import SUSPEND, Hold
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave, WaveMember

pytestmark = both
WAVES = "/admin/w/campus/waves"


def rows(page: str) -> dict[str, int]:
    """The dry run as numbers by row."""
    found = re.findall(r'data-testid="check-row" data-id="(\w+)">.*?class="number"[^>]*>(.*?)</td>', page)
    return {name: int(re.sub(r"<[^>]*>|,", "", n)) for name, n in found}


def draft(grace: Desk, **typed: object) -> str:
    """Fill in the form and return the address of the draft."""
    answers = {"kind": "first", "n": "2"} | typed
    return grace.press(f"{WAVES}/new", **answers).location


def release(grace: Desk, draft_at: str, status: int = 303, **typed: object) -> str:
    page = grace.get(draft_at)
    number = re.search(r'name="number_to_type" value="(\d+)"', page)
    if number:
        typed = {"typed_number": number[1]} | typed
    response = grace.press(draft_at, "/release", status=status, **typed)
    return response.location if status == 303 else response.text


def test_a_wave_from_the_form_to_the_last_accepted_invite(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    at = draft(grace, name="Friday")
    before = [len(world.rows(noun)) for noun in (WaveMember, Invite)], world.messages()
    page = grace.get(at)
    assert rows(page) == {"invited": 2, "total": 2} | dict.fromkeys(
        ("already", "unconfirmed", "left", "held", "denied", "lapsed", "other_wave", "unsubscribed", "bounced"), 0
    ) | {"rules": 0, "seats": 0}
    assert ([len(world.rows(noun)) for noun in (WaveMember, Invite)], world.messages()) == before
    assert "Release 2 invites" in page
    assert "typed_number" not in page
    released = release(grace, at)
    assert released == at + "?done=released"
    holding = grace.get(released)
    assert "Nothing has been sent." in holding
    assert 'http-equiv="refresh"' not in holding
    assert 'http-equiv="refresh"' in grace.get(at + "?refresh=on")
    assert world.place("person1@college.edu") == 1
    assert grace.press(at, "/send-now").location == at + "?done=send_now"
    (wave,) = world.rows(Wave)
    world.later(minutes=1)
    world.deliver(campus, wave)
    done = grace.get(at)
    assert "0 of 2 invites sent, 0 failed, 0 held. 0 accepted so far." in done
    assert '<span class="value" data-testid="queued">2</span>' in done
    assert world.wave(wave.public_id).name == "Friday"
    listed = grace.get(WAVES)
    assert 'data-state="done"' in listed
    assert "Friday" in listed


def test_the_rows_add_up_whoever_is_passed_over(grace: Desk, world: World) -> None:
    campus = world.cast(world.launch(seats=5))
    world.crowd(campus, 4)
    world.join(campus, "late@college.edu")
    with world.writing() as tx:
        hold_id = tx.execute(
            Hold.__table__.insert()
            .values(
                public_id="hld_x",
                launch_id=campus.id,
                scope="entry",
                effect=SUSPEND,
                source="admin",
                reason="x",
                created_at=world.now,
                created_by="x",
            )
            .returning(Hold.id)
        ).scalar_one()
        tx.execute(Entry.__table__.update().where(Entry.email_key == "person1@college.edu").values(held_by=hold_id))
    page = grace.get(draft(grace, kind="filter", filter_domains="college.edu", min_friends="0"))
    counted = rows(page)
    assert counted["already"] == 2
    assert counted["held"] == 1
    assert counted["unconfirmed"] == 1
    assert counted["seats"] == 1
    assert sum(n for name, n in counted.items() if name != "total") == counted["total"] == 8
    assert "Over the seats (3 left of 5)" in page
    assert "This is more than a quarter of the line." in page
    who = grace.get(re.search(r'href="([^"]*why=held)"', page)[1])
    assert "person1@college.edu" in who
    assert "carol@college.edu" in grace.get(re.search(r'href="([^"?]*/people)"', page)[1])


def test_a_large_wave_asks_for_its_number(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 3)
    at = draft(grace)
    refused = release(grace, at, status=422, typed_number="3")
    assert "Type the number 2 to release this many" in refused
    assert world.rows(WaveMember) == []
    release(grace, at, typed_number=" 2 ")


def test_pressing_twice_and_in_two_tabs_releases_once(grace: Desk, appoint: Appoint, world: World) -> None:
    world.crowd(world.launch(), 9)
    linus = appoint("linus@team.example", Role.RELEASER)
    at = draft(grace)
    tabs = [form_of(desk.get(at), "/release") for desk in (grace, grace, linus)]
    first = dict(tabs[0]["fields"])
    answers = [
        grace.client.post(tabs[0]["action"], data=first),
        grace.client.post(tabs[0]["action"], data=first),
        grace.client.post(tabs[1]["action"], data=dict(tabs[1]["fields"])),
        linus.client.post(tabs[2]["action"], data=dict(tabs[2]["fields"])),
    ]
    assert [answer.status_code for answer in answers] == [303] * 4
    assert {answer.location for answer in answers} == {at + "?done=released"}
    assert len(world.rows(WaveMember)) == 2
    assert len(world.events("releasing.confirmed")) == 1


def test_when_people_changed_nothing_happens_unless_whoever_is_first_will_do(grace: Desk, world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 9)
    at = draft(grace)
    seen = form_of(grace.get(at), "/release")
    world.waiting(campus, "friend@college.edu", by=people[5])  # person6 climbs into the first two
    changed = grace.client.post(seen["action"], data=dict(seen["fields"]))
    assert changed.status_code == 409
    assert "People changed since you looked." in changed.text
    assert world.rows(WaveMember) == []
    fresh = form_of(changed.text, "/release")
    assert dict(fresh["fields"])["digest"] != dict(seen["fields"])["digest"]
    anyway = grace.client.post(seen["action"], data=dict(seen["fields"]) | {"whoever": "yes", "form_id": ""})
    assert anyway.status_code == 303
    assert len(world.rows(WaveMember)) == 2


def test_undo_brings_the_draft_back_and_mails_nobody(grace: Desk, world: World) -> None:
    campus = world.launch(seats=4)
    world.crowd(campus, 9)
    mails = len(world.messages())
    at = draft(grace)
    release(grace, at)
    assert world.seats(campus) == 2
    undone = grace.get(grace.press(at, "/undo").location)
    assert "Undone. It is a draft again: seats are back, and no mail was sent." in undone
    assert world.seats(campus) == 0
    assert len(world.messages()) == mails
    changed = grace.press(at + "/edit", kind="first", n="3").location
    assert "Release 3 invites" in grace.get(changed)
    release(grace, at)
    assert len(world.rows(WaveMember)) == 3


def test_who_undoes_too_late_is_told_where_it_is(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    at = draft(grace)
    release(grace, at, hold="0")
    page = grace.get(at)
    assert "Sending starts as soon as the worker is at it." in page
    late = form_of(page, "/undo")
    (wave,) = world.rows(Wave)
    world.later(minutes=1)
    world.deliver(campus, wave)
    told = grace.client.post(late["action"], data=dict(late["fields"]))
    assert told.location == at + "?done=moved_on"
    assert "Somebody pressed before you." in grace.get(told.location)
    assert grace.client.get(at + "/edit").location == at


def test_a_wave_is_paused_and_goes_on(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    at = draft(grace)
    release(grace, at, hold="0")
    (wave,) = world.rows(Wave)
    with world.writing() as tx:
        tx.execute(Wave.__table__.update().values(state="releasing"))
    grace.press(at, "/pause")
    assert "Paused. What was sent stays valid" in grace.get(at + "?done=pause_wave")
    world.deliver(campus, wave)
    assert world.rows(Invite) == []
    grace.press(at, "/resume")
    world.deliver(campus, wave)
    assert len(world.rows(Invite)) == 2


def test_a_wave_at_a_date_waits_for_it(grace: Desk, world: World) -> None:
    world.crowd(world.launch(tz="Europe/Paris"), 9)
    at = draft(grace)
    assert "Enter a date and time, like" in release(grace, at, status=422, when="later")
    assert "Enter a date and time, like" in release(grace, at, status=422, when="later", starts_at="tomorrow")
    release(grace, at, when="later", starts_at="2090-01-01T09:00")
    page = grace.get(at)
    assert 'data-state="scheduled"' in page
    assert "1 January 2090, 09:00 CET" in page
    (wave,) = world.rows(Wave)
    assert wave.due_at.hour == 8


def test_vips_from_a_pasted_list_and_a_file_may_be_strangers(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    csv = "e-mail;name\r\nvip@college.edu;Zoé\r\nperson1@college.edu;One\r\n".encode("utf-16")
    at = draft(grace, kind="listed", list="Ada <ada@college.edu>, vip@college.edu", file=(io.BytesIO(csv), "vips.csv"))
    page = grace.get(at)
    assert rows(page)["invited"] == 3
    assert "A list of 3 addresses" in page
    who = grace.get(at + "/people")
    assert "Not in line yet" in who
    assert "ada@college.edu" in who
    assert "vip@college.edu" in grace.get(at + "/edit")


def test_selected_people_are_those_of_the_address(grace: Desk, world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 9)
    response = grace.press(f"{WAVES}/new?entry={people[3].id}&entry={people[5].id}")
    page = grace.get(response.location)
    assert "2 selected people" in page
    assert rows(page)["invited"] == 2
    assert f"{people[3].id},{people[5].id}" in grace.get(response.location + "/edit")


def test_nobody_left_no_seat_and_a_pause_are_told(grace: Desk, world: World) -> None:
    campus = world.launch(seats=9)
    world.crowd(campus, 9)
    at = draft(grace)
    seen = form_of(grace.get(at), "/release")
    fields = dict(seen["fields"]) | {"whoever": "yes"}
    set_launch_pause(world, campus)
    assert "The waitlist is paused: no invites leave." in told(grace, seen, fields)
    with world.writing() as tx:
        tx.execute(Hold.__table__.update().values(released_at=world.now))
        tx.execute(Entry.__table__.update().values(state="left"))
    assert "There is nobody to invite." in told(grace, seen, fields)


def set_launch_pause(world: World, campus: Launch) -> None:
    with world.writing() as tx:
        tx.execute(
            Hold.__table__.insert().values(
                public_id="hld_p",
                launch_id=campus.id,
                scope="launch",
                effect=SUSPEND,
                source="admin",
                reason="x",
                created_at=world.now,
                created_by="x",
            )
        )


def told(grace: Desk, seen: dict[str, object], fields: dict[str, str]) -> str:
    response = grace.client.post(str(seen["action"]), data=fields)
    assert response.status_code == 409
    return response.text


def test_a_draft_is_thrown_away(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 2)
    at = draft(grace)
    form = form_of(grace.get(at), "/discard")
    assert "The draft is thrown away." in grace.get(grace.press(at, "/discard").location)
    grace.get(at, status=404)
    assert grace.client.post(form["action"], data=dict(form["fields"])).status_code == 404


def test_a_change_after_somebody_released_is_told(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace)
    editing, discarding = form_of(grace.get(at + "/edit")), form_of(grace.get(at), "/discard")
    release(grace, at)
    late = grace.client.post(at + "/edit", data=dict(editing["fields"]))
    assert late.location == at + "?done=moved_on"
    assert grace.client.post(discarding["action"], data=dict(discarding["fields"])).location == late.location
    refused = grace.press(WAVES + "/new", n="", status=422)
    assert "Enter how many" in refused.text


def test_a_bad_change_of_a_draft_is_told(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace)
    assert "Enter how many" in grace.press(at + "/edit", status=422, n="").text


def test_a_wave_of_another_waitlist_is_unknown_here(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 2)
    at = draft(grace)
    world.launch("beta")
    grace.get(at.replace("/campus/", "/beta/"), status=404)


def test_older_waves_are_on_the_next_page(grace: Desk, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.crowd(world.launch(), 2)
    monkeypatch.setattr("waitlist.web.admin.waves.PAGE", 2)
    for n in range(3):
        draft(grace, name=f"Number {n}")
    first = grace.get(WAVES)
    assert "Number 0" not in first
    assert "Number 0" in grace.get(re.search(r'rel="next" href="([^"]*)"', first)[1])


def test_a_stopped_wave_keeps_the_places_of_those_who_were_not_invited(grace: Desk, world: World) -> None:
    campus = world.launch(seats=5)
    world.crowd(campus, 9)
    at = draft(grace)
    release(grace, at, hold="0")
    page = grace.get(at)
    assert "2 people whose mail has not left will hear nothing and keep their place;" in page
    stopped = grace.get(grace.press(at, "/stop", reason="a leak").location)
    assert 'data-state="stopped"' in stopped
    assert world.seats(campus) == 0
    assert world.place("person1@college.edu") == 1


def test_unused_invites_are_recalled_and_used_ones_stay(grace: Desk, world: World) -> None:
    campus = world.launch(seats=5)
    world.crowd(campus, 9)
    at = draft(grace)
    release(grace, at, hold="0")
    (wave,) = world.rows(Wave)
    world.later(minutes=1)
    world.deliver(campus, wave)
    world.redeem(campus, world.invite_of("person1@college.edu"), "person1@college.edu")
    form = form_of(grace.get(at), "/recall")
    assert "Recall 1 unused invite" in grace.get(at)
    recalled = grace.get(grace.press(at, "/recall", reason="too early", tell="yes").location)
    assert "Recalled: unused invites are over" in recalled
    assert 'data-state="recalled"' in recalled
    assert world.place("person2@college.edu") == 1
    assert world.entry("person1@college.edu").state == "joined"
    assert world.seats(campus) == 1
    late = grace.client.post(form["action"], data=dict(form["fields"]) | {"form_id": ""})
    assert late.location == at + "?done=moved_on"


def test_people_of_a_later_wave_may_be_picked_when_it_starts(grace: Desk, world: World) -> None:
    world.crowd(world.launch(seats=9), 9)
    at = draft(grace)
    release(grace, at, when="later", starts_at="2090-01-01T09:00", pick="start")
    assert "People are picked when sending starts." in grace.get(at)
    assert world.rows(WaveMember) == []
    assert world.seats(world.launch_of()) == 0
