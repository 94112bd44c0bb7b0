"""What the demo looks up while it plays its six weeks."""

from collections.abc import Sequence

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry, State, in_line
from waitlist.models.invite import Invite


def open_invites(rx: Tx, launch_id: int) -> Sequence[Invite]:
    """Bound invites that nobody has used or ended."""
    still = (Invite.launch_id == launch_id, Invite.email.is_not(None), Invite.ended_at.is_(None), Invite.uses == 0)
    return some(rx, sa.select(Invite).where(*still).order_by(Invite.id))


def invite(rx: Tx, invite_id: int) -> Invite:
    found = one(rx, sa.select(Invite).where(Invite.id == invite_id))
    assert found is not None, "it was made a moment ago"
    return found


def members(rx: Tx, launch_id: int, limit: int) -> Sequence[Entry]:
    """The first people who came in."""
    joined = sa.select(Entry).where(Entry.launch_id == launch_id, Entry.state == State.JOINED)
    return some(rx, joined.order_by(Entry.id).limit(limit))


def waiting(rx: Tx, launch_id: int, limit: int) -> Sequence[Entry]:
    """People in line, last first: nobody of a wave to come is among them."""
    query = sa.select(Entry).where(Entry.launch_id == launch_id, in_line)
    return some(rx, query.order_by(Entry.rank_key.desc()).limit(limit))
