"""A launch is made whole or not at all."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import CAROL, TEAM, World
from waitlist.gates import BadGate
from waitlist.models import launch as launches
from waitlist.models.condition import Condition, circumstances
from waitlist.models.hold import Hold
from waitlist.models.launch import GateRevision, Launch, Line, Question, SeatCount
from waitlist.models.stage import Stage
from waitlist.services import launching
from waitlist.services.launching import BadSlug, NeedsProof, SlugTaken

pytestmark = both


def pause(world: World, launch: Launch) -> str | None:
    with world.writing() as tx:
        words = {"reason": "too quick", "public_reason": "Back soon."}
        return launching.pause(tx, launch, **words, actor=TEAM, now=world.now)


def test_a_launch_has_all_it_needs_from_its_first_day(world: World) -> None:
    campus = world.launch(seats=200, points_cap=None)
    assert [(line.key, line.ranked) for line in world.rows(Line)] == [("main", True), ("interest", False)]
    assert [(stage.ordinal, stage.mode) for stage in world.rows(Stage)] == [(1, "release")]
    assert [(count.stage_id, count.seats, count.counted) for count in world.rows(SeatCount)] == [(0, 200, 0)]
    assert [revision.tree["kind"] for revision in world.rows(GateRevision)] == ["domain"]
    assert (campus.revision, campus.points_cap, world.launch_of().id) == (1, None, campus.id)


def test_the_draw_is_fixed_before_anybody_joins(world: World) -> None:
    campus = world.launch()
    assert campus.salt_commitment == hashlib.sha256(bytes.fromhex(campus.salt)).hexdigest()
    assert world.events("launching.created")[0].data["salt_commitment"] == campus.salt_commitment
    assert campus.salt not in str(world.events())


@pytest.mark.parametrize("slug", ["", "Campus", "-campus", "a" * 64, "ca mpus", "admin", "new", "campus\n", "é"])
def test_a_slug_is_short_plain_and_not_a_page_of_ours(world: World, slug: str) -> None:
    with pytest.raises(BadSlug):
        world.launch(slug)
    assert world.rows(Launch) == []


def test_a_slug_belongs_to_one_launch(world: World) -> None:
    world.launch()
    with pytest.raises(SlugTaken):
        world.launch()
    assert len(world.rows(Launch)) == 1


@pytest.mark.parametrize("tree", [{"kind": "domain", "domains": ["college.edu"]}, {"kind": "listed", "list": "vips"}])
def test_rules_over_mailboxes_need_confirmation_mails(world: World, tree: dict[str, Any]) -> None:
    with pytest.raises(NeedsProof):
        world.launch(tree=tree, double_opt_in=False)
    assert world.launch(tree={"kind": "referred"}, double_opt_in=False).double_opt_in is False


def test_rules_that_cannot_be_read_make_no_launch(world: World) -> None:
    with pytest.raises(BadGate):
        world.launch(tree={"kind": "mars"})
    assert world.rows(Launch) == []


def test_a_pause_is_one_hold_however_often_it_is_pressed(world: World) -> None:
    campus = world.launch()
    public_id = pause(world, campus)
    assert public_id is not None
    assert pause(world, campus) is None
    (hold,) = world.rows(Hold)
    assert (hold.public_id, hold.effect, hold.public_reason) == (public_id, ["admit", "redeem"], "Back soon.")
    assert len(world.events("launching.paused")) == 1
    with world.reading() as rx:
        found = circumstances(rx, campus, world.now)
    assert (found.condition, found.hold_reason) == (Condition.PAUSED, "Back soon.")
    assert [found.holds_effect(effect) for effect in ("admit", "redeem", "access")] == [True, True, False]


def test_a_launch_is_found_by_its_names_and_asks_todays_questions(world: World) -> None:
    campus = world.launch()
    rows = [
        {"key": "why", "version": 1, "ordinal": 2, "retired_at": world.now},
        {"key": "why", "version": 2, "ordinal": 2, "retired_at": None},
        {"key": "year", "version": 1, "ordinal": 1, "retired_at": None},
    ]
    with world.writing() as tx:
        tx.execute(
            sa.insert(Question), [{"launch_id": campus.id, "kind": "short", "label": "?", **row} for row in rows]
        )
    with world.reading() as rx:
        assert rx.execute(launches.by_slug("campus")).one().id == campus.id
        assert rx.execute(launches.by_public_id(campus.public_id)).one().id == campus.id
        asked = rx.execute(launches.questions(campus.id)).all()
    assert [(question.key, question.version) for question in asked] == [("year", 1), ("why", 2)]


def test_what_a_launch_is_follows_from_its_dates(world: World) -> None:
    opened = world.launch().opens_at
    cases: list[tuple[dict[str, Any], Condition]] = [
        ({"opens_at": opened}, Condition.OPEN),
        ({"opens_at": None}, Condition.NOT_OPEN),
        ({"closes_at": world.now}, Condition.CLOSED),
        ({"launched_at": world.now}, Condition.LAUNCHED),
        ({"archived_at": world.now}, Condition.ARCHIVED),
    ]
    for values, condition in cases:
        with world.writing() as tx:
            tx.execute(
                sa.update(Launch).values(**{"opens_at": opened, "closes_at": None, "launched_at": None} | values)
            )
        with world.reading() as rx:
            assert circumstances(rx, world.launch_of(), world.now).condition is condition
    assert world.waiting(world.launch("other"), CAROL).state == "waiting"


def test_a_launch_at_its_limits_is_full(world: World) -> None:
    campus = world.launch(line_limit=1, seats=1)
    world.waiting(campus, CAROL)
    with world.reading() as rx:
        found = circumstances(rx, campus, world.now)
    assert (found.condition, found.in_line, found.seats_left, found.hold_reason) == (Condition.FULL, 1, 1, "")


def act(world: World, verb, launch: Launch):
    with world.writing() as tx:
        return verb(tx, launch, actor=TEAM, now=world.now)


def is_now(world: World, slug: str = "campus") -> str:
    with world.reading() as rx:
        return circumstances(rx, world.launch_of(slug), world.now).condition


def test_a_launch_opens_by_hand_before_its_day_and_again_after_closing(world: World) -> None:
    campus = world.launch(opens_at=world.now + timedelta(days=9))
    assert is_now(world) == "not_open"
    opened = act(world, launching.open_now, campus)
    assert (is_now(world), opened.opens_at) == ("open", world.now)
    (stage,) = world.rows(Stage)
    assert stage.started_at == world.now
    with pytest.raises(launching.WrongCondition):
        act(world, launching.open_now, campus)
    world.later(days=1)
    assert act(world, launching.close, campus).closes_at == world.now
    assert is_now(world) == "closed"
    with pytest.raises(launching.WrongCondition):
        act(world, launching.close, campus)
    again = act(world, launching.open_now, campus)
    assert (is_now(world), again.opens_at) == ("open", opened.opens_at)


def test_a_launch_for_everybody_starts_one_more_stage_once(world: World) -> None:
    campus = world.launch()
    act(world, launching.launch_to_all, campus)
    with pytest.raises(launching.WrongCondition):
        act(world, launching.launch_to_all, campus)
    assert is_now(world) == "launched"
    assert [(stage.key, stage.mode) for stage in world.rows(Stage)] == [("first", "release"), ("everyone", "open")]
    assert [event.verb for event in world.events()][-1] == "launching.launched"


def test_an_archived_launch_changes_no_more(world: World) -> None:
    campus = world.launch()
    act(world, launching.archive, campus)
    for verb in (launching.open_now, launching.close, launching.archive, launching.launch_to_all):
        with pytest.raises(launching.WrongCondition):
            act(world, verb, campus)
    assert is_now(world) == "archived"
