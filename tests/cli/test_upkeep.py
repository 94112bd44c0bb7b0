"""An operator checks that nobody has tampered with the log."""

from __future__ import annotations

import sqlalchemy as sa

from tests.cli.conftest import Hand
from tests.parts import both
from tests.world import CAROL, World
from waitlist.services import sealing


@both
def test_the_log_holds_until_somebody_changes_it(world: World, hand: Hand) -> None:
    world.waiting(world.launch(), CAROL)
    with world.writing() as tx:
        sealed = sealing.seal(tx, world.now, 1_000)
    found = hand.gets_one("audit", "verify")
    assert (found["position"], found["broken_at"], bool(found["digest"])) == (sealed, None, True)
    with world.writing() as tx:
        tx.execute(sa.text("UPDATE event SET actor = 'nobody' WHERE id = (SELECT min(id) FROM event)"))
    result = hand.types("audit", "verify")
    assert result.exit_code == 1
    assert "position 1 on" in result.stderr
