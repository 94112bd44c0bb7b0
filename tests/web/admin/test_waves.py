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
from waitlist.models.message import Message
from waitlist.models.wave import Wave, WaveMember

pytestmark = both
WAVES = "/admin/w/campus/waves"
WHEN = ("when", "starts_at", "pick", "hold", "speed", "pace", "quiet_from", "quiet_to")


def rows(page: str) -> dict[str, int]:
    """The dry run as numbers by row."""
    found = re.findall(r'data-testid="check-row" data-id="(\w+)">.*?class="number"[^>]*>(.*?)</td>', page)
    return {name: int(re.sub(r"<[^>]*>|,", "", n)) for name, n in found}


def draft(grace: Desk, **typed: object) -> str:
    """Go through the first two steps and return the address of the draft."""
    offer = {name: typed.pop(name) for name in ("days", "allowance", "lapse_policy", "language") if name in typed}
    answers = {"kind": "first", "n": "2"} | typed
    offer_at = grace.press(f"{WAVES}/new", **answers).location
    assert offer_at.endswith("/offer")
    assert grace.press(offer_at, **offer).location == at_step(offer_at, "check")
    return offer_at.removesuffix("/offer")


def at_step(address: str, step: str) -> str:
    return address.rpartition("/")[0] + f"/{step}"


def timed(grace: Desk, draft_at: str, status: int = 303, **typed: object) -> str:
    """Fill in the step "When"."""
    response = grace.press(f"{draft_at}/when", status=status, **typed)
    return response.location if status == 303 else response.text


def release(grace: Desk, draft_at: str, status: int = 303, **typed: object) -> str:
    """Confirm it, with what the step "When" is told first."""
    when = {name: typed.pop(name) for name in WHEN if name in typed}
    if when:
        assert timed(grace, draft_at, **when) == f"{draft_at}/confirm"
    page = grace.get(f"{draft_at}/confirm")
    number = re.search(r'name="number_to_type" value="(\d+)"', page)
    if number:
        typed = {"typed_number": number[1]} | typed
    response = grace.press(f"{draft_at}/confirm", "/release", status=status, **typed)
    return response.location if status == 303 else response.text


def where(grace: Desk, wave_at: str) -> str:
    """The page that the wave's own address leads to."""
    return grace.client.get(wave_at, follow_redirects=True).text


