"""What mail people want, and mailboxes that refuse it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import CAROL, World
from waitlist.actors import person
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice, Message, MessageState
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


def hold_mails(world: World) -> None:
    with world.writing() as tx:
        tx.execute(sa.update(Message).values(state=MessageState.HELD, last_error="Unsubscribed from everything."))


def states(world: World) -> set[str]:
    return {mail.state for mail in world.messages(to=CAROL)}


def test_held_mail_is_judged_anew_once_its_person_wants_mail_again(world: World) -> None:
    campus = world.launch()
    box = settings(world, campus)
    choose(world, campus, box, Wants.NOTHING)
    hold_mails(world)
    world.later(days=1)
    undo(world, campus, box)
    assert states(world) == {MessageState.QUEUED}
    assert {(mail.last_error, mail.available_at) for mail in world.messages()} == {("", world.now)}
    hold_mails(world)
    choose(world, campus, box, Wants.PLACE)
    assert states(world) == {MessageState.QUEUED}


def test_held_mail_of_another_launch_stays_where_it_is(world: World) -> None:
    settings(world, world.launch())
    other = world.launch("other", domain=None)
    with world.writing() as tx:
        box = posting.choice_for(tx, other.id, CAROL, CAROL, world.now)
    hold_mails(world)
    choose(world, other, box, Wants.PLACE)
    assert states(world) == {MessageState.HELD}


def test_a_mailbox_that_works_again_gets_what_was_held(world: World) -> None:
    settings(world, world.launch())
    with world.writing() as tx:
        choosing.bounce(tx, None, CAROL, CAROL, now=world.now)
    hold_mails(world)
    with world.writing() as tx:
        choosing.recover(tx, CAROL, actor=CAROLS, now=world.now)
    assert states(world) == {MessageState.QUEUED}


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
