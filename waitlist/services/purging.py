"""Purging: what nobody confirmed is forgotten after 30 days, with every address that was typed for it."""

from collections.abc import Collection
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Attempt, Entry, State, StoredFact
from waitlist.models.invite import Admission, Invite
from waitlist.models.message import Message, MessageState
from waitlist.models.wave import WaveMember

KEPT = timedelta(days=30)  # after the last link
FINAL = (MessageState.SENT, MessageState.FAILED, MessageState.CANCELLED)


def unconfirmed(tx: Tx, now: datetime, limit: int) -> int:
    """Delete at most `limit` people whose last link went out 30 days ago and was never pressed; returns how many."""
    due = (
        sa.select(Entry.id)
        .where(Entry.state == State.UNCONFIRMED, Entry.state_at <= now - KEPT, ~_invited_by_team())
        .order_by(Entry.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return forget(tx, list(tx.scalars(due)))


def attempts(tx: Tx, now: datetime, limit: int) -> int:
    """Delete at most `limit` attempts that ended 30 days ago; the one that confirmed somebody stays with them."""
    confirmed = sa.and_(Attempt.kind == "join", Attempt.used_at.is_not(None))
    unsent = sa.exists().where(Message.attempt_id == Attempt.id, Message.state.not_in(FINAL))
    due = (
        sa.select(Attempt.id)
        .where(Attempt.expires_at <= now - KEPT, ~confirmed, ~unsent)
        .order_by(Attempt.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    ids = list(tx.scalars(due))
    if ids:
        tx.execute(sa.update(Message).where(Message.attempt_id.in_(ids)).values(attempt_id=None))
        tx.execute(sa.delete(Attempt).where(Attempt.id.in_(ids)))
    return len(ids)


def forget_unconfirmed(tx: Tx, entry_id: int) -> int:
    """Delete one person who never confirmed, unless the team invited them; returns how many."""
    due = sa.select(Entry.id).where(Entry.id == entry_id, Entry.state == State.UNCONFIRMED, ~_invited_by_team())
    return forget(tx, list(tx.scalars(due.with_for_update())))


def forget(tx: Tx, ids: Collection[int]) -> int:
    """Delete people who never confirmed; their unsent mails are cancelled, their attempts name nobody any more."""
    if not ids:
        return 0
    waiting = sa.and_(Message.entry_id.in_(ids), Message.state == MessageState.QUEUED)
    tx.execute(sa.update(Message).where(waiting).values(state=MessageState.CANCELLED))
    for noun in (Message, Attempt, Invite):
        tx.execute(sa.update(noun).where(noun.entry_id.in_(ids)).values(entry_id=None))
    tx.execute(sa.delete(StoredFact).where(StoredFact.entry_id.in_(ids)))
    gone = sa.delete(Entry).where(Entry.id.in_(ids), Entry.state == State.UNCONFIRMED)
    return tx.execute(gone).rowcount


def _invited_by_team() -> sa.ColumnElement[bool]:
    """Whoever a wave invited has rows that tell the wave's story, and is not forgotten here."""
    wave = sa.exists().where(WaveMember.entry_id == Entry.id)
    admission = sa.exists().where(Admission.entry_id == Entry.id)
    return sa.or_(wave, admission)
