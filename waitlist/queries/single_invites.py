"""Invites one by one, as the team sees them: those that no wave made, and who used one."""

from collections.abc import Sequence

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource, Redemption


def single(rx: Tx, launch_id: int, *, before: int | None, limit: int) -> Sequence[Invite]:
    """Invites of the team and of members, the newest first; `before` is the id of the last one seen."""
    query = sa.select(Invite).where(Invite.launch_id == launch_id, Invite.source != InviteSource.WAVE)
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
