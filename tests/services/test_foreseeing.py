"""A file is looked at before anybody enters: what is foreseen of each row is what happens to it."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa

from tests.parts import both
from tests.services.bringing import begin, choose, run_now, step, uploaded, work
from tests.world import CAROL, TEAM, World
from waitlist import db, envelopes
from waitlist.models.entry import Entry
from waitlist.models.hold import Denied
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.models.upkeep import ImportPart, ImportRow, ImportRun
from waitlist.queries import imports
from waitlist.services import leaving, removing

pytestmark = both

FILE = """email,name,referrer,joined_at
new@college.edu,New,,
friend@college.edu,Friend,new@college.edu,
lost@college.edu,Lost,nobody@college.edu,
self@college.edu,Self,self@college.edu,
carol@college.edu,Caroline,,
erin@college.edu,,,
asked@college.edu,Asked,,
gone@college.edu,Gone,,
out@college.edu,Out,,
dave@elsewhere.edu,Dave,,
denied@college.edu,Denied,,
new@college.edu,Again,,
nobody,Nobody,,
late@college.edu,Late,,yesterday
=cmd|' /C calc'!A0@college.edu,Formula,,
last@college.edu,Last,,
"""


def furnish(world: World, **columns: object) -> Launch:
    campus = world.launch(**columns)
    world.waiting(campus, CAROL, name="Carol")
    world.waiting(campus, "erin@college.edu", name="Erin")
    world.join(campus, "asked@college.edu")
    gone = world.waiting(campus, "gone@college.edu")
    out = world.waiting(campus, "out@college.edu")
    with world.writing() as tx:
        leaving.leave(tx, campus, gone.id, actor=TEAM, now=world.now)
        removing.remove(tx, campus, out.id, reason="odd", abuse=False, actor=TEAM, now=world.now)
        abuse_key = world.application(campus, "denied@college.edu").abuse_key
        denied = {"launch_id": campus.id, "kind": "address", "value": abuse_key, "shown": "x", "reason": "odd"}
        tx.execute(sa.insert(Denied).values(created_at=world.now, created_by="x", **denied))
    return campus


def seen(world: World, campus: Launch, file: str = FILE, **options: object) -> ImportRun:
    """The run of a file that was read, and looked at to its end."""
    run = uploaded(world, campus, file.encode())
    choose(world, run, **options)
    work(world)
    read = run_now(world, run)
    assert read is not None
    assert read.state == "staged"
    return read


def verdicts(world: World, run: ImportRun) -> tuple[dict[int, tuple[str, str]], dict[int, tuple[str, str]]]:
    """By row number, what was foreseen and what happened."""
    with world.reading() as rx:
        rows = list(rx.execute(sa.select(ImportRow).where(ImportRow.run_id == run.id)))
    foreseen = {row.row_no: (row.foreseen or row.outcome, row.foreseen_reason or row.reason) for row in rows}
    return foreseen, {row.row_no: (row.outcome, row.reason) for row in rows}


def enter(world: World, campus: Launch, run: ImportRun) -> None:
    begin(world, campus, run)
    while step(world, campus, run):
        pass


def test_what_is_foreseen_of_each_row_is_what_happens_to_it(world: World) -> None:
    campus = furnish(world)
    before = len(world.rows(Entry)), len(world.rows(Message)), len(world.events())
    run = seen(world, campus)
    assert (len(world.rows(Entry)), len(world.rows(Message))) == before[:2]
    assert {event.verb for event in world.events()[before[2] :]} <= {"importing.uploaded", "sealing.sealed"}
    with world.reading() as rx:
        forecast = imports.forecast(rx, run)
        told = {(row, outcome): reason for row, outcome, reason in _told(rx, run)}
    assert forecast == {"new": 5, "updated": 2, "same": 1, "duplicate": 1, "problems": 7}
    assert sum(forecast.values()) == run.total == 16
    enter(world, campus, run)
    foreseen, happened = verdicts(world, run)
    assert foreseen == happened
    assert told[(11, "problem")] == "domain_not_allowed"
    assert told[(12, "problem")] == "row_denied"
    with world.reading() as rx:
        assert {(row, outcome): reason for row, outcome, reason in _told(rx, run)} == told
        assert sum(imports.forecast(rx, run).values()) == run.total


def _told(rx: db.Tx, run: ImportRun) -> list[tuple[int, str, str]]:
    return [(remark.row, remark.outcome, remark.reason) for remark in imports.remarks(rx, run.id)]


def test_a_full_line_is_foreseen_at_the_row_where_it_ends(world: World) -> None:
    campus = furnish(world, line_limit=5)
    run = seen(world, campus)
    enter(world, campus, run)
    foreseen, happened = verdicts(world, run)
    assert foreseen == happened
    assert ("problem", "row_line_full") in happened.values()
    assert ("added", "") in happened.values()


def test_whoever_comes_by_somebody_of_the_same_file_has_come_by_somebody(world: World) -> None:
    campus = world.launch(
        tree={"kind": "any_of", "gates": [{"kind": "referred"}, {"kind": "domain", "domains": ["college.edu"]}]}
    )
    run = seen(
        world, campus, "email,referrer\na@college.edu,\nb@else.org,a@college.edu\nc@else.org,b@else.org\nd@else.org,\n"
    )
    enter(world, campus, run)
    foreseen, happened = verdicts(world, run)
    assert foreseen == happened
    assert [happened[row][0] for row in (2, 3, 4, 5)] == ["added", "added", "added", "problem"]


def test_whom_a_mail_would_ask_is_foreseen_too_and_nobody_is_asked_where_nobody_may_join(world: World) -> None:
    campus = furnish(world)
    run = seen(world, campus, ask=True)
    with world.reading() as rx:
        assert imports.forecast(rx, run) == {"new": 6, "updated": 1, "same": 2, "duplicate": 1, "problems": 6}
    closed = world.launch("closed", closes_at=world.now)
    with world.reading() as rx:
        assert imports.forecast(rx, seen(world, closed, "email\na@college.edu\n", ask=True))["problems"] == 1


def test_only_adding_leaves_everybody_who_is_there(world: World) -> None:
    campus = furnish(world)
    run = seen(world, campus, only_add=True)
    enter(world, campus, run)
    foreseen, happened = verdicts(world, run)
    assert foreseen == happened
    assert world.entry(CAROL).name == "Carol"


def test_the_file_comes_back_as_it_was_sent_and_is_gone_once_people_enter(world: World) -> None:
    campus = world.launch()
    content = ("email,name\n" + "".join(f"p{n}@college.edu,{n:x>200}\n" for n in range(8_000))).encode()
    run = uploaded(world, campus, content)

    opens = partial(envelopes.read_part, world.runtime.sealing_key)
    with world.reading() as rx:
        assert imports.file_of(rx, run, opens).getvalue() == content
        assert imports.file_of(rx, run, opens, most=1).getvalue() == content[: envelopes.PART]
    assert all(b"college" not in sealed for sealed in _parts(world))
    choose(world, run)
    work(world)
    begin(world, campus, run)
    assert _parts(world) == []


def _parts(world: World) -> list[bytes]:
    with world.reading() as rx:
        return list(rx.scalars(sa.select(ImportPart.sealed)))
