"""Two ways into the database: one cannot change anything, the other all or nothing; and two that meet try again."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError

from tests.parts import both
from tests.world import ALICE, CAROL, World
from waitlist import codes, db
from waitlist.models.upkeep import Installation, JobBeat

pytestmark = both


def put(tx: db.Tx, name: str, value: str = "1") -> None:
    tx.execute(sa.insert(Installation).values(name=name, value=value))


def names(world: World) -> list[str]:
    with world.reading() as rx:
        return list(rx.scalars(sa.select(Installation.name).order_by(Installation.name)))


def test_reading_cannot_change_anything(world: World) -> None:
    with pytest.raises(DBAPIError), world.reading() as rx:
        put(rx, "a")
    assert names(world) == []


def put_and_fail(world: World) -> None:
    with world.writing() as tx:
        put(tx, "a")
        raise LookupError


def test_writing_is_all_or_nothing(world: World) -> None:
    with pytest.raises(LookupError):
        put_and_fail(world)
    assert names(world) == []
    with world.writing() as tx:
        put(tx, "b")
    assert names(world) == ["b"]


def test_readers_pass_a_writer(world: World) -> None:
    with world.writing() as tx:
        put(tx, "a")
        assert names(world) == []
    assert names(world) == ["a"]


def test_writers_of_one_process_wait_for_their_turn(world: World) -> None:
    """On SQLite there is one writer; on PostgreSQL both go at once and neither fails."""

    def write(name: str) -> None:
        with world.writing() as tx:
            put(tx, name)
            time.sleep(0.1)

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert names(world) == ["a", "b", "c", "d"]


def test_moments_are_aware_and_in_utc(world: World) -> None:
    paris = datetime(2026, 3, 4, 17, 0, tzinfo=timezone(timedelta(hours=1)))
    with world.writing() as tx:
        tx.execute(sa.insert(JobBeat).values(name="a", next_at=paris))
    with world.reading() as rx:
        found = rx.scalar(sa.select(JobBeat.next_at))
    assert (found, found and found.tzinfo) == (datetime(2026, 3, 4, 16, 0, tzinfo=UTC), UTC)


def test_a_naive_moment_is_refused(world: World) -> None:
    with pytest.raises(StatementError, match="naive"), world.writing() as tx:
        tx.execute(sa.insert(JobBeat).values(name="a", next_at=datetime(2026, 3, 4)))  # noqa: DTZ001


def test_rows_have_the_nouns_columns_and_cannot_be_changed(world: World) -> None:
    with world.writing() as tx:
        row = db.one(tx, sa.insert(Installation).values(name="a", value="1").returning(Installation))
        assert row is not None
        assert (row.name, [found.value for found in db.some(tx, sa.select(Installation))]) == ("a", ["1"])
        assert db.one(tx, sa.select(Installation).where(Installation.name == "b")) is None
        with pytest.raises(AttributeError):
            row.value = "2"


def failing(times: int, error: Exception) -> tuple[Callable[[], str], list[int]]:
    tries: list[int] = []

    def work() -> str:
        tries.append(1)
        if len(tries) <= times:
            raise error
        return "done"

    return work, tries


class Busy(Exception):
    sqlite_errorname = "SQLITE_BUSY_SNAPSHOT"


class Deadlock(Exception):
    sqlstate = "40P01"


class Unique(Exception):
    sqlstate = "23505"


@pytest.mark.parametrize("met", [Busy(), Deadlock()])
def test_a_door_whose_transaction_met_another_runs_again(engine: str, met: Exception) -> None:
    error = OperationalError("UPDATE", {}, met)
    work, tries = failing(2, error)
    assert (db.retried(work), len(tries)) == ("done", 3)
    work, tries = failing(3, error)
    with pytest.raises(OperationalError):
        db.retried(work)
    assert len(tries) == 3


def test_any_other_error_is_an_error(engine: str) -> None:
    work, tries = failing(1, OperationalError("UPDATE", {}, Unique()))
    with pytest.raises(OperationalError):
        db.retried(work)
    assert len(tries) == 1


def test_two_referral_codes_that_are_drawn_alike_are_drawn_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = iter(["00000000", "00000000", "11111111", "22222222"])
    monkeypatch.setattr(codes, "random_slug", lambda: next(drawn))
    campus = world.launch()
    world.join(campus, ALICE)
    db.retried(lambda: world.join(campus, CAROL))
    assert [world.entry(email).slug for email in (ALICE, CAROL)] == ["00000000", "11111111"]


def test_two_transactions_that_wait_for_each_other_both_get_through(world: World, app: Flask, engine: str) -> None:
    with world.writing() as tx:
        put(tx, "a", "0")
        put(tx, "b", "0")
    both_hold_one = threading.Barrier(2, timeout=0.5)
    errors: list[Exception] = []

    def add(first: str, second: str) -> None:
        def work() -> None:
            with world.writing() as tx:
                tx.execute(sa.update(Installation).where(Installation.name == first).values(value="1"))
                with contextlib.suppress(threading.BrokenBarrierError):
                    both_hold_one.wait()  # only the first time, and on SQLite never
                tx.execute(sa.update(Installation).where(Installation.name == second).values(value="2"))

        try:
            db.retried(work)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=add, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
