"""A bulk action meets people who act in the same moment, and a waitlist that is put away while it is at work."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.world import TEAM, World
from waitlist.db import Tx, some
from waitlist.models.entry import Entry, locked
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.sweep import Deed, Sweep, SweepMember
from waitlist.services import launching, moving, sweeping, tagging


def drafted(world: World, launch: Launch, deed: Deed, *people: Entry) -> Sweep:
    with world.writing() as tx:
        return sweeping.draft(tx, launch, [person.id for person in people], deed, actor=TEAM, now=world.now)


def confirmed(world: World, launch: Launch, sweep: Sweep, **params: object) -> list[tuple[str, str]]:
    """What became of each, in order."""
    with world.writing() as tx:
        sweeping.confirm(tx, launch, sweep, reason="odd", params=params, actor=TEAM, now=world.now)
    return outcomes(world, sweep)


def outcomes(world: World, sweep: Sweep) -> list[tuple[str, str]]:
    mine = sa.select(SweepMember).where(SweepMember.sweep_id == sweep.id).order_by(SweepMember.position)
    with world.reading() as rx:
        return [(row.outcome, row.why) for row in some(rx, mine)]


def somebody_waits(tx: Tx) -> bool:
    here = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    return bool(tx.scalar(sa.text(here)))


@pytest.mark.parametrize("engine", ["postgresql"])
@pytest.mark.parametrize("deed", [Deed.REMOVE, Deed.HOLD])
def test_whoever_acts_in_the_same_moment_and_the_sweep_wait_in_one_order(world: World, deed: Deed) -> None:
    campus = world.launch()
    first, second = world.crowd(campus, 2)
    if deed == Deed.REMOVE:
        world.invited(campus, first.email)
    with world.writing() as tx:
        moving.mark_vip(tx, campus, second.id, vip=True, reason="a guest", actor=TEAM, now=world.now)
    people = [first] if deed == Deed.REMOVE else [first, second]  # the second of them stands first
    sweep = drafted(world, campus, deed, *people)
    other = World(world.app)
    at_work = threading.Thread(target=lambda: confirmed(other, campus, sweep))
    with world.writing() as tx:  # as somebody who redeems, or a wave: the invite before the person, people by id
        tx.execute(sa.text("SET LOCAL lock_timeout = '5s'"))
        mine = locked(first.id) if deed == Deed.HOLD else sa.select(Invite.id).with_for_update()
        tx.execute(mine).all()
        at_work.start()
        until = time.monotonic() + 10
        while not somebody_waits(tx) and time.monotonic() < until:
            time.sleep(0.01)
        assert tx.execute(locked(people[-1].id)).one()
    at_work.join()
    assert {outcome for outcome, _ in outcomes(world, sweep)} == {"done"}


@both
def test_whoever_goes_up_together_stays_in_order(world: World) -> None:
    campus = world.launch()
    people = world.crowd(campus, 4)
    confirmed(world, campus, drafted(world, campus, Deed.MOVE, people[0], people[1], people[3]), up=3)
    line = sorted(world.rows(Entry), key=lambda entry: entry.rank_key)
    assert [entry.id for entry in line] == [people[i].id for i in (0, 1, 3, 2)]


@both
@pytest.mark.parametrize(("deed", "params"), [(Deed.MOVE, {"to": 1}), (Deed.VIP, {})])
def test_a_waitlist_that_is_put_away_lets_a_sweep_end(
    world: World, monkeypatch: pytest.MonkeyPatch, deed: Deed, params: dict[str, int]
) -> None:
    monkeypatch.setattr("waitlist.services.sweeping.CHUNK", 1)
    campus = world.launch()
    people = world.crowd(campus, 2)
    sweep = drafted(world, campus, deed, *people)
    confirmed(world, campus, sweep, **params)
    with world.writing() as tx:
        launching.archive(tx, campus, actor=TEAM, now=world.now)
    for _ in range(2):
        with world.writing() as tx:
            sweeping.go_on(tx, campus, sweep.id, now=world.now)
    assert outcomes(world, sweep) == [("done", ""), ("skipped", "archived")]
    assert world.rows(Sweep)[0].state == "done"


@both
@pytest.mark.parametrize(("deed", "params"), [(Deed.VIP, {}), (Deed.TAG, {"tag": "guest"})])
def test_what_somebody_took_back_before_is_not_said_to_be_undone(
    world: World, deed: Deed, params: dict[str, str]
) -> None:
    campus = world.launch()
    (person,) = world.crowd(campus, 1)
    sweep = drafted(world, campus, deed, person)
    confirmed(world, campus, sweep, **params)
    with world.writing() as tx:
        tagging.take(tx, campus, person.id, "guest", actor=TEAM, now=world.now)
        moving.mark_vip(tx, campus, person.id, vip=False, reason="no guest", actor=TEAM, now=world.now)
        sweeping.undo(tx, campus, sweep, actor=TEAM, now=world.now)
    assert outcomes(world, sweep) == [("kept", "changed")]