def test_a_wave_from_the_form_to_the_last_accepted_invite(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    at = draft(grace, name="Friday")
    before = [len(world.rows(noun)) for noun in (WaveMember, Invite)], world.messages()
    page = grace.get(at + "/check")
    assert rows(page) == {"invited": 2, "total": 2} | dict.fromkeys(
        ("already", "unconfirmed", "left", "held", "denied", "lapsed", "other_wave", "unsubscribed", "bounced"), 0
    ) | {"rules": 0, "seats": 0}
    assert ([len(world.rows(noun)) for noun in (WaveMember, Invite)], world.messages()) == before
    confirm = grace.get(at + "/confirm")
    assert "Release 2 invites" in confirm
    assert "typed_number" not in confirm
    released = release(grace, at)
    assert released == at + "?done=released"
    holding = where(grace, released)
    assert "Nothing has been sent." in holding
    assert 'http-equiv="refresh"' in holding
    assert 'http-equiv="refresh"' not in grace.get(at + "/holding?refresh=off")
    assert world.place("person1@college.edu") == 1
    assert grace.press(at + "/holding", "/send-now").location == at + "?done=send_now"
    (wave,) = world.rows(Wave)
    world.later(minutes=1)
    world.deliver(campus, wave)
    done = grace.get(at + "/releasing")
    assert "0 of 2 invites sent." in done
    assert 'data-state="releasing"' in done
    assert '<span class="value" data-testid="queued">2</span>' in done
    assert world.wave(wave.public_id).name == "Friday"
    listed = grace.get(WAVES)
    assert 'data-state="releasing"' in listed
    assert "Friday" in listed
    assert "The first 2 in line" in listed
    with world.writing() as tx:
        tx.execute(Message.__table__.update().values(state="sent"))
    assert "2 of 2 invites sent, 0 bounced, 0 failed, 0 held. 0 accepted so far." in where(grace, at)
    assert 'data-state="done"' in grace.get(WAVES)


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
    page = grace.get(draft(grace, kind="filter", q="@college.edu") + "/check")
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
    assert "carol@college.edu" in grace.get(re.search(r'href="([^"?]*/\w+/people)"', page)[1])


def test_a_large_wave_asks_for_its_number(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 3)
    at = draft(grace)
    refused = release(grace, at, status=422, typed_number="3")
    assert "Type the number 2 to release this many" in refused
    assert world.rows(WaveMember) == []
    release(grace, at, typed_number=" 2 ")


def test_whoever_is_first_goes_by_the_number_of_now(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    at = draft(grace, kind="filter", q="@college.edu")
    seen = form_of(grace.get(at + "/confirm"), "/release")
    fields = dict(seen["fields"]) | {"typed_number": "3", "whoever": "yes"}
    world.waiting(campus, "late@college.edu")
    refused = grace.client.post(seen["action"], data=fields)
    assert refused.status_code == 422
    assert "Type the number 4 to release this many" in refused.text
    assert world.rows(WaveMember) == []
    assert grace.client.post(seen["action"], data=fields | {"typed_number": "4"}).status_code == 303
    assert len(world.rows(WaveMember)) == 4


def test_pressing_twice_and_in_two_tabs_releases_once(grace: Desk, appoint: Appoint, world: World) -> None:
    world.crowd(world.launch(), 9)
    linus = appoint("linus@team.example", Role.RELEASER)
    at = draft(grace)
    tabs = [form_of(desk.get(at + "/confirm"), "/release") for desk in (grace, grace, linus)]
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
    seen = form_of(grace.get(at + "/confirm"), "/release")
    world.waiting(campus, "friend@college.edu", by=people[5])  # person6 climbs into the first two
    changed = grace.client.post(seen["action"], data=dict(seen["fields"]))
    assert changed.status_code == 409
    assert "2 people changed since you looked." in changed.text
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
    undone = where(grace, grace.press(at + "/holding", "/undo").location)
    assert "Undone. It is a draft again: seats are back, and no mail was sent." in undone
    assert world.seats(campus) == 0
    assert len(world.messages()) == mails
    assert grace.press(at + "/audience", kind="first", n="3").location == at + "/offer"
    assert "Release 3 invites" in grace.get(at + "/confirm")
    release(grace, at)
    assert len(world.rows(WaveMember)) == 3


def test_who_undoes_too_late_is_told_where_it_is(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    at = draft(grace)
    release(grace, at, hold="0")
    page = grace.get(at + "/holding")
    assert "Sending starts as soon as the worker is at it." in page
    late = form_of(page, "/undo")
    (wave,) = world.rows(Wave)
    world.later(minutes=1)
    world.deliver(campus, wave)
    told = grace.client.post(late["action"], data=dict(late["fields"]))
    assert told.location == at + "?done=moved_on"
    assert "Somebody pressed before you." in where(grace, told.location)
    for step in ("audience", "offer", "check", "when", "confirm"):
        assert grace.client.get(f"{at}/{step}").location == at


def test_a_wave_is_paused_and_goes_on(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 9)
    at = draft(grace)
    release(grace, at, hold="0")
    (wave,) = world.rows(Wave)
    with world.writing() as tx:
        tx.execute(Wave.__table__.update().values(state="releasing"))
    grace.press(at + "/releasing", "/pause")
    assert "Paused. What was sent stays valid" in where(grace, at + "?done=pause_wave")
    world.deliver(campus, wave)
    assert world.rows(Invite) == []
    grace.press(at + "/releasing", "/resume")
    world.deliver(campus, wave)
    assert len(world.rows(Invite)) == 2


def test_a_wave_at_a_date_waits_for_it(grace: Desk, world: World) -> None:
    world.crowd(world.launch(tz="Europe/Paris"), 9)
    at = draft(grace)
    assert "Enter a date and time, like" in timed(grace, at, status=422, when="later")
    assert "Enter a date and time, like" in timed(grace, at, status=422, when="later", starts_at="tomorrow")
    assert "Enter a date and time in the future" in timed(grace, at, 422, when="later", starts_at="2020-01-01T09:00")
    release(grace, at, when="later", starts_at="2090-01-01T09:00")
    page = where(grace, at)
    assert "1 January 2090, 08:00 UTC" in page
    assert 'data-state="scheduled"' in page
    assert "1 January 2090, 09:00 CET" in page
    (wave,) = world.rows(Wave)
    assert wave.due_at.hour == 8


def test_vips_from_a_pasted_list_and_a_file_may_be_strangers(grace: Desk, world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    csv = "e-mail;name\r\nvip@college.edu;Zoé\r\nperson1@college.edu;One\r\n".encode("utf-16")
    at = draft(grace, kind="listed", list="Ada <ada@college.edu>, vip@college.edu", file=(io.BytesIO(csv), "vips.csv"))
    page = grace.get(at + "/check")
    assert rows(page)["invited"] == 3
    assert "A list of 3 addresses" in page
    who = grace.get(at + "/people")
    assert "Not in line yet" in who
    assert "ada@college.edu" in who
    assert "vip@college.edu" in grace.get(at + "/audience")


def test_selected_people_are_those_of_the_address(grace: Desk, world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 9)
    response = grace.press(f"{WAVES}/new?entry={people[3].id}&entry={people[5].id}")
    page = grace.get(at_step(response.location, "check"))
    assert "2 selected people" in page
    assert rows(page)["invited"] == 2
    assert f"{people[3].id},{people[5].id}" in grace.get(at_step(response.location, "audience"))


def test_nobody_left_no_seat_and_a_pause_are_told(grace: Desk, world: World) -> None:
    campus = world.launch(seats=9)
    world.crowd(campus, 9)
    at = draft(grace)
    seen = form_of(grace.get(at + "/confirm"), "/release")
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
    form = form_of(grace.get(at + "/check"), "/discard")
    assert "The draft is thrown away." in grace.get(grace.press(at + "/offer", "/discard").location)
    grace.get(at + "/check", status=404)
    assert grace.client.post(form["action"], data=dict(form["fields"])).status_code == 404


def test_a_change_after_somebody_released_is_told(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace)
    editing, discarding = form_of(grace.get(at + "/audience")), form_of(grace.get(at + "/check"), "/discard")
    release(grace, at)
    late = grace.client.post(at + "/audience", data=dict(editing["fields"]))
    assert late.location == at + "?done=moved_on"
    assert grace.client.post(discarding["action"], data=dict(discarding["fields"])).location == late.location
    refused = grace.press(WAVES + "/new", n="", status=422)
    assert "Enter how many" in refused.text


def test_a_bad_change_of_a_draft_is_told(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 9)
    at = draft(grace)
    assert "Enter how many" in grace.press(at + "/audience", status=422, n="").text
    assert "Enter a number of days" in grace.press(at + "/offer", status=422, days="").text


def test_a_wave_of_another_waitlist_is_unknown_here(grace: Desk, world: World) -> None:
    world.crowd(world.launch(), 2)
    at = draft(grace)
    world.launch("beta")
    grace.get(at.replace("/campus/", "/beta/") + "/check", status=404)


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
    page = grace.get(at + "/holding")
    assert "2 people whose mail has not left will hear nothing and keep their place;" in page
    stopped = where(grace, grace.press(at + "/holding", "/stop", reason="a leak").location)
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
    form = form_of(grace.get(at + "/releasing"), "/recall")
    assert "Recall unused invites (1)" in grace.get(at + "/releasing")
    recalled = where(grace, grace.press(at + "/releasing", "/recall", reason="too early", tell="yes").location)
    assert "Recalled: unused invites are over" in recalled
    assert 'data-state="recalled"' in recalled
    assert world.place("person2@college.edu") == 1
    assert world.entry("person1@college.edu").state == "joined"
    assert world.seats(campus) == 1
    late = grace.client.post(form["action"], data=dict(form["fields"]) | {"form_id": ""})
    assert late.location == at + "?done=moved_on"


def test_a_whole_wave_is_revoked_and_restored(grace: Desk, world: World) -> None:
    campus = world.launch(seats=5)
    world.crowd(campus, 9)
    at = draft(grace)
    release(grace, at, hold="0")
    (wave,) = world.rows(Wave)
    world.later(minutes=1)
    world.deliver(campus, wave)
    world.redeem(campus, world.invite_of("person1@college.edu"), "person1@college.edu")
    unsure = where(grace, grace.press(at + "/releasing", "/revoke", reason="it broke").location)
    assert "tick the box" in unsure
    revoked = where(grace, grace.press(at + "/releasing", "/revoke", reason="it broke", sure="yes").location)
    assert "stands in line again, first for the next one" in revoked
    assert "1 person was inside, 1 invite was unused." in revoked
    assert world.place("person1@college.edu") == 1
    other = draft(grace)
    assert "A wave was revoked" in release(grace, other, 409, hold="0")
    assert "Waves go on." in where(grace, grace.press(at + "/result", "/resume-stage").location)
    stale = grace.press(at + "/result", "/restore")
    assert "Restored: everybody has back" in where(grace, stale.location)
    assert world.entry("person1@college.edu").state == "joined"


def test_restoring_says_how_many_seats_are_missing(grace: Desk, world: World) -> None:
    campus = world.launch(seats=1)
    world.crowd(campus, 2)
    wave = world.release(campus, 1)
    world.redeem(campus, world.invite_of("person1@college.edu"), "person1@college.edu")
    at = f"/admin/w/campus/waves/{wave.public_id}"
    grace.press(at + "/releasing", "/revoke", sure="yes")
    world.member(campus, "alice@college.edu")
    assert "1 more must be free first" in where(grace, grace.press(at + "/result", "/restore").location)


def test_people_of_a_later_wave_may_be_picked_when_it_starts(grace: Desk, world: World) -> None:
    world.crowd(world.launch(seats=9), 9)
    at = draft(grace)
    release(grace, at, when="later", starts_at="2090-01-01T09:00", pick="start")
    assert "People are picked when sending starts." in where(grace, at)
    assert world.rows(WaveMember) == []
    assert world.seats(world.launch_of()) == 0
