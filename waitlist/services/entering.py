"""Entering: the staged rows of an import come into line, a chunk at a time; a crash doubles and loses nobody."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, cast

import sqlalchemy as sa

from waitlist import codes, failpoints
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one, some
from waitlist.models.condition import main_line, unconfirmed
from waitlist.models.entry import Entry, State
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch, locked
from waitlist.models.rank import total_of
from waitlist.models.upkeep import ImportRow, ImportRun
from waitlist.services import approaching, crediting, matching, ranking, screening
from waitlist.services.ranking import Change
from waitlist.services.recording import record
from waitlist.services.shelving import is_archived

CHUNK = 200  # rows: SQLite's writer is held for a tenth of a second, whatever the size of the file


@dataclass
class _Chunk:
    """What happens to the rows of one chunk: their verdicts, the people who came, and how many more the line takes."""

    verdicts: list[dict[str, Any]] = field(default_factory=list)
    came: list[Entry] = field(default_factory=list)
    room: int | None = None

    def ends(self, row: ImportRow, outcome: str, reason: str = "", entry_id: int | None = None) -> None:
        self.verdicts.append({"row": row.row_no, "outcome": outcome, "reason": reason, "entry": entry_id})


def enter_chunk(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> bool:
    """Let the next rows of a running import enter; says whether more may be left. False for a run that is stopped.

    Referrers come before their friends, whatever the order of the file; each person's place follows the file.
    """
    tx.execute(locked(launch.id))
    run = one(tx, sa.select(ImportRun).where(ImportRun.id == run_id, ImportRun.state == "running"))
    if run is None or is_archived(tx, launch):
        return False
    rows = _next_rows(tx, run_id)
    if not rows:
        return _finish(tx, launch, run_id, actor=actor, now=now)
    chunk = _Chunk(room=room(tx, launch, now))
    fresh = _known(tx, launch, run, rows, chunk, actor=actor, now=now)
    if run.options["ask"]:
        for row in fresh:
            chunk.ends(row, *approaching.ask(tx, launch, row, now=now))
    else:
        for _, level in groupby(fresh, key=lambda row: row.depth):
            if not _enter(tx, launch, run, list(level), chunk, actor=actor, now=now):
                break  # somebody is still outside, and may be the referrer of the next level
        _stand(tx, launch, chunk)
        crediting.credit_many(tx, launch, chunk.came, actor=actor, now=now)
    _write_down(tx, launch, run_id, chunk, actor=actor, now=now)
    failpoints.reached("import.before_commit")
    return True


def _next_rows(tx: Tx, run_id: int) -> Sequence[ImportRow]:
    return some(
        tx,
        sa.select(ImportRow)
        .where(ImportRow.run_id == run_id, ImportRow.outcome == "staged")
        .order_by(ImportRow.depth, ImportRow.row_no)
        .limit(CHUNK),
    )


def _finish(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> bool:
    tx.execute(sa.update(ImportRun).where(ImportRun.id == run_id).values(state="done", finished_at=now))
    record(tx, "importing.done", launch.id, ("import", run_id), actor, now)
    return False


def room(tx: Tx, launch: Launch, now: datetime) -> int | None:
    """How many more the line takes; None where it has no limit."""
    if launch.line_limit is None:
        return None
    line_id = main_line(tx, launch.id)
    return max(launch.line_limit - total_of(tx, line_id) - unconfirmed(tx, line_id, now), 0)


def _known(
    tx: Tx,
    launch: Launch,
    run: ImportRun,
    rows: Sequence[ImportRow],
    chunk: _Chunk,
    *,
    actor: Actor,
    now: datetime,
) -> list[ImportRow]:
    """End the rows of people who are in the launch already; the others are returned."""
    keys = [row.email_key for row in rows]
    query = sa.select(Entry).where(Entry.launch_id == launch.id, Entry.email_key.in_(keys)).order_by(Entry.id)
    known = {person.email_key: person for person in some(tx, query.with_for_update(key_share=True))}
    fresh = []
    for row in rows:
        person = known.get(row.email_key or "")
        match matching.fate(run, person, row):
            case "new":
                fresh.append(row)
            case "confirm" if person is not None:
                _confirm(tx, launch, person, row, chunk, actor=actor, now=now)
            case "updated" if person is not None:
                tx.execute(sa.update(Entry).where(Entry.id == person.id).values(**matching.said_of(person, row)))
                chunk.ends(row, "updated", row.reason, person.id)
            case "same" if person is not None:
                chunk.ends(row, "same", row.reason, person.id)
            case refused if person is not None:
                chunk.ends(row, "problem", refused, person.id)
    return fresh


def _confirm(
    tx: Tx, launch: Launch, person: Entry, row: ImportRow, chunk: _Chunk, *, actor: Actor, now: datetime
) -> None:
    """Somebody who never pressed the link, and whom the file vouches for, stands in line from now."""
    reason = screening.refusals(tx, launch, [row], set(), now).get(row.row_no)
    if reason is not None:
        chunk.ends(row, "problem", reason, person.id)
        return
    sequence = row.sequence or 0
    values = {
        "line_id": main_line(tx, launch.id),
        "state": State.WAITING,
        "state_at": now,
        "state_by": str(actor),
        "confirmed_at": now,
        "confirmed_no": ranking.next_number(tx),
        "sequence": sequence,
        "rank_key": ranking.key_for(score=person.score, sequence=sequence, vip=person.vip),
        "gate_revision": launch.revision,
    }
    confirmed = one(tx, sa.update(Entry).where(Entry.id == person.id).values(**values).returning(Entry))
    assert confirmed is not None, "the row is locked"
    chunk.came.append(confirmed)
    chunk.ends(row, "updated", row.reason, person.id)


def _enter(
    tx: Tx, launch: Launch, run: ImportRun, level: list[ImportRow], chunk: _Chunk, *, actor: Actor, now: datetime
) -> bool:
    """People whose referrers are all in already; says whether everybody who may is in now."""
    referrers = _referrers(tx, launch, level)
    refused = screening.refusals(tx, launch, level, set(referrers), now)
    admitted = []
    for row in level:
        if row.row_no in refused:
            chunk.ends(row, "problem", refused[row.row_no])
        elif chunk.room == 0:
            chunk.ends(row, "problem", "row_line_full")
        else:
            chunk.room = None if chunk.room is None else chunk.room - 1
            admitted.append(row)
    numbers = ranking.take_numbers(tx, len(admitted))
    shared = _shared(tx, launch, run, actor, now)
    holds = _branch_holds(tx, referrers.values())
    people = [
        _person(launch, row, referrers.get(row.row_no), holds, number, now) | shared
        for row, number in zip(admitted, numbers, strict=True)
    ]
    entered = _insert(tx, people)
    for row in admitted:
        person = entered.get(row.email_key or "")
        if person is None:  # joined a moment ago, or drew somebody's referral code: the next chunk looks again
            continue
        chunk.came.append(person)
        lost = row.referrer_key is not None and person.referrer_id is None
        chunk.ends(row, "added", "row_unknown_referrer" if lost else row.reason, person.id)
    return len(entered) == len(admitted)


def _referrers(tx: Tx, launch: Launch, level: list[ImportRow]) -> dict[int, Entry]:
    """By row, the referrer who is in. Another address of one's own mailbox is nobody."""
    keys = {row.referrer_key for row in level if row.referrer_key is not None}
    if not keys:
        return {}
    query = sa.select(Entry).where(
        Entry.launch_id == launch.id,
        Entry.email_key.in_(keys),
        Entry.confirmed_no.is_not(None),
        Entry.state != State.REMOVED,
    )
    found = {person.email_key: person for person in some(tx, query)}
    referrers = {}
    for row in level:
        referrer = found.get(row.referrer_key or "")
        if referrer is not None and row.data is not None and row.data["abuse_key"] != referrer.email_abuse_key:
            referrers[row.row_no] = referrer
    return referrers


