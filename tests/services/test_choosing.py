"""What mail people want, and mailboxes that refuse it."""

from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import CAROL, World
from waitlist.actors import person
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import choosing, posting
from waitlist.services.choosing import Wants

pytestmark = both

CAROLS = person("ent_carol")


def settings(world: World, launch: Launch) -> str:
    carol = world.waiting(launch)
    with world.writing() as tx:
        return posting.choice_for(tx, launch.id, carol.email, carol.email_key, world.now)


def choose(world: World, launch: Launch, choice: str, wants: Wants) -> MailboxChoice:
    with world.writing() as tx:
        return choosing.choose(tx, launch, choice, wants, actor=CAROLS, now=world.now)


def undo(world: World, launch: Launch, choice: str) -> MailboxChoice:
    with world.writing() as tx:
        return choosing.undo(tx, launch, choice, actor=CAROLS, now=world.now)


def test_carol_unsubscribes_twice_and_takes_it_back_once(world: World) -> None:
    campus = world.launch()
    box = settings(world, campus)
    choose(world, campus, box, Wants.PLACE)
    choose(world, campus, box, Wants.NOTHING)
    assert choose(world, campus, box, Wants.NOTHING).wants == "nothing"
    assert undo(world, campus, box).wants == "place"
    with pytest.raises(choosing.NothingToUndo):
        undo(world, campus, box)
    assert [event.data for event in world.events("choosing.chosen")] == [
        {"before": "all", "after": "place"},
        {"before": "place", "after": "nothing"},
    ]


def test_settings_belong_to_one_launch(world: World) -> None:
    campus = world.launch()
    box = settings(world, campus)
    other = world.launch("other")
    with pytest.raises(choosing.NoSuchChoice):
        choose(world, other, box, Wants.NOTHING)
    with pytest.raises(choosing.NoSuchChoice):
        undo(world, other, box)


def test_a_dead_mailbox_is_marked_once_for_the_whole_host(world: World) -> None:
    with world.writing() as tx:
        assert choosing.bounce(tx, None, CAROL, CAROL, now=world.now)
        assert not choosing.bounce(tx, None, CAROL, CAROL, now=world.now)
    (row,) = world.rows(MailboxChoice)
    assert (row.launch_id, row.bounced_at) == (None, world.now)


def test_a_mailbox_may_be_marked_for_one_launch_and_keeps_its_choice(world: World) -> None:
    campus = world.launch()
    box = settings(world, campus)
    choose(world, campus, box, Wants.PLACE)
    with world.writing() as tx:
        assert choosing.bounce(tx, campus.id, CAROL, CAROL, now=world.now)
    (row,) = world.rows(MailboxChoice)
    assert (row.public_id, row.wants, row.bounced_at) == (box, "place", world.now)


def test_the_third_refusal_that_may_pass_marks_the_mailbox(world: World) -> None:
    marks = []
    for _ in range(3):
        with world.writing() as tx:
            marks.append(choosing.soft_bounce(tx, CAROL, CAROL, now=world.now))
        world.later(days=2)
    assert marks == [False, False, True]


def test_refusals_more_than_seven_days_apart_mark_nobody(world: World) -> None:
    for _ in range(4):
        with world.writing() as tx:
            assert not choosing.soft_bounce(tx, CAROL, CAROL, now=world.now)
        world.later(days=4)


def test_a_mark_can_be_taken_off(world: World) -> None:
    with world.writing() as tx:
        choosing.bounce(tx, None, CAROL, CAROL, now=world.now)
        assert choosing.recover(tx, CAROL, actor=CAROLS, now=world.now) == 1
        assert choosing.recover(tx, CAROL, actor=CAROLS, now=world.now) == 0
        assert choosing.bounce(tx, None, CAROL, CAROL, now=world.now)
