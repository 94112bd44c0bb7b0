"""An import is taken back: whom it added goes, unless something has happened to them since."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.bringing import again, bring, staged, undo
from tests.world import CAROL, TEAM, World
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry
from waitlist.models.referral import Credit
from waitlist.services import importing, ranking, undoing

pytestmark = both

CHAIN = "email,referrer\na@college.edu,carol@college.edu\nb@college.edu,a@college.edu\nc@college.edu,b@college.edu\n"


def differences(world: World) -> int:
    with world.writing() as tx:
        return ranking.recount(tx, main_line(tx, world.launch_of().id))


def emails(world: World) -> list[str]:
    with world.reading() as rx:
        return list(rx.scalars(sa.select(Entry.email).order_by(Entry.id)))


@pytest.mark.parametrize("chunk", [1, 500])
def test_everybody_goes_and_their_referrer_stands_where_she_stood(
    world: World, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undoing, "CHUNK", chunk)
    campus = world.launch()
    carol = world.waiting(campus, CAROL)
    run = bring(world, campus, CHAIN)
    assert world.entry(CAROL).score == 1
    assert undo(world, campus, run) == 3
    after = world.entry(CAROL)
    assert (after.score, after.friends, after.rank_key) == (0, 0, carol.rank_key)
    assert emails(world) == [CAROL]
    assert differences(world) == 0
    assert again(world, run).state == "undone"
    with world.reading() as rx:
        assert rx.scalar(sa.select(sa.func.count()).select_from(Credit)) == 0


def test_who_was_invited_stays_and_so_do_those_who_brought_them(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    run = bring(world, campus, CHAIN + "d@college.edu,\n")
    world.waiting(campus, "friend@college.edu", by=world.entry("b@college.edu"))
    assert undo(world, campus, run) == 2
    assert emails(world) == [CAROL, "a@college.edu", "b@college.edu", "friend@college.edu"]
    assert differences(world) == 0


def test_who_brought_somebody_who_has_yet_to_confirm_stays(world: World) -> None:
    campus = world.launch()
    world.waiting(campus, CAROL)
    run = bring(world, campus, CHAIN)
    friend = world.join(campus, "friend@college.edu", by=world.entry("c@college.edu"))
    world.join(campus, "other@college.edu", by=world.entry("c@college.edu"))
    undo(world, campus, run)
    assert {"a@college.edu", "b@college.edu", "c@college.edu"} <= set(emails(world))
    assert world.confirm(campus, friend).referrer_id == world.entry("c@college.edu").id
    assert differences(world) == 0


def test_the_file_may_come_again_after_it_was_taken_back(world: World) -> None:
    campus = world.launch()
    undo(world, campus, bring(world, campus, CHAIN))
    assert bring(world, campus, CHAIN).added == 3
    assert differences(world) == 0


def test_only_what_ran_can_be_taken_back(world: World) -> None:
    campus = world.launch()
    run = staged(world, campus, CHAIN)
    with pytest.raises(importing.WrongImportState):
        undo(world, campus, run)
    with world.writing() as tx, pytest.raises(importing.WrongImportState) as gone:
        undoing.undo_chunk(tx, campus, 999_999, actor=TEAM, now=world.now)
    assert gone.value.state == "unknown"
