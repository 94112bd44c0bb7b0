"""A mail is a row of its cause's transaction, written once."""

from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import CAROL, World
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import posting

pytestmark = both


def test_the_same_mail_is_written_once(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    about = {"launch_id": campus.id, "entry_id": carol.id}
    with world.writing() as tx:
        first = posting.enqueue(tx, "test", "one", posting.to(carol), world.now, about=about, params={"n": 1})
        again = posting.enqueue(tx, "test", "one", posting.to(carol), world.now, about=about)
    assert (first is None, again) == (False, None)
    (mail,) = world.messages("test", to=CAROL)
    assert (mail.id, mail.params, mail.state, mail.available_at) == (first, {"n": 1}, "queued", world.now)
    assert mail.public_id == f"msg_{mail.message_id}"


def fail_after_posting(world: World, launch: Launch) -> None:
    with world.writing() as tx:
        to = posting.To(CAROL, CAROL, "en")
        posting.enqueue(tx, "test", "one", to, world.now, about={"launch_id": launch.id})
        raise ZeroDivisionError


def test_a_mail_whose_cause_failed_was_never_written(world: World) -> None:
    campus = world.launch()
    with pytest.raises(ZeroDivisionError):
        fail_after_posting(world, campus)
    assert world.messages() == []


def test_a_mailbox_has_one_row_of_choices_for_each_launch(world: World) -> None:
    campus, other = world.launch(), world.launch("other")
    with world.writing() as tx:
        ids = [posting.choice_for(tx, launch.id, CAROL, CAROL, world.now) for launch in (campus, campus, other)]
    assert (ids[0] == ids[1], ids[0] == ids[2]) == (True, False)
    assert [choice.wants for choice in world.rows(MailboxChoice)] == ["all", "all"]
