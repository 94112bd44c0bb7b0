"""A file is kept until its rows enter: read by columns that may be chosen anew, thrown away, forgotten by itself."""

from __future__ import annotations

import csv

import pytest
import sqlalchemy as sa

from tests.parts import both
from tests.services.bringing import begin, bring, choose, run_now, uploaded, work
from tests.services.test_foreseeing import enter, seen
from tests.world import TEAM, World
from waitlist import incoming
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ImportPart, ImportRow, ImportRun
from waitlist.services import importing, uploading
from waitlist.services.importing import Options, WrongImportState

pytestmark = both

FILE = "who,alias,mail\n1,Ada,ada@college.edu\n2,Bob,bob@college.edu\n"


def discard(world: World, launch: Launch, run: ImportRun) -> None:
    with world.writing() as tx:
        uploading.discard(tx, launch, run.id, actor=TEAM, now=world.now)


def names(world: World, run: ImportRun) -> list[str]:
    return [row.data["name"] for row in rows(world, run)]


def rows(world: World, run: ImportRun) -> list[ImportRow]:
    with world.reading() as rx:
        query = sa.select(ImportRow).where(ImportRow.run_id == run.id).order_by(ImportRow.row_no)
        return list(rx.execute(query))  # type: ignore[arg-type]


def test_other_columns_are_read_anew_and_nothing_of_the_first_reading_is_left(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploading, "CLEARS", 1)
    campus = world.launch()
    run = seen(world, campus, FILE)
    assert names(world, run) == ["", ""]
    choose(world, run, maps=("name=#2",), source="a list")
    work(world)
    read = run_now(world, run)
    assert read is not None
    assert (names(world, run), read.state, read.total) == (["Ada", "Bob"], "staged", 2)
    assert Options.of(read) == Options(maps=("name=#2",), source="a list")


def test_while_a_file_is_read_its_columns_stay(world: World) -> None:
    campus = world.launch()
    run = uploaded(world, campus, FILE.encode())
    choose(world, run)
    with pytest.raises(WrongImportState):
        choose(world, run)


def test_a_file_that_was_thrown_away_leaves_nothing_behind(world: World) -> None:
    campus = world.launch()
    run = seen(world, campus, FILE)
    discard(world, campus, run)
    work(world)
    assert run_now(world, run) is None
    assert rows(world, run) == []
    with world.reading() as rx:
        assert list(rx.scalars(sa.select(ImportPart.part_no))) == []


def test_once_people_enter_it_is_too_late_to_throw_the_file_away(world: World) -> None:
    campus = world.launch()
    run = seen(world, campus, FILE)
    begin(world, campus, run)
    with pytest.raises(WrongImportState):
        discard(world, campus, run)


def test_nobody_reads_on_in_a_file_that_was_thrown_away(world: World) -> None:
    campus = world.launch()
    run = uploaded(world, campus, FILE.encode())
    discard(world, campus, run)
    with world.writing() as tx, pytest.raises(WrongImportState):
        uploading.stage(tx, run, [incoming.Incoming(2, fault="row_nul")])


@pytest.mark.parametrize(
    ("options", "code"),
    [({"maps": ("email=#9",)}, "table_no_column"), ({"order_by": "shoe"}, "table_no_column")],
)
def test_a_file_that_cannot_be_read_by_these_columns_says_so(
    world: World, options: dict[str, object], code: str
) -> None:
    campus = world.launch()
    run = uploaded(world, campus, FILE.encode())
    choose(world, run, **options)
    work(world)
    refused = run_now(world, run)
    assert refused is not None
    assert refused.fault is not None
    assert (refused.state, refused.fault["code"]) == ("uploaded", code)
    choose(world, run)
    work(world)
    read = run_now(world, run)
    assert read is not None
    assert (read.state, read.fault) == ("staged", None)


def test_a_file_without_an_end_is_told_by_its_row(world: World) -> None:
    campus = world.launch()
    run = uploaded(world, campus, f'email,name\na@college.edu,A\n"{"x" * 1_000}'.encode())
    choose(world, run)
    longest = csv.field_size_limit(500)
    work(world)
    csv.field_size_limit(longest)
    refused = run_now(world, run)
    assert refused is not None
    assert refused.fault == {"code": "table_row_too_long", "params": {"row": 3}}


def test_a_worker_that_dies_while_it_reads_is_followed_by_one_that_reads_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waitlist.jobs.imports.AT_ONCE", 2)
    campus = world.launch()
    run = uploaded(world, campus, ("email\n" + "".join(f"p{n}@college.edu\n" for n in (1, 2, 3, 4, 1))).encode())
    choose(world, run)
    with monkeypatch.context() as patch:
        patch.setattr("waitlist.failpoints.reached", lambda _name: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            work(world)
    assert len(rows(world, run)) == 2
    work(world)
    read = run_now(world, run)
    assert read is not None
    assert (read.state, read.total, read.duplicate) == ("staged", 5, 1)


def test_what_nobody_began_is_gone_after_a_day(world: World) -> None:
    campus = world.launch()
    run = seen(world, campus, FILE)
    done = bring(world, campus, "email\nz@college.edu\nnone\n")
    world.later(hours=25)
    work(world)
    work(world)
    assert run_now(world, run) is None
    assert run_now(world, done) is not None


def test_whom_a_row_was_about_is_forgotten_a_month_after_the_end(world: World) -> None:
    campus = world.launch()
    run = seen(world, campus, "email\na@college.edu\nb@other.edu\n")
    enter(world, campus, run)
    assert [row.email_key for row in rows(world, run)] == ["a@college.edu", "b@other.edu"]
    world.later(days=31)
    work(world)
    kept = rows(world, run)
    assert [(row.email_key, row.data) for row in kept] == [("a@college.edu", None), (None, None)]
    assert kept[1].reason == "domain_not_allowed"


def test_a_command_that_reads_its_own_file_is_left_alone(world: World) -> None:
    campus = world.launch()
    with world.writing() as tx:
        run = importing.start(tx, campus, importing.Upload("x", "y"), Options(), actor=TEAM, now=world.now)
    work(world)
    left = run_now(world, run)
    assert left is not None
    assert left.state == "staging"
