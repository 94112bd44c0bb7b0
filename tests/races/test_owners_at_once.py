"""Two owners take each other's role in the same moment: one of them stays an owner."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.parts import both, processes
from tests.races import racing
from tests.world import World
from waitlist.actors import COMMAND
from waitlist.models.access import Grant, Role
from waitlist.services import appointing


def race_of_owners(world: World, environ: dict[str, str], before: Callable[[], None] | None = None) -> list[str]:
    ids = []
    for name in ("grace", "mia"):
        email = f"{name}@team.example"
        with world.writing() as tx:
            user = appointing.create(tx, email=email, name=name, password_hash="x", actor=COMMAND, now=world.now)
            appointing.grant(tx, user.id, Role.OWNER, actor=COMMAND, now=world.now)
        ids.append(user.id)
    jobs = [{"by": by, "whom": whom} for by, whom in (ids, ids[::-1])]
    endings = processes.run(racing.demote, jobs, environ, before=before)
    said = sorted(str(ending.value or ending.trace) for ending in endings)
    owners = world.rows(Grant, Grant.role == Role.OWNER)
    return ([] if said == ["AboveYou", "demoted"] else said) + ([] if len(owners) == 1 else [f"{len(owners)} owners"])


@both
def test_of_two_owners_who_demote_each_other_one_stays(world: World, environ: dict[str, str]) -> None:
    assert race_of_owners(world, environ) == []


@pytest.mark.parametrize("engine", ["postgresql"])
def test_without_the_guard_no_owner_is_left(world: World, environ: dict[str, str]) -> None:
    assert "0 owners" in race_of_owners(world, environ, racing.without_row_locks)
