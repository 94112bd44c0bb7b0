"""Whoever presses twice is shown the first result."""

from __future__ import annotations

from tests.parts import both
from tests.world import World
from waitlist.services import remembering

pytestmark = both


def test_the_second_press_is_shown_what_the_first_was(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        assert remembering.first(tx, "form-1", purpose="join", launch_id=campus.id, now=world.now) is None
        assert remembering.first(tx, "form-1", purpose="join", launch_id=campus.id, now=world.now) == {}
        remembering.keep(tx, "form-1", {"attempt": "att_1"})
    with world.writing() as tx:
        second = remembering.first(tx, "form-1", purpose="join", launch_id=campus.id, now=world.now)
        other = remembering.first(tx, "form-1", purpose="redeem", launch_id=campus.id, now=world.now)
    assert second == {"attempt": "att_1"}
    assert other == {}, "the outcome of another form is told to nobody"


def test_presses_are_forgotten_after_two_days(world: World) -> None:
    with world.writing() as tx:
        remembering.first(tx, "form-1", purpose="setup", launch_id=None, now=world.now)
        assert remembering.purge(tx, world.later(hours=48)) == 0
        assert remembering.purge(tx, world.later(seconds=1)) == 1
