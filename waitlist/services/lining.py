"""Lining: the team puts somebody into another line of the launch, with a reason; a line is made at first need."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models import entry as entries
from waitlist.models import launch as launches
from waitlist.models.entry import Entry, State, stands
from waitlist.models.launch import LINE_KEY, Launch, Line
from waitlist.services import ranking
from waitlist.services.moving import NotInLine
from waitlist.services.recording import record
from waitlist.services.shelving import refuse_archived


class BadLine(ValueError):
    """Not the key of a line: lower-case letters, digits and hyphens, at most 40."""


class ThereAlready(Exception):
    """The person stands in this line."""


def change_line(tx: Tx, launch: Launch, entry_id: int, key: str, *, reason: str, actor: Actor, now: datetime) -> Entry:
    """Put somebody into another line, where points and arrival put them; a place given by hand ends with it.

    In an unranked line they have no place. Raises LaunchArchived, BadLine, NotInLine (not waiting, or on hold) or
    ThereAlready.
    """
    tx.execute(launches.locked(launch.id))
    refuse_archived(tx, launch)
    entry = one(tx, entries.locked_in(launch.id, entry_id))
    if entry is None or entry.state != State.WAITING or entry.held_by is not None:
        raise NotInLine
    line = _line(tx, launch, key, actor=actor, now=now)
    if line.id == entry.line_id:
        raise ThereAlready
    for line_id in sorted((entry.line_id, line.id)):
        ranking.take_fold_lock(tx, line_id)
    before = tx.scalar(sa.select(Line.key).where(Line.id == entry.line_id))
    if stands(entry):
        ranking.went(tx, entry.line_id, rank_key=entry.rank_key or 0, sequence=entry.sequence or 0)
    moved = _enter(tx, launch, entry, line)
    data = {"before": before, "after": line.key}
    record(tx, "lining.changed", launch.id, ("entry", entry_id), actor, now, data, personal={"reason": reason})
    return moved


def _enter(tx: Tx, launch: Launch, entry: Entry, line: Line) -> Entry:
    sequence = entry.sequence or ranking.next_number(tx)
    values: dict[str, object] = {"line_id": line.id, "sequence": sequence, "rank_key": None}
    # Whom the team put there hears of it when the rules change next, as everybody there does.
    values |= {"gate_revision": launch.revision, "moved_at": None, "moved_by": None}
    if line.ranked:
        key = ranking.key_for(score=entry.score, sequence=sequence, vip=entry.vip)
        values["rank_key"] = ranking.free_key(tx, line.id, key)
    moved = one(tx, sa.update(Entry).where(Entry.id == entry.id).values(values).returning(Entry))
    assert moved is not None, "the row is locked"
    if stands(moved):
        ranking.came(tx, line.id, rank_key=moved.rank_key or 0, sequence=sequence)
    return moved


def _line(tx: Tx, launch: Launch, key: str, *, actor: Actor, now: datetime) -> Line:
    if not LINE_KEY.fullmatch(key):
        raise BadLine(key)
    made = insert(tx, Line).values(launch_id=launch.id, key=key, ranked=True)
    line_id = tx.scalar(made.on_conflict_do_nothing(index_elements=["launch_id", "key"]).returning(Line.id))
    if line_id is not None:
        record(tx, "lining.made", launch.id, ("line", line_id), actor, now, {"line": key})
    line = one(tx, sa.select(Line).where(Line.launch_id == launch.id, Line.key == key))
    assert line is not None, "it was made just now at the latest"
    return line
