"""Who asks for a new invite and waits for an answer: the team's queue, or one member's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.invite import Invite, InviteSource

AT_ONCE = 100


@dataclass(frozen=True)
class Ask:
    """One question: an invite that ended on `expires_at`, and since when its person waits for an answer."""

    invite: str  # public id
    version: int
    email: str
    source: str
    asked_at: datetime
    expires_at: datetime


def of_team(tx: Tx, launch_id: int) -> Sequence[Ask]:
    """The questions that the team answers, the oldest first."""
    return _asks(tx, sa.and_(Invite.launch_id == launch_id, Invite.source != InviteSource.MEMBER))


def of_member(tx: Tx, inviter_id: int) -> Sequence[Ask]:
    """The questions of one member's friends, the oldest first."""
    return _asks(tx, sa.and_(Invite.inviter_id == inviter_id, Invite.source == InviteSource.MEMBER))


def _asks(tx: Tx, whose: sa.ColumnElement[bool]) -> list[Ask]:
    open_still = sa.and_(Invite.asked_at.is_not(None), Invite.asked_answer_at.is_(None), Invite.revoked_at.is_(None))
    rows = tx.execute(sa.select(Invite).where(whose, open_still).order_by(Invite.asked_at, Invite.id).limit(AT_ONCE))
    return [
        Ask(row.public_id, row.version, row.email or "", row.source, row.asked_at, row.expires_at)
        for row in rows
        if row.asked_at is not None
    ]
