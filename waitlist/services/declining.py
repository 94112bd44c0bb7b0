"""Declining: "This is not for me", and "This was not me". One press; whoever invited learns only: not accepted."""

from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.entry import Attempt, Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice
from waitlist.services import ending, posting, purging
from waitlist.services.inviting import NotOpenAnyMore
from waitlist.services.recording import record


class NotBound(Exception):
    """A link or a typed code is for whoever has it: one person cannot answer for the others."""


def decline(
    tx: Tx, launch: Launch, invite: Invite, *, never_again: bool = False, actor: Actor, now: datetime
) -> Invite:
    """Turn down a bound invite: its seat or use goes back once, and whom the team invited leaves (undo for 7 days).

    `never_again`: members may not invite this address to this launch any more. A second press changes nothing.
    Raises NotBound or NotOpenAnyMore.
    """
    if invite.email is None or invite.email_key is None:
        raise NotBound
    if never_again:
        _do_not_invite(tx, launch.id, invite.email, invite.email_key, now)
    ended = ending.end(tx, launch, invite, ending.TURNED_DOWN, actor=actor, now=now, declined_at=now)
    if ended is None:
        return _second_press(tx, invite.id)
    if ended.source == InviteSource.MEMBER:
        tell_inviter(tx, launch, ended, now)
    record(tx, "declining.declined", launch.id, ("invite", invite.id), actor, now, {"never_again": never_again})
    return ended


def not_me(tx: Tx, launch: Launch, attempt_id: int, *, do_not_invite: bool, actor: Actor, now: datetime) -> bool:
    """Somebody else typed this address: the attempt ends, and with it the place that nobody confirmed.

    Returns False for every press after the first, and once the attempt was used.
    """
    attempt = one(
        tx,
        sa.update(Attempt)
        .where(Attempt.id == attempt_id, Attempt.used_at.is_(None), Attempt.declined_at.is_(None))
        .values(declined_at=now)
        .returning(Attempt),
    )
    if attempt is None:
        return False
    if do_not_invite:
        _do_not_invite(tx, launch.id, attempt.email, attempt.email_key, now)
    if attempt.kind == "join" and attempt.pending and attempt.entry_id is not None:
        purging.forget_unconfirmed(tx, attempt.entry_id)
    record(tx, "declining.not_me", launch.id, ("attempt", attempt_id), actor, now)
    return True


def tell_inviter(tx: Tx, launch: Launch, invite: Invite, now: datetime) -> None:
    """E-14: declined and expired are worded the same, and the use that came back is said."""
    inviter = one(tx, sa.select(Entry).where(Entry.id == invite.inviter_id))
    if inviter is not None:
        about = {"launch_id": launch.id, "entry_id": inviter.id, "invite_id": invite.id}
        dedupe = f"{invite.public_id}:{invite.version}"
        posting.enqueue(tx, "invite_unused", dedupe, posting.to(inviter), now, about=about)


def _second_press(tx: Tx, invite_id: int) -> Invite:
    invite = one(tx, sa.select(Invite).where(Invite.id == invite_id))
    if invite is None or invite.declined_at is None:
        raise NotOpenAnyMore
    return invite


def _do_not_invite(tx: Tx, launch_id: int, email: str, email_key: str, now: datetime) -> None:
    statement = insert(tx, MailboxChoice).values(
        public_id=codes.random_id("box"),
        launch_id=launch_id,
        email=email,
        email_key=email_key,
        do_not_invite_at=now,
        changed_at=now,
    )
    tx.execute(
        statement.on_conflict_do_update(
            index_elements=["launch_id", "email_key"],
            set_={"do_not_invite_at": now, "changed_at": now},
            where=MailboxChoice.do_not_invite_at.is_(None),
        )
    )
