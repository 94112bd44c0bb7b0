"""Vouching: whoever accepts a member's invite is vouched for by that member, once, and the member hears of it."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, insert, one
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch
from waitlist.models.referral import Vouch
from waitlist.services import posting


def vouch(tx: Tx, launch: Launch, invite: Invite, friend: Entry, *, now: datetime) -> None:
    """Write that the inviter stands for the friend, and tell the inviter; nothing for an invite from the team."""
    if invite.inviter_id is None or invite.inviter_id == friend.id:
        return
    inviter = one(tx, sa.select(Entry).where(Entry.id == invite.inviter_id))
    assert inviter is not None, "the foreign key says so"
    statement = insert(tx, Vouch).values(
        launch_id=launch.id,
        voucher_id=inviter.id,
        entry_id=friend.id,
        invite_id=invite.id,
        voucher_state=inviter.state,
        created_at=now,
    )
    tx.execute(statement.on_conflict_do_nothing())
    dedupe = f"{invite.public_id}:{friend.public_id}"
    about = {"launch_id": launch.id, "entry_id": inviter.id, "invite_id": invite.id}
    posting.enqueue(tx, "invite_accepted", dedupe, posting.to(inviter), now, params={"friend": friend.id}, about=about)
