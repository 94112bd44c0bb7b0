"""Reminding: one mail two days before an invite ends, by itself for the team's and by hand for a member's."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.hold import held_launches
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import posting
from waitlist.services.inviting import NotOpenAnyMore
from waitlist.services.recording import record

BEFORE = timedelta(hours=48)
QUIET = timedelta(hours=24)  # nobody is reminded of what they got today
PATIENCE = timedelta(hours=48)  # before a member may remind a friend


class TooEarly(Exception):
    """The invite is too young to remind of; `at` is when it may be done."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


class AlreadyReminded(Exception):
    """One reminder is the most."""


def remind_due(tx: Tx, now: datetime, limit: int) -> int:
    """Remind at most `limit` people whose invite from the team ends within two days; returns how many."""
    due = sa.and_(
        Invite.ended_at.is_(None),
        Invite.reminded_at.is_(None),
        Invite.remind,
        Invite.email.is_not(None),
        Invite.source != InviteSource.MEMBER,
        Invite.expires_at > now,
        Invite.expires_at <= now + BEFORE,
        Invite.sent_at <= now - QUIET,
        Invite.launch_id.not_in(held_launches(tx, "redeem")),
    )
    chosen = sa.select(Invite.id).where(due).order_by(Invite.expires_at).limit(limit)
    reminded = sa.update(Invite).where(Invite.id.in_(chosen.scalar_subquery()), due).values(reminded_at=now)
    invites = some(tx, reminded.returning(Invite))
    posting.enqueue_all(tx, "invite_reminder", [_mail(invite) for invite in invites], now)
    return len(invites)


def remind(tx: Tx, launch: Launch, invite: Invite, *, actor: Actor, now: datetime) -> Invite:
    """Send the one reminder of a bound invite by hand. Raises TooEarly, AlreadyReminded or NotOpenAnyMore."""
    if invite.sent_at is not None and now < invite.sent_at + PATIENCE:
        raise TooEarly(invite.sent_at + PATIENCE)
    open_still = sa.and_(Invite.ended_at.is_(None), Invite.expires_at > now, Invite.sent_at.is_not(None))
    reminded = one(
        tx,
        sa.update(Invite)
        .where(Invite.id == invite.id, Invite.version == invite.version, Invite.reminded_at.is_(None), open_still)
        .values(reminded_at=now)
        .returning(Invite),
    )
    if reminded is None:
        again = tx.scalar(
            sa.select(Invite.id).where(Invite.id == invite.id, Invite.reminded_at.is_not(None), open_still)
        )
        raise NotOpenAnyMore if again is None else AlreadyReminded
    posting.enqueue_all(tx, "invite_reminder", [_mail(reminded)], now)
    record(tx, "reminding.reminded", launch.id, ("invite", invite.id), actor, now)
    return reminded


def _mail(invite: Invite) -> posting.Mail:
    about = {
        "launch_id": invite.launch_id,
        "entry_id": invite.entry_id,
        "invite_id": invite.id,
        "wave_id": invite.wave_id,
    }
    to = posting.To(invite.email or "", invite.email_key or "", invite.language)
    return posting.Mail(f"{invite.public_id}:{invite.version}", to, about)
