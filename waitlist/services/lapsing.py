"""Lapsing: an invite's time is over, and what follows from it happens once: seat and uses back, place kept or not.

That it is over is decided by comparison wherever an invite is used; this only makes the consequences.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import WORKER
from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry
from waitlist.models.event import Event
from waitlist.models.hold import held_launches
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import LapsePolicy, Launch, locked
from waitlist.services import ending, posting, seating

# What an ended invite does to the place of its person. Going to the end takes the fold lock, so it comes last.
POLICIES = {
    LapsePolicy.KEEP: ending.LAPSED,
    LapsePolicy.LEAVE: ending.LAPSED_AND_LEFT,
    LapsePolicy.END: ending.LAPSED_TO_END,
}


def lapse_due(tx: Tx, now: datetime, limit: int) -> int:
    """End at most `limit` invites of one launch whose time is over; returns how many, 0 when none is left anywhere.

    A launch in which redeeming is held is passed over: its clock stands.
    """
    launch_id = tx.scalar(
        sa.select(Invite.launch_id)
        .where(_due(now), Invite.launch_id.not_in(held_launches(tx, "redeem")))
        .order_by(Invite.expires_at)
        .limit(1)
    )
    if launch_id is None:
        return 0
    launch = one(tx, locked(launch_id))
    if launch is None or launch_id in held_launches(tx, "redeem"):  # paused while we waited for the lock
        return 0
    seating.lock(tx, launch_id)
    ended = _end(tx, launch_id, now, limit)
    for policy, after in POLICIES.items():
        of_policy = [invite for invite in ended if invite.lapse_policy == policy]
        ending.settle(tx, launch, of_policy, after, actor=WORKER, now=now)
    _tell_people(tx, launch, ended, now)
    _tell_inviters(tx, launch, ended, now)
    _record(tx, launch, ended, now)
    return len(ended)


def _due(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(Invite.ended_at.is_(None), Invite.expires_at <= now)


def _end(tx: Tx, launch_id: int, now: datetime, limit: int) -> Sequence[Invite]:
    due = sa.select(Invite.id).where(Invite.launch_id == launch_id, _due(now)).order_by(Invite.expires_at).limit(limit)
    ended = sa.update(Invite).where(Invite.id.in_(due.scalar_subquery()), _due(now)).values(ended_at=now)
    return some(tx, ended.returning(Invite))


def _tell_people(tx: Tx, launch: Launch, ended: Sequence[Invite], now: datetime) -> None:
    """E-10 to those the team invited. Whom a member invited is on no list, and hears no more of it."""
    mails = [
        posting.Mail(
            f"{invite.public_id}:{invite.version}",
            posting.To(invite.email, invite.email_key or "", invite.language),
            {"launch_id": launch.id, "entry_id": invite.entry_id, "invite_id": invite.id, "wave_id": invite.wave_id},
        )
        for invite in ended
        if invite.email is not None and invite.source != InviteSource.MEMBER
    ]
    posting.enqueue_all(tx, "invite_ended", mails, now)


def _tell_inviters(tx: Tx, launch: Launch, ended: Sequence[Invite], now: datetime) -> None:
    """E-14 to members whose friend let it expire, worded as for one who declined."""
    unused = [invite for invite in ended if invite.source == InviteSource.MEMBER and invite.email is not None]
    inviters = sa.select(Entry).where(Entry.id.in_({invite.inviter_id for invite in unused}))
    by_id = {inviter.id: inviter for inviter in some(tx, inviters)} if unused else {}
    mails = [
        posting.Mail(
            f"{invite.public_id}:{invite.version}",
            posting.to(by_id[invite.inviter_id or 0]),
            {"launch_id": launch.id, "entry_id": invite.inviter_id, "invite_id": invite.id},
        )
        for invite in unused
    ]
    posting.enqueue_all(tx, "invite_unused", mails, now)


def _record(tx: Tx, launch: Launch, ended: Sequence[Invite], now: datetime) -> None:
    rows = [
        {
            "public_id": codes.random_id("evt"),
            "launch_id": launch.id,
            "at": now,
            "actor": str(WORKER),
            "verb": "lapsing.lapsed",
            "subject_kind": "invite",
            "subject_id": invite.id,
            "data": {"entry": invite.entry_id, "wave": invite.wave_id, "policy": invite.lapse_policy},
        }
        for invite in ended
    ]
    if rows:
        tx.execute(sa.insert(Event), rows)
