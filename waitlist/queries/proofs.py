"""Proofs: what a mailed link or code still does, for pages that only look."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx, one
from waitlist.models.entry import Attempt
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch

SECOND_PRESS = timedelta(seconds=30)  # a double click, and no more


def found(tx: Tx, launch: Launch, public_id: str) -> Attempt | None:
    """The attempt of this launch, or None where it was purged or never was."""
    return one(tx, sa.select(Attempt).where(Attempt.launch_id == launch.id, Attempt.public_id == public_id))


def why_spent(attempt: Attempt, version: int, now: datetime) -> str | None:
    """Why a mailed link proves nothing any more, in the words of `proving.Spent`; None while it does."""
    if attempt.declined_at is not None or not attempt.pending:
        return "declined"
    if attempt.used_at is not None:
        return "used"
    if attempt.replaced_at is not None or version != attempt.version:
        return "replaced"
    return "expired" if attempt.expires_at <= now else None


def just_used(tx: Tx, launch: Launch, public_id: str, now: datetime) -> Attempt | None:
    """The attempt, if it was used up a moment ago: the second press of a double click finds the first one's result."""
    attempt = found(tx, launch, public_id)
    fresh = attempt is not None and attempt.used_at is not None and now - attempt.used_at <= SECOND_PRESS
    return attempt if fresh else None


def invite_of(tx: Tx, attempt: Attempt) -> Invite | None:
    """The invite that this mailbox is proven for."""
    return one(tx, sa.select(Invite).where(Invite.id == attempt.invite_id))
