"""Undoing: the people whom an import added go again, as long as nothing has happened to them since."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.entry import Answer, Attempt, Entry, State, StoredFact
from waitlist.models.guard import Signal
from waitlist.models.invite import Admission, Invite
from waitlist.models.launch import Launch, locked
from waitlist.models.message import Message
from waitlist.models.referral import Credit, Vouch
from waitlist.models.report import Report
from waitlist.models.upkeep import ImportRow, ImportRun
from waitlist.models.wave import WaveMember
from waitlist.services import ranking, referring
from waitlist.services.importing import WrongImportState
from waitlist.services.ranking import Change
from waitlist.services.recording import record

CHUNK = 500
# Where something that happened to a person leaves a row.
TRACES: tuple[InstrumentedAttribute[Any], ...] = (
    *(Message.entry_id, Attempt.entry_id, Invite.entry_id, Invite.inviter_id, WaveMember.entry_id),
    *(Admission.entry_id, Vouch.voucher_id, Vouch.entry_id, Answer.entry_id, StoredFact.entry_id, Report.entry_id),
    Signal.entry_id,
)


def undo_chunk(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> tuple[int, bool]:
    """Remove the next people of a finished or stopped run; returns how many went, and whether more may be left.

    Friends go before their referrers. Who was invited, written to, held, moved or followed by others stays.
    Raises WrongImportState for a run that is running or never ran.
    """
    tx.execute(locked(launch.id))
    run = one(tx, sa.select(ImportRun).where(ImportRun.id == run_id))
    if run is None or run.state not in ("done", "stopped"):
        raise WrongImportState(run.state if run is not None else "unknown")
    rows = some(
        tx,
        sa.select(ImportRow)
        .where(ImportRow.run_id == run_id, ImportRow.outcome == "added")
        .order_by(ImportRow.depth.desc(), ImportRow.row_no.desc())
        .limit(CHUNK),
    )
    if not rows:
        tx.execute(sa.update(ImportRun).where(ImportRun.id == run_id).values(state="undone", finished_at=now))
        record(tx, "importing.undone", launch.id, ("import", run_id), actor, now)
        return 0, False
    going = _untouched(tx, run_id, [row.entry_id or 0 for row in rows])
    _take_out(tx, launch, going, actor=actor, now=now)
    _note(tx, run_id, rows, {person.id for person in going})
    record(tx, "importing.withdrawn", launch.id, ("import", run_id), actor, now, {"people": len(going)})
    return len(going), True


def _untouched(tx: Tx, run_id: int, ids: list[int]) -> list[Entry]:
    people = some(
        tx,
        sa.select(Entry)
        .where(
            Entry.id.in_(ids),
            Entry.import_id == run_id,
            Entry.state == State.WAITING,
            Entry.held_by.is_(None),
            Entry.moved_at.is_(None),
            *(~sa.exists().where(trace == Entry.id) for trace in TRACES),
        )
        .order_by(Entry.id)
        .with_for_update(),
    )
    return _without_followers(tx, list(people))


def _without_followers(tx: Tx, people: list[Entry]) -> list[Entry]:
    """Those whose friends, if they have any, all go with them."""
    going = {person.id for person in people}
    friends = tx.execute(sa.select(Entry.id, Entry.referrer_id).where(Entry.referrer_id.in_(going))).all()
    shrinking = True
    while shrinking:
        stay = {referrer_id for friend_id, referrer_id in friends if friend_id not in going and referrer_id in going}
        going -= stay
        shrinking = bool(stay)
    return [person for person in people if person.id in going]


def _take_out(tx: Tx, launch: Launch, people: list[Entry], *, actor: Actor, now: datetime) -> None:
    if not people:
        return
    ids = [person.id for person in people]
    for friend_id in tx.scalars(
        sa.select(Credit.friend_id)
        .where(Credit.friend_id.in_(ids), Credit.referrer_id.not_in(ids))
        .order_by(Credit.friend_id)
    ).all():
        referring.reverse(tx, launch, friend_id=friend_id, actor=actor, now=now)
    tx.execute(sa.delete(Credit).where(Credit.friend_id.in_(ids)))
    # Read again: a reversal above may have moved somebody who goes, too.
    left = (Entry.line_id, Entry.rank_key, Entry.sequence)
    gone: dict[int, list[Change]] = defaultdict(list)
    for line_id, rank_key, sequence in tx.execute(sa.delete(Entry).where(Entry.id.in_(ids)).returning(*left)).all():
        gone[line_id].append(Change(rank_key or 0, sequence or 0, -1))
    for line_id, changes in sorted(gone.items()):
        ranking.came_and_went(tx, line_id, changes)


def _note(tx: Tx, run_id: int, rows: Sequence[ImportRow], gone: set[int]) -> None:
    verdicts: list[dict[str, Any]] = [
        {"row": row.row_no, "became": "undone" if row.entry_id in gone else "kept"} for row in rows
    ]
    undone = sa.bindparam("became") == "undone"
    tx.execute(
        sa.update(ImportRow)
        .where(ImportRow.run_id == run_id, ImportRow.row_no == sa.bindparam("row"))
        .values(outcome=sa.bindparam("became"), entry_id=sa.case((undone, sa.null()), else_=ImportRow.entry_id)),
        verdicts,
    )
