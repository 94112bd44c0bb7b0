"""Settling: the mails of a made-up past count as sent, so that none of them leaves once a relay is set."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.message import Message, MessageState


def as_sent(tx: Tx, *, before: datetime, now: datetime) -> int:
    """Mark every queued mail that was written before a moment; returns how many. For the demo only."""
    queued = sa.update(Message).where(Message.state == MessageState.QUEUED, Message.created_at < before)
    return tx.execute(queued.values(state=MessageState.SENT, state_at=now, sent_at=Message.available_at)).rowcount
