"""Grace changes settings, and nobody's change is lost without a word."""

from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import TEAM, World
from waitlist.models.launch import Launch, SeatCount
from waitlist.services import tuning
from waitlist.services.tuning import FewerSeatsThanHeld, SettingsChanged, fingerprint

pytestmark = both


def change(world: World, launch: Launch, seen: str | None = None, **values: object) -> Launch:
    with world.writing() as tx:
        return tuning.change(tx, launch, values, seen=seen, actor=TEAM, now=world.now)


def test_settings_change_with_what_was_before_in_the_log(world: World) -> None:
    campus = world.launch()
    tuned = change(world, campus, headline="Come in", contact_email="hi@college.edu")
    assert (tuned.headline, tuned.changed_by, tuned.changed_at) == ("Come in", str(TEAM), world.now)
    (event,) = world.events("launching.changed")
    assert event.data == {"headline": ["", "Come in"]}
    change(world, campus, headline="Come in")
    assert len(world.events("launching.changed")) == 1


def test_seats_can_be_added_and_not_taken_from_people(world: World) -> None:
    campus = world.cast(world.launch(seats=5))
    assert change(world, campus, seats=2).seats == 2
    with pytest.raises(FewerSeatsThanHeld) as told:
        change(world, campus, seats=1, headline="never")
    assert told.value.held == 2
    assert world.launch_of().headline == ""
    assert change(world, campus, seats=None).seats is None
    assert world.rows(SeatCount)[0].seats is None


def test_two_who_save_one_section_see_each_other(world: World) -> None:
    campus = world.launch()
    seen = fingerprint(campus, ("headline", "pitch"))
    change(world, campus, seen, headline="Hers", pitch="")
    with pytest.raises(SettingsChanged) as told:
        change(world, campus, seen, headline="His", pitch="")
    assert told.value.by == str(TEAM)
    change(world, campus, fingerprint(campus, ("listed",)), listed=True)
    assert world.launch_of().headline == "Hers"


def test_what_is_no_setting_is_not_set(world: World) -> None:
    campus = world.launch()
    with pytest.raises(ValueError, match="not settings: salt"):
        change(world, campus, salt="00")
