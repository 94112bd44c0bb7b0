"""Who asks: for a new invite, of the team or of one member, and for which domains."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.upkeep import ASKED_FOR, Observation

AT_ONCE = 100
DOMAINS = 20


@dataclass(frozen=True)
class Ask:
    """One question: an invite that ended on `expires_at`, and since when its person waits for an answer."""

    invite: str  # public id
    version: int
    email: str
    source: str
    asked_at: datetime
    expires_at: datetime
    appeal: str | None  # the reason of somebody who never had one; None where an invite ended


def of_team(tx: Tx, launch_id: int) -> Sequence[Ask]:
    """The questions that the team answers, the oldest first."""
    return _asks(tx, sa.and_(Invite.launch_id == launch_id, Invite.source != InviteSource.MEMBER))


def of_member(tx: Tx, inviter_id: int) -> Sequence[Ask]:
    """The questions of one member's friends, the oldest first."""
    return _asks(tx, sa.and_(Invite.inviter_id == inviter_id, Invite.source == InviteSource.MEMBER))


def domains(tx: Tx, launch_id: int) -> Sequence[tuple[str, int]]:
    """The domains (A-labels) whose people said that they should be here, with how many did; the most wanted first."""
    heard = sa.func.sum(Observation.n)
    rows = tx.execute(
        sa.select(Observation.name, heard)
        .where(Observation.launch_id == launch_id, Observation.name.startswith(ASKED_FOR))
        .group_by(Observation.name)
        .order_by(heard.desc(), Observation.name)
        .limit(DOMAINS)
    )
    return [(name.removeprefix(ASKED_FOR), int(number)) for name, number in rows]


def _asks(tx: Tx, whose: sa.ColumnElement[bool]) -> list[Ask]:
    open_still = sa.and_(Invite.asked_at.is_not(None), Invite.asked_answer_at.is_(None), Invite.revoked_at.is_(None))
    rows = tx.execute(sa.select(Invite).where(whose, open_still).order_by(Invite.asked_at, Invite.id).limit(AT_ONCE))
    return [
        Ask(row.public_id, row.version, row.email or "", row.source, row.asked_at, row.expires_at, row.appeal)
        for row in rows
        if row.asked_at is not None
    ]
