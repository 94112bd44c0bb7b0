"""A wave from its dry run to the last mail: nobody twice, nobody forgotten, seats never exceeded."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.test_joining import leave
from tests.world import ALICE, BOB, CAROL, DAVE, TEAM, World
from waitlist.actors import WORKER
from waitlist.models.entry import Entry
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, Invite
from waitlist.models.launch import Launch, Line
from waitlist.models.wave import Wave, WaveMember, by_public_id
from waitlist.services import delivering, launching, ranking, releasing, steering
from waitlist.services.gathering import Audience
from waitlist.services.releasing import CutChanged, LaunchHeld, NobodyFits, Offer, Terms
from waitlist.services.steering import WrongState

pytestmark = both

OFFER = Offer(days=7, allowance=3, lapse_policy="keep")
NOW = timedelta(0)


def preview(world: World, launch: Launch, audience: Audience) -> releasing.Preview:
    with world.reading() as rx:
        return releasing.preview(rx, launch, audience, OFFER, now=world.now)


def confirm(world: World, launch: Launch, audience: Audience, digest: str | None) -> Wave:
    with world.writing() as tx:
        terms = Terms(digest=digest, hold=NOW)
        return releasing.confirm(tx, launch, audience, OFFER, terms, actor=TEAM, now=world.now)


def start(world: World, launch: Launch, wave: Wave) -> bool:
    with world.writing() as tx:
        return releasing.start(tx, launch, wave.id, actor=WORKER, now=world.now)


def deliver(world: World, launch: Launch, wave: Wave) -> bool:
    with world.writing() as tx:
        return delivering.deliver_chunk(tx, launch, wave.id, keys=world.keys, actor=WORKER, now=world.now)


def pause(world: World, launch: Launch) -> None:
    with world.writing() as tx:
        launching.pause(tx, launch, reason="too quick", public_reason="", actor=TEAM, now=world.now)


def due(world: World) -> list[tuple[int, int]]:
    with world.reading() as rx:
        return releasing.due_waves(rx, world.now)


def listed(world: World, launch: Launch, *emails: str) -> Audience:
    people = []
    for email in emails:
        asked = world.application(launch, email)
        fields = ("email", "email_key", "abuse_key", "domain", "ticket", "arm_ticket")
        people.append({field: getattr(asked, field) for field in fields})
    return Audience("listed", listed=tuple(people))


def test_the_first_two_are_invited_with_one_mail_each(world: World) -> None:
    campus = world.launch(seats=5)
    people = world.crowd(campus, 3)
    wave = world.release(campus, 2)
    assert (wave.state, wave.planned, wave.invited, wave.skipped) == ("done", 2, 2, 0)
    assert [world.entry(person.email).state for person in people] == ["invited", "invited", "waiting"]
    assert world.place(people[2].email) == 1
    assert [mail.to_address for mail in world.messages("invite")] == [person.email for person in people[:2]]
    assert [invite.holds_seat for invite in world.rows(Invite)] == [True, True]
    assert [admission.state for admission in world.rows(Admission)] == ["offered", "offered"]
    assert world.seats(campus) == 2
    assert len(world.events("releasing.invited")) == 2
    with world.writing() as tx:
        assert ranking.recount(tx, people[0].line_id) == 0


def test_the_dry_run_writes_nothing_and_its_digest_is_the_waves(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 3)
    seen = preview(world, campus, Audience("first", n=2))
    assert (seen.cut.checked, world.rows(Wave), world.seats(campus)) == (2, [], 0)
    assert confirm(world, campus, Audience("first", n=2), seen.digest).digest == seen.digest


def test_people_who_changed_since_the_dry_run_stop_it(world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 3)
    seen = preview(world, campus, Audience("first", n=2))
    leave(world, people[0].email)
    with pytest.raises(CutChanged) as changed:
        confirm(world, campus, Audience("first", n=2), seen.digest)
    assert changed.value.cut.chosen == [people[1].id, people[2].id]
    assert (world.rows(Wave), world.seats(campus)) == ([], 0)
    assert confirm(world, campus, Audience("first", n=2), None).planned == 2, "unless whoever is first now will do"


def test_a_second_press_finds_other_people(world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 3)
    first = preview(world, campus, Audience("first", n=2))
    confirm(world, campus, Audience("first", n=2), first.digest)
    with pytest.raises(CutChanged) as changed:
        confirm(world, campus, Audience("first", n=2), first.digest)
    assert changed.value.cut.chosen == [people[2].id]
    assert changed.value.cut.skipped == {"other_wave": [people[0].id, people[1].id]}


def test_a_wave_for_nobody_is_none(world: World) -> None:
    campus = world.launch()
    with pytest.raises(NobodyFits):
        world.plan_wave(campus, 5)


def test_a_paused_launch_releases_nobody(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 2)
    wave = world.plan_wave(campus, 1)
    pause(world, campus)
    with pytest.raises(LaunchHeld):
        world.plan_wave(campus, 1)
    assert start(world, campus, wave) is False
    assert world.wave(wave.public_id).state == "holding"


def test_a_pause_stops_a_wave_between_its_chunks(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "CHUNK", 2)
    campus = world.launch()
    world.crowd(campus, 5)
    wave = world.plan_wave(campus, 5)
    assert start(world, campus, wave) is True
    assert deliver(world, campus, wave) is True
    pause(world, campus)
    assert deliver(world, campus, wave) is False
    assert (len(world.rows(Invite)), world.wave(wave.public_id).state) == (2, "releasing")
    assert due(world) == [(campus.id, wave.id)], "it goes on by itself"
    with world.writing() as tx:
        tx.execute(sa.update(Hold).values(released_at=world.now))
    assert [deliver(world, campus, wave) for _ in range(3)] == [True, False, False]
    assert (len(world.rows(Invite)), world.wave(wave.public_id).state) == (5, "done")
    assert due(world) == []


def test_a_wave_waits_for_its_holding_window(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 1)
    wave = world.plan_wave(campus, 1, hold=timedelta(minutes=5))
    assert (start(world, campus, wave), due(world)) == (False, [])
    assert world.place("person1@college.edu") == 1, "and its people keep their place meanwhile"
    world.later(minutes=5)
    assert due(world) == [(campus.id, wave.id)]
    assert (start(world, campus, wave), start(world, campus, wave)) == (True, False)


def test_a_scheduled_wave_starts_at_its_date(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 1)
    wave = world.plan_wave(campus, 1, starts_at=world.now + timedelta(days=1))
    assert (wave.state, wave.name) == ("scheduled", "Wave 1")
    world.later(days=1)
    assert start(world, campus, wave) is True
    with world.reading() as rx:
        assert rx.execute(by_public_id(campus.id, wave.public_id)).one().state == "releasing"


def test_seats_limit_a_wave_and_the_rest_is_told_why(world: World) -> None:
    campus = world.launch(seats=2)
    world.crowd(campus, 3)
    seen = preview(world, campus, Audience("first", n=3))
    assert (len(seen.cut.chosen), len(seen.cut.skipped["seats"])) == (2, 1)
    wave = world.release(campus, 3)
    assert (wave.planned, world.seats(campus)) == (2, 2)


def test_who_no_longer_fits_when_it_starts_is_skipped_and_the_seat_is_free(world: World) -> None:
    campus = world.launch(seats=2)
    people = world.crowd(campus, 2)
    wave = world.plan_wave(campus, 2)
    leave(world, people[0].email)
    world.deliver(campus, wave)
    wave = world.wave(wave.public_id)
    assert (wave.invited, wave.skipped, world.seats(campus)) == (1, 1, 1)
    assert [(member.outcome, member.reason) for member in world.rows(WaveMember)] == [
        ("skipped", "left"),
        ("invited", ""),
    ]


def test_a_wave_whose_people_all_left_is_done_and_holds_no_seat(world: World) -> None:
    campus = world.launch(seats=1)
    world.crowd(campus, 1)
    wave = world.plan_wave(campus, 1)
    leave(world, "person1@college.edu")
    world.deliver(campus, wave)
    assert (world.wave(wave.public_id).state, world.seats(campus)) == ("done", 0)
    assert world.messages("invite") == []


def test_a_listed_stranger_is_invited_and_the_mail_proves_the_mailbox(world: World) -> None:
    campus = world.launch(seats=3)
    world.waiting(campus, CAROL)
    wave = world.release(campus, audience=listed(world, campus, CAROL, ALICE, DAVE))
    alice = world.entry(ALICE)
    assert (wave.invited, alice.state, alice.vip, alice.confirmed_no) == (2, "invited", True, None)
    assert world.redeem(campus, world.invite_of(ALICE), ALICE).first
    assert world.entry(ALICE).confirmed_no is not None


def test_a_stranger_who_joins_by_herself_meanwhile_is_not_made_twice(world: World) -> None:
    campus = world.launch()
    audience = listed(world, campus, ALICE)
    with world.writing() as tx:
        present = releasing.preview(tx, campus, audience, OFFER, now=world.now)
    world.join(campus, ALICE)
    with world.writing() as tx:
        made = releasing._enter_newcomers(tx, campus, present.cut, actor=TEAM, now=world.now)
    assert made == [world.entry(ALICE).id]


def test_selected_people_of_another_line_leave_that_line(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        tx.execute(sa.insert(Line).values(launch_id=campus.id, key="law", ranked=True))
    carol, bob = world.waiting(campus, CAROL, line="law"), world.waiting(campus, BOB, line="law")
    alice = world.waiting(campus, ALICE)
    world.release(campus, audience=Audience("selected", entry_ids=(carol.id, alice.id)))
    assert (world.place(BOB), world.place(CAROL), world.place(ALICE)) == (1, None, None)
    with world.writing() as tx:
        assert [ranking.recount(tx, line_id) for line_id in (bob.line_id, alice.line_id)] == [0, 0]


def test_who_let_one_expire_may_be_invited_again(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, BOB)
    world.release(campus, 1)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state="lapsed"))
        tx.execute(sa.update(Admission).values(state="expired"))
    wave = world.release(campus, audience=Audience("first", n=1, include_lapsed=True))
    (admission,) = world.rows(Admission)
    assert (wave.invited, world.entry(BOB).state, admission.state) == (1, "invited", "offered")
    assert admission.wave_id == wave.id


def test_undo_brings_everything_back(world: World) -> None:
    campus = world.launch(seats=2)
    world.crowd(campus, 2)
    wave = world.plan_wave(campus, 2, hold=timedelta(minutes=5))
    with world.writing() as tx:
        undone = steering.undo(tx, campus, wave.id, actor=TEAM, now=world.now)
    assert (undone.state, world.seats(campus), world.rows(WaveMember)) == ("draft", 0, [])
    assert world.messages("invite") == []
    with pytest.raises(WrongState) as wrong, world.writing() as tx:
        steering.undo(tx, campus, wave.id, actor=TEAM, now=world.now)
    assert wrong.value.state == "draft"
    world.later(minutes=6)
    assert start(world, campus, wave) is False


def test_a_wave_that_went_out_cannot_be_undone(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 1)
    wave = world.release(campus, 1)
    with pytest.raises(WrongState), world.writing() as tx:
        steering.undo(tx, campus, wave.id, actor=TEAM, now=world.now)
    with pytest.raises(WrongState) as wrong, world.writing() as tx:
        steering.pause(tx, campus, 999, reason="", actor=TEAM, now=world.now)
    assert wrong.value.state == "unknown"


def test_send_now_ends_the_window(world: World) -> None:
    campus = world.launch()
    world.crowd(campus, 1)
    wave = world.plan_wave(campus, 1, hold=timedelta(minutes=5))
    with world.writing() as tx:
        steering.send_now(tx, campus, wave.id, actor=TEAM, now=world.now)
    assert start(world, campus, wave) is True
    with pytest.raises(WrongState), world.writing() as tx:
        steering.send_now(tx, campus, wave.id, actor=TEAM, now=world.now)


@pytest.mark.parametrize("started", [False, True])
def test_a_paused_wave_goes_on_where_it_was(world: World, started: bool) -> None:
    campus = world.launch()
    world.crowd(campus, 1)
    wave = world.plan_wave(campus, 1)
    if started:
        start(world, campus, wave)
    with world.writing() as tx:
        steering.pause(tx, campus, wave.id, reason="a doubt", actor=TEAM, now=world.now)
    assert (start(world, campus, wave), deliver(world, campus, wave)) == (False, False)
    with world.writing() as tx:
        resumed = steering.resume(tx, campus, wave.id, actor=TEAM, now=world.now)
    assert resumed.state == ("releasing" if started else "holding")
    world.deliver(campus, wave)
    assert world.wave(wave.public_id).invited == 1
    with pytest.raises(WrongState), world.writing() as tx:
        steering.resume(tx, campus, wave.id, actor=TEAM, now=world.now)
    with pytest.raises(WrongState), world.writing() as tx:
        steering.resume(tx, campus, 999, actor=TEAM, now=world.now)
