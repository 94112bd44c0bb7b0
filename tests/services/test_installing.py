"""The first owner is made once, by whoever holds the link, and never on another installation's database."""

from __future__ import annotations

import pytest

from tests.parts import both
from tests.world import World
from waitlist.models.access import User
from waitlist.services import installing

pytestmark = both


def test_the_link_is_offered_until_it_is_used(world: World) -> None:
    with world.writing() as tx:
        assert installing.prepare(tx, fingerprint="one") == 1
        assert installing.prepare(tx, fingerprint="one") == 1
    with world.reading() as rx:
        assert installing.set_up_version(rx) == 1
    with world.writing() as tx:
        installing.claim(tx, 1)
    with world.writing() as tx, pytest.raises(installing.SetUpDone):
        installing.claim(tx, 1)
    with world.writing() as tx:
        assert installing.prepare(tx, fingerprint="one") is None


def test_an_old_version_of_the_link_is_worth_nothing_and_the_command_line_needs_none(world: World) -> None:
    with world.writing() as tx:
        installing.prepare(tx, fingerprint="one")
        with pytest.raises(installing.SetUpDone):
            installing.claim(tx, 7)
        installing.claim(tx, None)


def test_where_an_owner_is_there_already_no_link_is_offered(world: World) -> None:
    with world.writing() as tx:
        installing.prepare(tx, fingerprint="one")
        tx.execute(User.__table__.insert().values(email="o@college.edu", fs_uniquifier="x", created_at=world.now))
        assert installing.prepare(tx, fingerprint="one") is None


def test_the_pepper_of_another_installation_is_refused(world: World) -> None:
    with world.writing() as tx:
        installing.prepare(tx, fingerprint="one")
        with pytest.raises(installing.OtherPepper):
            installing.prepare(tx, fingerprint="two")
