"""Stages that release: each wave once, in time, in order, and never more than was planned."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.parts.worker import tick
from tests.world import TEAM, World
from waitlist.actors import WORKER, admin
from waitlist.models.entry import Entry
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch, SeatCount
from waitlist.models.stage import Stage
from waitlist.models.tag import EntryTag
from waitlist.models.wave import Wave, WaveMember
from waitlist.services import (
    advancing,
    braking,
    lapsing,
    launching,
    redeeming,
    releasing,
    seating,
    staging,
    steering,
    stopping,
    windowing,
)
from waitlist.services.contradicting import Contradiction
from waitlist.services.staging import Draft

pytestmark = both
CAMPUS = {"kind": "domain", "domains": ["college.edu"]}
OTHERS = {"kind": "domain", "domains": ["elsewhere.edu"]}
GRACE = admin(2)


def plan(world: World, launch: Launch, key: str, tree: dict[str, Any] | None = None, **more: Any) -> Stage:
    """A stage that releases, unless it says otherwise; due at once unless it says when."""
    more = {"mode": "release", "starts_at": None if "starts" in more else world.now} | more
    with world.writing() as tx:
        return staging.add(tx, launch, Draft(key, tree, **more), actor=TEAM, now=world.now)


def people_of(world: World, launch: Launch) -> list[str]:
    """The local parts of everybody invited, a word for each wave, in the order of their cuts."""
    words = []
    for wave in world.rows(Wave, Wave.launch_id == launch.id):
        members = world.rows(WaveMember, WaveMember.wave_id == wave.id, WaveMember.outcome == "invited")
        names = [world.rows(Entry, Entry.id == member.entry_id)[0].email for member in members]
        words.append(" ".join(name.partition("@")[0] for name in names))
    return words


def stage_of(world: World, key: str) -> Stage:
    found: Stage = world.rows(Stage, Stage.key == key)[0]
    return found


def pools(world: World) -> list[tuple[int, int]]:
    return [(row.seats, row.counted) for row in world.rows(SeatCount)]


def test_a_due_stage_becomes_one_frozen_wave_of_its_people_and_is_through(world: World) -> None:
    launch = world.launch(domain=None)
    for email in ("a@elsewhere.edu", "b@college.edu", "c@college.edu", "d@college.edu"):
        world.waiting(launch, email)
    plan(world, launch, "campus", CAMPUS, quota=2, name="Campus first")
    assert tick(world, launch, timedelta(minutes=5)) == 1
    (wave,) = world.rows(Wave)
    assert (wave.state, wave.planned, wave.name, wave.stage_no) == ("holding", 2, "Campus first", 1)
    assert wave.digest
    assert wave.stage_id == stage_of(world, "campus").id
    assert world.entry("b@college.edu").state == "waiting"  # until the holding window ends
    world.later(minutes=5)
    assert tick(world, launch) == 0
    assert people_of(world, launch) == ["b c"]
    assert stage_of(world, "campus").ended_at is not None
    offer = world.admission("b@college.edu")
    assert offer is not None
    assert offer.stage_id == wave.stage_id


def test_a_stage_that_fires_twice_makes_one_wave_for_each_time_it_is_due(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 5)
    plan(world, launch, "slow", quota=2, every_minutes=60, waves_most=2)
    assert [tick(world, launch), tick(world, launch)] == [1, 0]
    world.later(minutes=60)
    assert [tick(world, launch), tick(world, launch)] == [1, 0]
    world.later(minutes=60)
    assert tick(world, launch) == 0
    assert people_of(world, launch) == ["person1 person2", "person3 person4"]
    assert [wave.name for wave in world.rows(Wave)] == ["slow 1", "slow 2"]


def test_after_three_days_away_one_wave_is_due_and_the_next_one_counts_from_it(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 8)
    plan(world, launch, "slow", quota=1, every_minutes=24 * 60)
    tick(world, launch)
    world.later(days=4, hours=3)
    assert [tick(world, launch), tick(world, launch)] == [1, 0]
    world.later(hours=23)
    assert tick(world, launch) == 0
    world.later(hours=1)
    assert tick(world, launch) == 1
    assert len(world.rows(Wave)) == 3


def test_a_daily_wave_keeps_its_hour_on_the_wall_when_the_clocks_change(world: World) -> None:
    world.now = datetime(2027, 3, 13, 14, 0, tzinfo=UTC)  # 09:00 in New York, the day before
    launch = world.launch(tz="America/New_York")
    world.crowd(launch, 2)
    plan(world, launch, "slow", quota=1, every_minutes=24 * 60)
    tick(world, launch)
    assert stage_of(world, "slow").next_at == datetime(2027, 3, 14, 13, 0, tzinfo=UTC)


def test_a_wave_outside_the_window_waits_for_it_and_a_blackout_beats_the_window(world: World) -> None:
    world.now = datetime(2026, 11, 27, 12, 0, tzinfo=UTC)  # a Friday
    launch = world.launch()
    world.crowd(launch, 1)
    by_hand = world.plan_wave(launch, 1)
    with world.writing() as tx:
        windowing.keep_hours(tx, launch, "0123", "09:00", "16:00", actor=TEAM, now=world.now)
        monday = datetime(2026, 11, 30, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)
        quarter = windowing.black_out(tx, launch, *monday, reason="close", actor=TEAM, now=world.now)
    plan(world, launch, "slow", quota=1)
    assert tick(world, launch) == 0
    tuesday = datetime(2026, 12, 1, 9, tzinfo=UTC)
    assert stage_of(world, "slow").next_at == tuesday
    assert world.wave(by_hand.public_id).due_at == tuesday
    with world.writing() as tx:
        windowing.end_blackout(tx, launch, quarter.id, actor=TEAM, now=world.now)
    with pytest.raises(windowing.NoBlackout), world.writing() as tx:
        windowing.end_blackout(tx, launch, quarter.id, actor=TEAM, now=world.now)
    with pytest.raises(windowing.EmptyWindow), world.writing() as tx:
        windowing.keep_hours(tx, launch, "", "16:00", "09:00", actor=TEAM, now=world.now)
    with pytest.raises(windowing.EmptyWindow), world.writing() as tx:
        windowing.black_out(tx, launch, monday[1], monday[0], reason="", actor=TEAM, now=world.now)
    world.now = tuesday
    tick(world, launch)
    assert people_of(world, launch) == ["person1"]


def test_a_wave_stops_in_the_middle_when_its_window_closes(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 2)
    wave = world.plan_wave(launch, 2)
    with world.writing() as tx:
        assert releasing.start(tx, launch, wave.id, actor=WORKER, now=world.now)
        ends = world.now + timedelta(hours=1)
        windowing.black_out(tx, launch, world.now, ends, reason="", actor=TEAM, now=world.now)
    world.deliver(launch, wave)
    assert people_of(world, launch) == [""]
    assert world.wave(wave.public_id).due_at == ends
    world.later(hours=1)
    world.deliver(launch, wave)
    assert people_of(world, launch) == ["person1 person2"]


def test_a_share_is_exact_rounds_down_and_of_somebody_is_never_nobody(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 25)
    plan(world, launch, "tenth", share_ppm=100_000)
    tick(world, launch)
    assert people_of(world, launch) == ["person1 person2"]
    plan(world, launch, "hundredth", share_ppm=10_000)
    tick(world, launch)
    assert people_of(world, launch)[1] == "person3"


def test_a_draw_takes_the_lowest_tickets_and_a_score_the_most_points(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 6)
    world.waiting(launch, "friend@college.edu", by=world.entry("person5@college.edu"))
    plan(world, launch, "draw", selects="draw", quota=2, starts="hand")
    plan(world, launch, "score", selects="score", quota=1)
    tick(world, launch)
    assert people_of(world, launch) == ["person5"]
    waiting = sorted(world.rows(Entry, Entry.state == "waiting"), key=lambda person: person.ticket)
    with world.writing() as tx:
        staging.start(tx, launch, "draw", actor=TEAM, now=world.now)
    tick(world, launch)
    assert people_of(world, launch)[1] == " ".join(person.email.partition("@")[0] for person in waiting[:2])


def test_a_stage_picked_by_hand_invites_whom_the_team_tagged_with_its_key(world: World) -> None:
    launch = world.launch()
    crowd = world.crowd(launch, 4)
    with world.writing() as tx:
        for person in (crowd[3], crowd[1]):
            row = {"entry_id": person.id, "launch_id": launch.id, "tag": "pilot", "tagged_by": "admin:1"}
            tx.execute(sa.insert(EntryTag).values(row | {"tagged_at": world.now}))
    plan(world, launch, "pilot", selects="manual")
    tick(world, launch)
    assert people_of(world, launch) == ["person2 person4"]


def test_a_stage_starts_after_the_one_before_once_that_is_as_far_as_it_should_be(world: World) -> None:
    launch = world.launch(domain=None)
    world.crowd(launch, 3)
    exits = {"minutes": 60, "redeemed": 1, "admitted": 2, "clear": True, "ended": True}
    plan(world, launch, "one", CAMPUS, quota=2, exits=exits)
    plan(world, launch, "two", CAMPUS, starts="after", after_minutes=90)
    plan(world, launch, "three", starts="after", mode="open")
    tick(world, launch)
    world.later(minutes=90)
    assert tick(world, launch) == 0  # nobody has accepted yet
    world.redeem(launch, world.invite_of("person1@college.edu"), "person1@college.edu")
    (wave,) = world.rows(Wave)
    with world.writing() as tx:
        steering.pause(tx, launch, wave.id, reason="look", actor=TEAM, now=world.now)
    assert tick(world, launch) == 0
    with world.writing() as tx:
        steering.resume(tx, launch, wave.id, actor=TEAM, now=world.now)
        tx.execute(sa.update(Wave).values(state="done"))
    assert tick(world, launch) == 2  # the second, and the third right behind it
    assert stage_of(world, "two").started_at == world.now
    assert tick(world, launch) == 1
    assert people_of(world, launch)[1] == "person3"


def test_approvals_are_of_others_for_the_step_that_is_next_and_the_last_one_starts_it(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 1)
    plan(world, launch, "one", quota=1, exits={"minutes": 60})
    plan(world, launch, "two", quota=1, starts="approval", approvals=2)
    with world.writing() as tx, pytest.raises(staging.NeedsApproval):
        staging.start(tx, launch, "two", actor=TEAM, now=world.now)

    def approve(by: int, key: str = "two") -> Stage:
        with world.writing() as tx:
            return advancing.approve(tx, launch, key, actor=admin(by), now=world.now)

    with pytest.raises(advancing.OwnPlan):
        approve(1)
    with pytest.raises(advancing.TooEarly) as early:
        approve(2)
    assert early.value.missing == ("minutes",)
    with pytest.raises(staging.NoSuchStage):
        approve(2, "one")
    world.later(minutes=60)
    assert approve(2).started_at is None
    assert approve(2).started_at is None  # twice the same yes is one
    with world.writing() as tx:
        again = Draft("two", None, mode="release", quota=2, starts="approval", approvals=2)
        staging.change(tx, launch, again, actor=GRACE, now=world.now)
    assert approve(1).started_at is None  # the plan is another one now, and of somebody else
    assert approve(3).started_at == world.now
    with pytest.raises(staging.NoSuchStage):
        approve(4)


def test_who_lets_the_invite_go_is_made_up_for_in_the_next_wave(world: World) -> None:
    launch = world.launch(invite_days=1)
    world.crowd(launch, 9)
    plan(world, launch, "slow", quota=2, every_minutes=3 * 24 * 60, backfill=True)
    tick(world, launch)
    world.redeem(launch, world.invite_of("person1@college.edu"), "person1@college.edu")
    for expected in ("person3 person4 person5", "person6 person7 person8 person9"):
        world.later(days=3)
        with world.writing() as tx:
            lapsing.lapse_due(tx, world.now, 500)
        tick(world, launch)
        assert people_of(world, launch)[-1] == expected  # and nobody who let the first one lapse


def test_reserved_seats_are_out_of_reach_for_everybody_else_and_come_back_to_their_stage(world: World) -> None:
    launch = world.launch(domain=None, seats=10, invite_days=1)
    world.crowd(launch, 12)
    plan(world, launch, "vip", OTHERS, reserved_seats=2, every_minutes=60, starts="hand")
    plan(world, launch, "all")
    tick(world, launch)
    assert len(people_of(world, launch)[0].split()) == 8
    vip = world.waiting(launch, "vera@elsewhere.edu")
    with world.writing() as tx:
        staging.start(tx, launch, "vip", actor=TEAM, now=world.now)
    tick(world, launch)
    assert people_of(world, launch)[1] == "vera"
    assert pools(world) == [(9, 9), (1, 0)]
    with world.writing() as tx:
        tx.execute(sa.update(Stage).where(Stage.key == "vip").values(next_at=None))
    world.later(days=2)
    with world.writing() as tx:
        lapsing.lapse_due(tx, world.now, 500)
    assert pools(world) == [(8, 0), (2, 0)]
    with world.writing() as tx:
        assert seating.difference(tx, launch.id) == 0
        staging.skip(tx, launch, "vip", actor=TEAM, now=world.now)
    assert pools(world) == [(10, 0), (0, 0)]
    assert vip.id


def test_a_stage_for_invites_says_whom_they_let_in_and_gives_them_its_seats(world: World) -> None:
    launch = world.launch(domain=None, seats=1)
    link = world.issue(launch, uses=5)
    plan(world, launch, "campus", CAMPUS, mode="redeem", reserved_seats=1)
    with pytest.raises(Exception) as refused:  # noqa: PT011 - the class is the point below
        world.redeem(launch, link, "dave@elsewhere.edu")
    assert type(refused.value).__name__ == "NotEligible"
    with world.writing() as tx:
        staging.pause(tx, launch, "campus", reason="x", actor=TEAM, now=world.now)
    with pytest.raises(Exception) as paused:  # noqa: PT011
        world.redeem(launch, link, "alice@college.edu")
    assert type(paused.value).__name__ == "Paused"
    with world.writing() as tx:
        staging.resume(tx, launch, "campus", actor=TEAM, now=world.now)
    world.redeem(launch, link, "alice@college.edu")
    inside = world.admission("alice@college.edu")
    assert inside is not None
    assert inside.stage_id == stage_of(world, "campus").id
    assert pools(world) == [(1, 1), (0, 0)]


def test_a_paused_stage_makes_no_wave_and_its_wave_stands_still(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 2)
    plan(world, launch, "slow", quota=1, every_minutes=60)
    tick(world, launch, timedelta(minutes=1))
    with world.writing() as tx:
        staging.pause(tx, launch, "slow", reason="look", actor=TEAM, now=world.now)
    world.later(minutes=61)
    assert tick(world, launch) == 0
    assert people_of(world, launch) == [""]
    with world.writing() as tx:
        staging.resume(tx, launch, "slow", actor=TEAM, now=world.now)
    assert tick(world, launch) == 1
    assert people_of(world, launch) == ["person1", "person2"]


def test_a_hold_on_a_stage_stops_its_invites_and_those_of_its_waves(world: World) -> None:
    launch = world.launch(domain=None)
    world.crowd(launch, 1)
    plan(world, launch, "slow", quota=1)
    plan(world, launch, "campus", CAMPUS, mode="redeem")
    tick(world, launch)
    link = world.issue(launch)
    for key, email, invite in (
        ("slow", "person1@college.edu", world.invite_of("person1@college.edu")),
        ("campus", "alice@college.edu", link),
    ):
        with world.writing() as tx:
            suspend = braking.Level.SUSPEND
            held = stopping.stop(tx, launch, suspend, stage_key=key, reason="x", actor=TEAM, now=world.now)
        with pytest.raises(redeeming.Paused):
            world.redeem(launch, invite, email)
        with world.writing() as tx:
            stopping.go_on(tx, launch, held, actor=TEAM, now=world.now)
        assert world.redeem(launch, invite, email).first
    plan(world, launch, "anybody", None, mode="redeem")
    assert world.redeem(launch, world.issue(launch), "dave@elsewhere.edu").first  # one of them asks the launch alone


def test_a_hold_on_a_place_keeps_its_people_out_of_every_wave_and_every_door(world: World) -> None:
    launch = world.launch(domain=None)
    for email in ("a@elsewhere.edu", "b@college.edu"):
        world.waiting(launch, email)
    open_invite = world.issue(launch)
    with world.writing() as tx:
        row = {"public_id": "hld_x", "launch_id": launch.id, "scope": "predicate", "predicate": OTHERS}
        row |= {"effect": ["admit", "redeem"], "source": "admin", "reason": "x", "created_at": world.now}
        tx.execute(sa.insert(Hold).values(row | {"created_by": "admin:1"}))
    plan(world, launch, "all")
    tick(world, launch)
    assert people_of(world, launch) == ["b"]
    with pytest.raises(Exception) as held:  # noqa: PT011
        world.redeem(launch, open_invite, "dave@elsewhere.edu")
    assert type(held.value).__name__ == "Paused"


def test_a_pause_of_the_launch_stops_the_dwell(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 3)
    plan(world, launch, "slow", quota=1, every_minutes=60, exits={"minutes": 120})
    plan(world, launch, "next", quota=1, starts="after")
    tick(world, launch)
    world.later(minutes=10)
    with world.writing() as tx:
        braking.brake(tx, launch, braking.Level.SUSPEND, reason="x", actor=TEAM, now=world.now)
    world.later(minutes=100)
    assert tick(world, launch) == 0
    with world.writing() as tx:
        launching.resume(tx, launch, actor=TEAM, now=world.now)
    assert tick(world, launch) == 0
    world.later(minutes=50)
    assert tick(world, launch) == 1
    assert stage_of(world, "next").started_at is None
    world.later(minutes=60)
    tick(world, launch)
    assert stage_of(world, "next").started_at == world.now


def test_a_stage_nobody_fits_is_through_without_a_wave(world: World) -> None:
    launch = world.launch()
    plan(world, launch, "nobody", OTHERS)
    assert tick(world, launch) == 1
    assert world.rows(Wave) == []
    assert stage_of(world, "nobody").ended_at == world.now


IMPOSSIBLE: list[tuple[str, dict[str, Any]]] = [
    ("plan_share", {"share_ppm": 1_000_001}),
    ("plan_number", {"quota": 0}),
    ("plan_exit_unknown", {"exits": {"luck": 1}}),
    ("plan_sized_without_waves", {"mode": "open", "quota": 1}),
    ("plan_open_reserves", {"mode": "open", "reserved_seats": 1}),
    ("plan_quota_and_share", {"quota": 1, "share_ppm": 1}),
    ("plan_waves_without_every", {"waves_most": 2}),
    ("plan_without_a_moment", {"starts": "at"}),
    ("plan_reserves_too_many", {"reserved_seats": 6}),
    ("plan_quota_over_seats", {"quota": 6}),
    ("plan_everyone_over_seats", {"mode": "open", "tree": {"kind": "everyone"}}),
    ("plan_before_opening", {"starts_at": datetime(2020, 1, 1, tzinfo=UTC)}),
]


def test_a_stage_that_cannot_be_is_refused_and_nothing_is_saved(world: World) -> None:
    launch = world.launch(seats=5)
    world.crowd(launch, 6)
    for code, more in IMPOSSIBLE:
        with pytest.raises(Contradiction) as refused:
            plan(world, launch, "x", **more)
        assert refused.value.code == code
    assert len(world.rows(Stage)) == 1


def test_stages_that_contradict_each_other_are_refused_with_both_names(world: World) -> None:
    launch = world.launch()
    plan(world, launch, "one", quota=2, exits={"admitted": 3}, starts_at=world.now + timedelta(days=1))
    refusals: list[tuple[str, dict[str, Any]]] = [
        ("plan_exit_never", {"starts": "after"}),
        ("plan_before_its_turn", {"starts_at": world.now}),
        ("plan_reserves_without_seats", {"reserved_seats": 1}),
    ]
    for code, more in refusals:
        with pytest.raises(Contradiction) as refused:
            plan(world, launch, "two", **more)
        assert refused.value.code == code
    plan(world, launch, "all", {"kind": "everyone"}, mode="open", exits={"ended": True}, starts="hand")
    with pytest.raises(Contradiction) as refused:
        plan(world, launch, "three")
    assert refused.value.params == {"stage": "three", "other": "all"}
    with world.writing() as tx:
        staging.skip(tx, launch, "all", actor=TEAM, now=world.now)
    plan(world, launch, "open", CAMPUS, mode="open", exits={"ended": True}, starts="hand")
    with pytest.raises(Contradiction) as refused:
        plan(world, launch, "three", starts="after")
    assert refused.value.code == "plan_open_never_ends"


def test_a_stage_that_started_keeps_whom_it_is_for_and_may_change_its_size(world: World) -> None:
    launch = world.launch()
    world.crowd(launch, 4)
    plan(world, launch, "slow", quota=1, every_minutes=60)
    tick(world, launch)
    with world.writing() as tx:
        other = Draft("slow", OTHERS, mode="open", starts="hand")
        changed = staging.change(tx, launch, other, actor=TEAM, now=world.now)
        assert (changed.mode, changed.tree, changed.quota) == ("release", None, None)
        changed = staging.change(
            tx, launch, Draft("slow", None, mode="release", quota=3, every_minutes=60), actor=TEAM, now=world.now
        )
    assert changed.started_at == world.now
    world.later(minutes=60)
    tick(world, launch)
    assert people_of(world, launch)[1] == "person2 person3 person4"
    with world.writing() as tx:
        staging.skip(tx, launch, "slow", actor=TEAM, now=world.now)
    for verb in (staging.skip, staging.withdraw):
        with world.writing() as tx, pytest.raises(staging.NoSuchStage):
            verb(tx, launch, "slow", actor=TEAM, now=world.now)
    with world.writing() as tx, pytest.raises(staging.NoSuchStage):
        staging.change(tx, launch, other, actor=TEAM, now=world.now)


def test_a_stage_told_to_make_no_more_waves_than_it_made_is_through(world: World) -> None:
    launch = world.launch(domain=None)
    for n in range(3):
        world.waiting(launch, f"p{n}@college.edu")
    sized: dict[str, Any] = {"mode": "release", "quota": 1, "every_minutes": 60}
    plan(world, launch, "slow", waves_most=3, **sized)
    assert tick(world, launch) == 1
    with world.writing() as tx:
        fewer = Draft("slow", None, starts_at=world.now, waves_most=1, **sized)
        changed = staging.change(tx, launch, fewer, actor=TEAM, now=world.now)
    assert (changed.ended_at, changed.next_at) == (world.now, None)
    world.later(hours=2)
    assert tick(world, launch) == 0
    assert len(world.rows(Wave)) == 1
