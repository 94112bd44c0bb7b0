"""Asking: an invite ended unused, and its person presses once for a new one. Whoever decides is told once."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import Entry, State, by_address
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import inviting, posting, returning, seating
from waitlist.services.declining import NotBound
from waitlist.services.inviting import CannotBeInvited, Keys, NoInvitesLeft, NotOpenAnyMore
from waitlist.services.recording import record
from waitlist.services.seating import LaunchFull
from waitlist.services.shelving import refuse_archived


class AlreadyAnswered(Exception):
    """Nobody asks, or somebody has answered already."""


@dataclass(frozen=True)
class Renewed:
    """The invite works again, under a new link that is on its way."""

    invite: Invite


@dataclass(frozen=True)
class Queued:
    """`decides` is who answers: member or team."""

    decides: str


@dataclass(frozen=True)
class Returned:
    """No seat is free: the person stands in line again, at their old place, and the next wave looks at them."""

    entry: Entry


def ask(tx: Tx, launch: Launch, invite: Invite, *, keys: Keys, actor: Actor, now: datetime) -> Renewed | Queued:
    """A new invite at once where the launch renews one time by itself; otherwise a question to whoever decides.

    A second press finds the first result. Raises NotBound, or NotOpenAnyMore for one that was used, taken back or
    turned down; LaunchArchived, as `grant` does.
    """
    refuse_archived(tx, launch)
    _lock_seats(tx, launch, invite)
    found = one(tx, sa.select(Invite).where(Invite.id == invite.id).with_for_update(key_share=True))
    if found is None or found.email is None:
        raise NotBound
    if _works(found, now):
        return Renewed(found)
    if found.revoked_at is not None or found.declined_at is not None or found.uses >= found.max_uses:
        raise NotOpenAnyMore
    if launch.renew_once and found.renewed == 0 and found.asked_at is None:
        renewed = _renew(tx, launch, found, keys=keys, actor=actor, now=now)
        if renewed is not None:
            return Renewed(renewed)
    if found.asked_at is None:
        tx.execute(sa.update(Invite).where(Invite.id == found.id).values(asked_at=now))
        tell_decider(tx, launch, found, now)
        record(tx, "asking.asked", launch.id, ("invite", found.id), actor, now)
    return Queued(_decides(found))


def grant(tx: Tx, launch: Launch, invite: Invite, *, keys: Keys, actor: Actor, now: datetime) -> Renewed | Returned:
    """Say yes: a new link goes out, and costs a member one of their uses.

    Without a free seat the person returns to the line at their key. Raises AlreadyAnswered, NoInvitesLeft,
    CannotBeInvited, NotOpenAnyMore, or LaunchFull where the invite was for nobody in the line.
    """
    _lock_seats(tx, launch, invite)
    asked = _answer(tx, invite, now)
    try:
        renewed = inviting.resend(tx, launch, asked, keys=keys, actor=actor, now=now)
    except LaunchFull:
        return _back_in_line(tx, launch, asked, actor=actor, now=now)
    record(tx, "asking.granted", launch.id, ("invite", invite.id), actor, now)
    return Renewed(renewed)


def refuse(tx: Tx, launch: Launch, invite: Invite, *, actor: Actor, now: datetime) -> None:
    """Say no; the place stays as it is. Raises AlreadyAnswered."""
    _answer(tx, invite, now)
    record(tx, "asking.refused", launch.id, ("invite", invite.id), actor, now)


def _lock_seats(tx: Tx, launch: Launch, invite: Invite) -> None:
    if invite.holds_seat:
        seating.lock(tx, launch.id)  # before the invite, as everybody does


def _works(invite: Invite, now: datetime) -> bool:
    return invite.ended_at is None and invite.expires_at > now


def _renew(tx: Tx, launch: Launch, invite: Invite, *, keys: Keys, actor: Actor, now: datetime) -> Invite | None:
    # What can be missing is claimed before anything is written, so a refusal leaves nothing behind.
    try:
        return inviting.resend(tx, launch, invite, keys=keys, actor=actor, now=now, renewed=1)
    except (LaunchFull, NoInvitesLeft, CannotBeInvited):
        return None


def _answer(tx: Tx, invite: Invite, now: datetime) -> Invite:
    answered = one(
        tx,
        sa.update(Invite)
        .where(Invite.id == invite.id, Invite.asked_at.is_not(None), Invite.asked_answer_at.is_(None))
        .values(asked_answer_at=now)
        .returning(Invite),
    )
    if answered is None:
        raise AlreadyAnswered
    return answered


def _back_in_line(tx: Tx, launch: Launch, invite: Invite, *, actor: Actor, now: datetime) -> Returned:
    lapsed = one(tx, by_address(launch.id, invite.email_key or ""))
    if lapsed is None:
        raise LaunchFull
    if lapsed.state == State.LAPSED:
        returning.to_line(tx, [lapsed.id], actor=actor, now=now)
    record(tx, "asking.returned", launch.id, ("invite", invite.id), actor, now, {"entry": lapsed.id})
    entry = one(tx, sa.select(Entry).where(Entry.id == lapsed.id))
    assert entry is not None, "nobody deletes who has an invite"
    return Returned(entry)


def tell_decider(tx: Tx, launch: Launch, invite: Invite, now: datetime) -> None:
    """Mail whoever decides about an invite that is asked for: its member, or the team's contact address."""
    about = {"launch_id": launch.id, "invite_id": invite.id}
    dedupe = f"{invite.public_id}:{invite.version}"
    if invite.source == InviteSource.MEMBER:
        inviter = one(tx, sa.select(Entry).where(Entry.id == invite.inviter_id))
        assert inviter is not None, "a member's invite has one"
        posting.enqueue(tx, "invite_asked", dedupe, posting.to(inviter), now, about=about | {"entry_id": inviter.id})
    elif launch.contact_email:
        contact = posting.To(launch.contact_email, launch.contact_email.lower(), launch.language)
        posting.enqueue(tx, "invite_asked", dedupe, contact, now, about=about)


def _decides(invite: Invite) -> str:
    return "member" if invite.source == InviteSource.MEMBER else "team"
