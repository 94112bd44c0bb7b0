"""Undoing: the people whom an import added go again, as long as nothing has happened to them since."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.access import WebSession
from waitlist.models.entry import Answer, Attempt, Consent, Entry, State, StoredFact
from waitlist.models.event import Event
from waitlist.models.guard import Signal
from waitlist.models.invite import Admission, Invite, Redemption
from waitlist.models.launch import Launch, locked
from waitlist.models.message import Message
from waitlist.models.referral import Credit, Vouch
from waitlist.models.report import Report
from waitlist.models.upkeep import DataExport, ImportRow, ImportRun
from waitlist.models.wave import WaveMember
from waitlist.services import ranking, referring
from waitlist.services.importing import WrongImportState, advance
from waitlist.services.ranking import Change
from waitlist.services.recording import record

CHUNK = 500
# Where something that happened to a person leaves a row, by the code of why they stay.
INVITED = (Invite.entry_id, Invite.inviter_id, WaveMember.entry_id, Admission.entry_id, Redemption.entry_id)
WRITTEN = (Message.entry_id, Attempt.entry_id)
CHANGED = (
    *(Vouch.voucher_id, Vouch.entry_id, Answer.entry_id, StoredFact.entry_id, Consent.entry_id),
    *(WebSession.entry_id, DataExport.entry_id, Report.entry_id, Signal.entry_id),
)
# What an import does itself, and looking: nobody is kept for that.
NO_CHANGE = ("referring.credited", "referring.reversed", "referring.reinstated", "looking.looked")


def begin(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> ImportRun:
    """Let the worker take a run back, chunk by chunk. Raises WrongImportState unless it is done or stopped."""
    run = advance(tx, run_id, ("done", "stopped"), state="undoing")
    record(tx, "importing.taken_back", launch.id, ("import", run_id), actor, now)
    return run


def going(rx: Tx) -> Sequence[ImportRun]:
    """The runs that are being taken back, oldest first."""
    return some(rx, sa.select(ImportRun).where(ImportRun.state == "undoing").order_by(ImportRun.id))


def undo_chunk(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> tuple[int, bool]:
    """Remove the next people of a finished or stopped run; returns how many went, and whether more may be left.

    Friends go before their referrers. Who was invited, written to, held, moved or followed by others stays.
    A row that stays says why. Raises WrongImportState for a run that is running or never ran.
    """
    tx.execute(locked(launch.id))
    run = one(tx, sa.select(ImportRun).where(ImportRun.id == run_id))
    if run is None or run.state not in ("done", "stopped", "undoing"):
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
    whys = _whys(tx, run_id, [row.entry_id or 0 for row in rows])
    leaving = [entry_id for entry_id, why in whys.items() if not why]
    _take_out(tx, launch, leaving, actor=actor, now=now)
    _note(tx, run_id, rows, whys)
    record(tx, "importing.withdrawn", launch.id, ("import", run_id), actor, now, {"people": len(leaving)})
    return len(leaving), True


def _whys(tx: Tx, run_id: int, ids: list[int]) -> dict[int, str]:
    """By entry, why somebody stays; an empty text for who goes."""
    touched = sa.exists().where(
        Event.subject_kind == "entry", Event.subject_id == Entry.id, Event.verb.not_in(NO_CHANGE)
    )
    why = sa.case(
        (Entry.state.in_((State.LEFT, State.REMOVED)), "kept_gone"),
        (sa.or_(*(sa.exists().where(trace == Entry.id) for trace in INVITED)), "kept_invited"),
        (sa.or_(*(sa.exists().where(trace == Entry.id) for trace in WRITTEN)), "kept_written"),
        (Entry.held_by.is_not(None), "kept_held"),
        (Entry.moved_at.is_not(None), "kept_moved"),
        (sa.or_(Entry.state != State.WAITING, touched), "kept_changed"),
        (sa.or_(*(sa.exists().where(trace == Entry.id) for trace in CHANGED)), "kept_changed"),
        (sa.exists().where(Attempt.referrer_id == Entry.id), "kept_followed"),  # a friend who has yet to confirm
        else_="",
    )
    found = tx.execute(
        sa.select(Entry.id, why.label("why"))
        .where(Entry.id.in_(ids), Entry.import_id == run_id)
        .order_by(Entry.id)
        .with_for_update()
    )
    whys = {row.id: row.why for row in found}
    return whys | dict.fromkeys(_followed(tx, {entry_id for entry_id, why in whys.items() if not why}), "kept_followed")


def _followed(tx: Tx, people: set[int]) -> set[int]:
    """Those with a friend who does not go with them."""
    going = set(people)
    friends = tx.execute(sa.select(Entry.id, Entry.referrer_id).where(Entry.referrer_id.in_(going))).all()
    shrinking = True
    while shrinking:
        stay = {referrer_id for friend_id, referrer_id in friends if friend_id not in going and referrer_id in going}
        going -= stay
        shrinking = bool(stay)
    return people - going


def _take_out(tx: Tx, launch: Launch, ids: list[int], *, actor: Actor, now: datetime) -> None:
    if not ids:
        return
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


def _note(tx: Tx, run_id: int, rows: Sequence[ImportRow], whys: dict[int, str]) -> None:
    verdicts: list[dict[str, Any]] = []
    for row in rows:
        why = whys.get(row.entry_id or 0, "kept_gone")
        verdicts.append({"row": row.row_no, "became": "kept" if why else "undone", "why": why})
    undone = sa.bindparam("became") == "undone"
    tx.execute(
        sa.update(ImportRow)
        .where(ImportRow.run_id == run_id, ImportRow.row_no == sa.bindparam("row"))
        .values(
            outcome=sa.bindparam("became"),
            reason=sa.bindparam("why"),
            entry_id=sa.case((undone, sa.null()), else_=ImportRow.entry_id),
        ),
        verdicts,
    )
