from __future__ import annotations

from tests.parts import both
from tests.world import BOB, CAROL, World
from waitlist.models.entry import Attempt, Entry
from waitlist.services import purging

pytestmark = both


def unconfirmed(world: World) -> int:
    with world.writing() as tx:
        return purging.unconfirmed(tx, world.now, 100)


def attempts(world: World) -> int:
    with world.writing() as tx:
        return purging.attempts(tx, world.now, 100)


def test_thirty_days_after_the_last_link_the_unconfirmed_are_forgotten(world: World) -> None:
    campus = world.launch()
    world.join(campus, BOB)
    world.waiting(campus, CAROL)
    world.later(days=20)
    world.join(campus, BOB)
    world.later(days=29)
    assert unconfirmed(world) == 0
    world.later(days=1)
    assert unconfirmed(world) == 1
    assert unconfirmed(world) == 0
    assert [entry.email for entry in world.rows(Entry)] == [CAROL]
    assert [mail.state for mail in world.messages("confirm", BOB)] == ["cancelled"] * 2


def test_whom_the_team_invited_is_not_forgotten(world: World) -> None:
    campus = world.launch()
    world.join(campus, BOB)
    world.member(campus, BOB)
    world.later(days=40)
    assert unconfirmed(world) == 0


def test_old_attempts_go_but_for_the_ones_that_confirmed_somebody(world: World) -> None:
    campus = world.launch()
    world.join(campus, BOB)
    world.waiting(campus, CAROL)
    world.later(days=31)
    assert attempts(world) == 0  # its mail still waits to be sent
    world.later(days=2)
    assert unconfirmed(world) == 1
    assert attempts(world) == 1
    assert [attempt.email for attempt in world.rows(Attempt)] == [CAROL]
    assert {mail.attempt_id for mail in world.messages("confirm", BOB)} == {None}
