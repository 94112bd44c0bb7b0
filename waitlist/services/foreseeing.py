"""Foreseeing: what each row of a file would do if it entered now. Looking writes nothing; noting is a short step.

The rules, the deny list and the line's limit are asked as they are when people enter, and they are asked again then.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.condition import Condition, circumstances
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ImportRow, ImportRun
from waitlist.services import entering, matching, screening

CHUNK = 500


@dataclass
class Sight:
    """How far a look has come, whom its last chunk saw come in (key: mailbox), and how many more the line takes."""

    launch: Launch
    run: ImportRun
    room: int | None = None
    closed: bool = False  # nobody can be asked by mail now
    after: tuple[int, int] = (-1, 0)
    verdicts: list[dict[str, Any]] = field(default_factory=list)
    came: dict[str, str] = field(default_factory=dict)

    def ends(self, row: ImportRow, outcome: str, reason: str = "") -> None:
        self.verdicts.append({"row": row.row_no, "foresees": outcome, "because": reason})


def begin(rx: Tx, launch: Launch, run: ImportRun, now: datetime) -> Sight:
    """A look from the first row that nobody has looked at yet."""
    room = entering.room(rx, launch, now)
    seen = sa.select(sa.func.count()).where(ImportRow.run_id == run.id, ImportRow.foreseen == "added")
    condition = circumstances(rx, launch, now).condition
    closed = run.options["ask"] and condition not in (Condition.OPEN, Condition.LAUNCHED)
    return Sight(launch, run, None if room is None else max(room - (rx.scalar(seen) or 0), 0), closed)


def look(rx: Tx, sight: Sight, now: datetime) -> list[dict[str, Any]]:
    """The verdicts on the next rows, in the order in which they would enter; none when all were looked at."""
    sight.verdicts, sight.came = [], {}
    rows = _next(rx, sight)
    if rows:
        sight.after = (rows[-1].depth, rows[-1].row_no)
        known = _known(rx, sight.launch, (row.email_key for row in rows))
        mailboxes = _mailboxes(rx, sight, [row.referrer_key for row in rows if row.referrer_key is not None])
        for _, level in groupby(rows, key=lambda row: row.depth):
            _judge(rx, sight, list(level), known, mailboxes, now)
            mailboxes |= {} if sight.run.options["ask"] else sight.came
    return sight.verdicts


def note(tx: Tx, run_id: int, verdicts: list[dict[str, Any]]) -> None:
    """Write the verdicts down."""
    here = sa.and_(ImportRow.run_id == run_id, ImportRow.row_no == sa.bindparam("row"))
    values: dict[str, Any] = {"foreseen": sa.bindparam("foresees"), "foreseen_reason": sa.bindparam("because")}
    tx.execute(sa.update(ImportRow).where(here, ImportRow.outcome == "staged").values(values), verdicts)


def _next(rx: Tx, sight: Sight) -> Sequence[ImportRow]:
    return some(
        rx,
        sa.select(ImportRow)
        .where(
            ImportRow.run_id == sight.run.id,
            ImportRow.outcome == "staged",
            ImportRow.foreseen == "",
            sa.tuple_(ImportRow.depth, ImportRow.row_no) > sa.tuple_(*sight.after),
        )
        .order_by(ImportRow.depth, ImportRow.row_no)
        .limit(CHUNK),
    )


def _known(rx: Tx, launch: Launch, keys: Iterable[str | None]) -> dict[str | None, Entry]:
    found = some(rx, sa.select(Entry).where(Entry.launch_id == launch.id, Entry.email_key.in_(list(keys))))
    return {person.email_key: person for person in found}


def _mailboxes(rx: Tx, sight: Sight, keys: list[str]) -> dict[str, str]:
    """By address, the mailbox of referrers who are in line, or were seen to come in by this file."""
    people = _known(rx, sight.launch, keys).values()
    found = {
        person.email_key: person.email_abuse_key
        for person in people
        if person.confirmed_no is not None and person.state != State.REMOVED
    }
    if sight.run.options["ask"]:
        return found  # who is only asked by mail has brought nobody yet
    coming = sa.and_(ImportRow.email_key.in_(keys), ImportRow.outcome == "staged", ImportRow.foreseen == "added")
    for row in some(rx, sa.select(ImportRow).where(ImportRow.run_id == sight.run.id, coming)):
        found[row.email_key or ""] = _mailbox(row)
    return found


def _mailbox(row: ImportRow) -> str:
    return str((row.data or {})["abuse_key"])


def _judge(
    rx: Tx,
    sight: Sight,
    level: list[ImportRow],
    known: dict[str | None, Entry],
    mailboxes: dict[str, str],
    now: datetime,
) -> None:
    fates = {row.row_no: matching.fate(sight.run, known.get(row.email_key), row) for row in level}
    asked = [row for row in level if fates[row.row_no] in ("new", "confirm")]
    referred = {
        row.row_no
        for row in asked
        if fates[row.row_no] == "new" and mailboxes.get(row.referrer_key or "", _mailbox(row)) != _mailbox(row)
    }
    refused = _refusals(rx, sight, asked, referred, now)
    for row in level:
        fate = fates[row.row_no]
        if row.row_no in refused:
            sight.ends(row, "problem", refused[row.row_no])
        elif fate == "new" and sight.room == 0:
            sight.ends(row, "problem", "row_line_full")
        elif fate == "new":
            sight.room = None if sight.room is None else sight.room - 1
            sight.came[row.email_key or ""] = _mailbox(row)
            lost = row.referrer_key is not None and row.row_no not in referred
            sight.ends(row, "added", "row_unknown_referrer" if lost else row.reason)
        elif fate in ("confirm", "updated", "same"):
            sight.ends(row, "same" if fate == "same" else "updated", row.reason)
        else:
            sight.ends(row, "problem", fate)


def _refusals(rx: Tx, sight: Sight, rows: list[ImportRow], referred: set[int], now: datetime) -> dict[int, str]:
    if sight.closed:
        return dict.fromkeys((row.row_no for row in rows), "row_not_open")
    refused = screening.refusals(rx, sight.launch, rows, referred, now) if rows else {}
    if sight.run.options["ask"]:  # a denied address is answered like everybody's
        return {number: code for number, code in refused.items() if code != "row_denied"}
    return refused
