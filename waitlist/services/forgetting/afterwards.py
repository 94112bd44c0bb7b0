"""Afterwards: what an erasure leaves for a while goes too, by the calendar."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import ERASED, Entry
from waitlist.models.message import Message, MessageState
from waitlist.models.referral import Credit

CREDITED_FOR = timedelta(days=90)  # so long a mailbox that was erased brings nobody a second credit
LAST_MAIL = timedelta(days=3)  # so long the last mail is tried
OVER = (MessageState.SENT, MessageState.FAILED, MessageState.CANCELLED)


def last_mails(tx: Tx, now: datetime, limit: int) -> int:
    """Take the address off last mails that have left, or could not in three days; returns how many."""
    over = sa.or_(Message.state.in_(OVER), Message.created_at <= now - LAST_MAIL)
    due = sa.select(Message.id).where(Message.kind == "erased", Message.to_address != ERASED, over).limit(limit)
    ids = list(tx.scalars(due))
    ended = sa.case((Message.state == MessageState.SENT, Message.state), else_=MessageState.CANCELLED.value)
    blank = {"to_address": ERASED, "to_key": "", "sealed": None, "last_error": "", "lease": None, "lease_until": None}
    tx.execute(sa.update(Message).where(Message.id.in_(ids)).values(state=ended, **blank))
    return len(ids)


def hashes(tx: Tx, now: datetime, limit: int) -> int:
    """Drop the hash that credits remember erased friends by, 90 days after; returns how many."""
    due = (
        sa.select(Credit.id)
        .join(Entry, Entry.id == Credit.friend_id)
        .where(Entry.erased_at <= now - CREDITED_FOR, Credit.abuse_key.not_like("~%"))
        .limit(limit)
    )
    ids = list(tx.scalars(due))
    anonymous = sa.literal("~") + sa.cast(Credit.id, sa.Text)
    tx.execute(sa.update(Credit).where(Credit.id.in_(ids)).values(abuse_key=anonymous))
    return len(ids)