def _branch_holds(tx: Tx, referrers: Iterable[Entry]) -> set[int]:
    """The holds on a whole branch that referrers stand on: whoever comes through them stands on these as well."""
    held = {referrer.held_by for referrer in referrers if referrer.held_by is not None}
    return set(tx.scalars(sa.select(Hold.id).where(Hold.id.in_(held), Hold.scope == "subtree"))) if held else set()


def _shared(tx: Tx, launch: Launch, run: ImportRun, actor: Actor, now: datetime) -> dict[str, Any]:
    return {
        "launch_id": launch.id,
        "line_id": main_line(tx, launch.id),
        "state": State.WAITING,
        "state_at": now,
        "state_by": str(actor),
        "confirmed_at": now,
        "gate_revision": launch.revision,
        "import_id": run.id,
    }


def _person(
    launch: Launch, row: ImportRow, referrer: Entry | None, holds: set[int], number: int, now: datetime
) -> dict[str, Any]:
    data = row.data or {}
    joined_at = datetime.fromisoformat(data["joined_at"]) if data["joined_at"] else now
    sequence = row.sequence or number
    return {
        "public_id": codes.random_id("ent"),
        "email": data["email"],
        "email_key": row.email_key,
        "email_abuse_key": data["abuse_key"],
        "domain": data["domain"],
        "name": data["name"],
        "language": data["language"] or launch.language,
        "slug": codes.random_slug(),
        "created_at": min(joined_at, now),
        "confirmed_no": number,
        "referrer_id": referrer.id if referrer else None,
        "referrer_no": referrer.confirmed_no if referrer else None,
        "held_by": referrer.held_by if referrer and referrer.held_by in holds else None,
        "sequence": sequence,
        "rank_key": ranking.key_for(score=0, sequence=sequence),
        "ticket": data["ticket"],
        "arm_ticket": data["arm_ticket"],
    }


