"""Wishing: who pressed when the last seat was taken keeps the invite, and is told when a seat is free."""

from datetime import datetime

from waitlist.db import Tx, insert
from waitlist.models.invite import Invite, Wish
from waitlist.services.admitting import Newcomer


def remember(tx: Tx, invite: Invite, who: Newcomer, now: datetime) -> None:
    """Write the wish down once; whoever was told, came too late and presses again wishes again."""
    statement = insert(tx, Wish).values(
        launch_id=invite.launch_id,
        invite_id=invite.id,
        email=who.email,
        email_key=who.email_key,
        language=who.language,
        wished_at=now,
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["invite_id", "email_key"],
            set_={"wished_at": now, "told_at": None},
            where=Wish.told_at.is_not(None),
        )
    )
