"""The weekly mail about one's place: asked for, honest, once a week."""

from __future__ import annotations

from tests.parts import both
from tests.world import CAROL, TEAM, World
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import choosing, digesting, leaving, posting

pytestmark = both
BEN = "ben@college.edu"


def want(world: World, campus: Launch, email: str, *, wanted: bool = True) -> None:
    with world.writing() as tx:
        box = posting.choice_for(tx, campus.id, email, email, world.now)
        choosing.digest(tx, campus, box, wanted=wanted, actor=TEAM, now=world.now)


def tick(world: World) -> int:
    with world.writing() as tx:
        return digesting.tell_due(tx, world.now, 10)


def test_a_week_later_they_hear_how_far_they_moved_and_by_what(world: World) -> None:
    campus = world.launch(points=5)
    crowd = world.crowd(campus, 4)
    carol = world.waiting(campus)
    want(world, campus, CAROL)
    want(world, campus, CAROL)  # the same choice twice is one
    assert len(world.events("choosing.digest")) == 1
    with world.reading() as rx:
        assert digesting.due(rx, world.now)
    assert tick(world) == 1
    assert world.messages("place_digest") == []  # the week begins
    with world.writing() as tx:
        leaving.leave(tx, campus, crowd[0].id, actor=TEAM, now=world.now)
    world.waiting(campus, BEN, by=carol)
    world.later(days=6)
    assert tick(world) == 0
    world.later(days=1)
    assert (tick(world), tick(world)) == (1, 0)
    (mail,) = world.messages("place_digest", CAROL)
    assert mail.params == {
        "place": 1, "before": 5, "total": 5, "arrival": 4, "arrival_before": 5, "points": -3, "points_before": 0,
    }  # fmt: skip


def test_nobody_hears_who_does_not_want_it_stands_nowhere_or_may_not_know_places(world: World) -> None:
    campus = world.launch(places_shown="hidden")
    world.waiting(campus)
    want(world, campus, CAROL)
    for _ in range(3):
        tick(world)
        world.later(days=8)
    assert world.messages("place_digest") == []
    want(world, campus, CAROL, wanted=False)
    with world.reading() as rx:
        assert not digesting.due(rx, world.now)
    (choice,) = world.rows(MailboxChoice)
    assert (choice.digest, choice.digest_at) == (False, None)
