"""A new private link."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import CAROL, World
from waitlist.actors import person
from waitlist.models.entry import Entry, State
from waitlist.services import linking

pytestmark = both


def test_a_new_private_link_ends_the_old_one(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    with world.writing() as tx:
        linking.renew(tx, campus, carol.id, actor=person(carol.public_id), now=world.now)
    assert world.entry(CAROL).link_version == carol.link_version + 1
    assert len(world.events("linking.renewed")) == 1


def test_a_removed_person_gets_no_link(world: World) -> None:
    campus = world.launch()
    carol = world.waiting(campus)
    with world.writing() as tx:
        tx.execute(sa.update(Entry).values(state=State.REMOVED))
    with world.writing() as tx, pytest.raises(linking.NoSuchEntry):
        linking.renew(tx, campus, carol.id, actor=person(carol.public_id), now=world.now)