def _insert(tx: Tx, people: list[dict[str, Any]]) -> dict[str, Entry]:
    if not people:
        return {}
    statement = insert(tx, Entry).on_conflict_do_nothing().returning(Entry)
    entered = cast("Sequence[Entry]", tx.execute(statement, people).all())
    return {person.email_key: person for person in entered}


def _stand(tx: Tx, launch: Launch, chunk: _Chunk) -> None:
    if chunk.came:
        changes = [Change(person.rank_key or 0, person.sequence or 0, 1) for person in chunk.came if not person.held_by]
        ranking.came_and_went(tx, main_line(tx, launch.id), changes)


def _write_down(tx: Tx, launch: Launch, run_id: int, chunk: _Chunk, *, actor: Actor, now: datetime) -> None:
    if not chunk.verdicts:
        return
    keeps = sa.case((sa.bindparam("outcome") == "problem", ImportRow.data), else_=sa.null())
    tx.execute(
        sa.update(ImportRow)
        .where(ImportRow.run_id == run_id, ImportRow.row_no == sa.bindparam("row"))
        .values(
            outcome=sa.bindparam("outcome"), reason=sa.bindparam("reason"), entry_id=sa.bindparam("entry"), data=keeps
        ),
        chunk.verdicts,
    )
    counted = {name: sum(v["outcome"] == name for v in chunk.verdicts) for name in ("added", "updated", "same")}
    problems = len(chunk.verdicts) - sum(counted.values())
    columns = {name: getattr(ImportRun, name) + n for name, n in counted.items()}
    tx.execute(
        sa.update(ImportRun).where(ImportRun.id == run_id).values(problems=ImportRun.problems + problems, **columns)
    )
    record(tx, "importing.entered", launch.id, ("import", run_id), actor, now, counted | {"problems": problems})
