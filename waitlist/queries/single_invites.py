"""Invites one by one, as the team sees them: those that no wave made, who used one, and codes by the batch."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource, Redemption


def single(rx: Tx, launch_id: int, *, before: int | None, limit: int) -> Sequence[Invite]:
    """Invites of the team and of members, the newest first; `before` is the id of the last one seen."""
    alone = (Invite.source != InviteSource.WAVE, Invite.batch.is_(None))
    query = sa.select(Invite).where(Invite.launch_id == launch_id, *alone)
    if before is not None:
        query = query.where(Invite.id < before)
    return some(rx, query.order_by(Invite.id.desc()).limit(limit))


def used_by(rx: Tx, invite_id: int, limit: int = 100) -> Sequence[Entry]:
    """The people who came in by an invite, the newest first."""
    return some(
        rx,
        sa.select(Entry)
        .join(Redemption, Redemption.entry_id == Entry.id)
        .where(Redemption.invite_id == invite_id)
        .order_by(Redemption.id.desc())
        .limit(limit),
    )


@dataclass(frozen=True)
class Batch:
    """Codes that were made together: how many, how often they were used, and what they have in common."""

    first: Invite
    codes: int
    used: int  # people who came in
    open: int  # codes that still work

    @property
    def id(self) -> str:
        return self.first.batch or ""


def batches(rx: Tx, launch_id: int, now: datetime, *, limit: int = 50) -> list[Batch]:
    """The newest batches first."""
    here = (Invite.launch_id == launch_id, Invite.batch.is_not(None))
    newest = (
        sa.select(sa.func.min(Invite.id)).where(*here).group_by(Invite.batch).order_by(sa.func.min(Invite.id).desc())
    )
    found = some(rx, sa.select(Invite).where(Invite.id.in_(newest.limit(limit))).order_by(Invite.id.desc()))
    return [_counted(rx, first, now) for first in found]


def batch(rx: Tx, launch_id: int, batch_id: str, now: datetime) -> Batch | None:
    """One batch of this launch, or None."""
    query = sa.select(Invite).where(Invite.launch_id == launch_id, Invite.batch == batch_id).order_by(Invite.id)
    first = one(rx, query.limit(1))
    return None if first is None else _counted(rx, first, now)


def codes_of(rx: Tx, batch_id: str, *, after: int = 0, limit: int) -> Sequence[Invite]:
    """The codes of a batch in the order they were made, behind the one with this id."""
    query = sa.select(Invite).where(Invite.batch == batch_id, Invite.id > after)
    return some(rx, query.order_by(Invite.id).limit(limit))


def _counted(rx: Tx, first: Invite, now: datetime) -> Batch:
    works = sa.and_(Invite.ended_at.is_(None), Invite.expires_at > now)
    query = sa.select(
        sa.func.count(), sa.func.sum(Invite.uses), sa.func.sum(sa.case((works, 1), else_=0))
    ).where(Invite.batch == first.batch)  # fmt: skip
    codes, used, still = rx.execute(query).one()
    return Batch(first, int(codes), int(used), int(still))
