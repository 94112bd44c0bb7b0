"""Grace's second step is set up once, and each of its digits and codes is used once."""

from __future__ import annotations

from tests.parts import both
from tests.world import World
from waitlist.actors import COMMAND
from waitlist.models.access import User
from waitlist.services import appointing, securing

pytestmark = both


def grace(world: World) -> User:
    with world.writing() as tx:
        return appointing.create(tx, email="g@team.example", name="", password_hash="x", actor=COMMAND, now=world.now)


def test_of_two_presses_that_set_it_up_the_first_counts(world: World) -> None:
    user = grace(world)
    with world.writing() as tx:
        assert securing.turn_on(tx, user.id, "first", 5, ["a", "b"], now=world.now)
    with world.writing() as tx:
        assert not securing.turn_on(tx, user.id, "second", 6, ["c"], now=world.now)
    (kept,) = world.rows(User)
    assert (kept.tf_totp_secret, kept.tf_counter, kept.recovery_codes) == ("first", 5, ["a", "b"])
    assert len(world.events("securing.turned_on")) == 1


def test_digits_and_codes_are_spent_once_and_older_digits_never(world: World) -> None:
    user = grace(world)
    with world.writing() as tx:
        securing.turn_on(tx, user.id, "secret", 5, ["a", "b"], now=world.now)
    with world.writing() as tx:
        assert [securing.spend_digits(tx, user.id, counter) for counter in (5, 7, 7, 6)] == [False, True, False, False]
    with world.writing() as tx:
        spent = [securing.spend_code(tx, user.id, code, now=world.now) for code in ("a", "a", "z", "b")]
    assert spent == [True, False, False, True]
    assert world.rows(User)[0].recovery_codes == []
