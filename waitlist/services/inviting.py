"""Inviting: an invite is issued, sent again, taken back or turned down."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import posting, seating
from waitlist.services.ending import WITHDRAWN, end
from waitlist.services.recording import record

LONGEST_NOTE = 280


class NoInvitesLeft(Exception):
    """The member's allowance does not cover this many uses; `left` is what it does."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class NotOpenAnyMore(Exception):
    """The invite ended (used, revoked, declined or lapsed) before this change."""


@dataclass(frozen=True)
class Order:
    """What is to be issued: bound to `to` (address, email key, abuse key), or a link for `uses` people."""

    source: InviteSource
    to: tuple[str, str, str] | None = None
    uses: int = 1
    days: int | None = None
    entry_id: int | None = None
    inviter_id: int | None = None
    wave_id: int | None = None
    note: str = ""
    language: str = "en"
    allowance: int | None = None
    lapse_policy: str | None = None
    overrides_rules: bool = False
    starts_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Keys:
    """What typed codes are derived and looked up with."""

    codes: bytes
    pepper: bytes


def issue(tx: Tx, launch: Launch, order: Order, *, keys: Keys, actor: Actor, now: datetime) -> Invite:
    """Write one invite; bound ones from a wave or an admin hold a seat from now, the others claim it when redeemed.

    Raises LaunchFull, or NoInvitesLeft when a member's allowance does not cover it. Sends nothing (see `send`).
    """
    holds_seat = order.to is not None and order.source != InviteSource.MEMBER
    if holds_seat:
        seating.take(tx, launch.id)
    if order.source == InviteSource.MEMBER:
        _claim_allowance(tx, order.inviter_id or 0, order.uses)
    row = _row(launch, order, now) | _derived(keys, codes.random_id("inv"), 1)
    row |= {"holds_seat": holds_seat, "created_by": str(actor)}
    invite = one(tx, sa.insert(Invite).values(row).returning(Invite))
    assert invite is not None, "INSERT ... RETURNING answers with its row"
    data = {"source": order.source, "uses": order.uses, "bound": order.to is not None}
    record(tx, "inviting.issued", launch.id, ("invite", invite.id), actor, now, data)
    return invite


def _row(launch: Launch, order: Order, now: datetime) -> dict[str, object]:
    email, email_key, abuse_key = order.to or (None, None, None)
    return {
        "launch_id": launch.id,
        "source": order.source,
        "entry_id": order.entry_id,
        "inviter_id": order.inviter_id,
        "wave_id": order.wave_id,
        "email": email,
        "email_key": email_key,
        "email_abuse_key": abuse_key,
        "max_uses": order.uses,
        "overrides_rules": order.overrides_rules,
        "allowance": launch.allowance if order.allowance is None else order.allowance,
        "lapse_policy": order.lapse_policy or launch.lapse_policy,
        "note": order.note[:LONGEST_NOTE],
        "language": order.language,
        "created_at": now,
        "starts_at": order.starts_at,
        "expires_at": order.expires_at or now + timedelta(days=order.days or launch.invite_days),
    }


def _derived(keys: Keys, public_id: str, version: int) -> dict[str, object]:
    """What the row keeps of its typed code: a peppered hash to find it by, and the last four symbols for lists."""
    symbols = codes.derive_code(keys.codes, public_id, version)
    return {
        "public_id": public_id,
        "version": version,
        "code_hash": codes.look_up_hash(keys.pepper, symbols),
        "code_end": symbols[-4:],
    }


def send(tx: Tx, launch: Launch, invite: Invite, *, now: datetime) -> None:
    """Queue the mail of a bound invite in its present version: from a wave or admin, or from a member."""
    assert invite.email, "only a bound invite has somebody to write to"
    assert invite.email_key
    tx.execute(sa.update(Invite).where(Invite.id == invite.id).values(sent_at=now))
    kind = "member_invite" if invite.source == InviteSource.MEMBER else "invite"
    dedupe = f"{invite.public_id}:{invite.version}"
    to = posting.To(invite.email, invite.email_key, invite.language)
    about = {"launch_id": launch.id, "entry_id": invite.entry_id, "invite_id": invite.id, "wave_id": invite.wave_id}
    posting.enqueue(tx, kind, dedupe, to, now, about=about, available_at=invite.starts_at)


def resend(tx: Tx, launch: Launch, invite: Invite, *, keys: Keys, actor: Actor, now: datetime) -> Invite:
    """A new link with a new end date; the old one says that a newer was sent. Raises NotOpenAnyMore."""
    version = invite.version + 1
    newer = one(
        tx,
        sa.update(Invite)
        .where(
            Invite.id == invite.id,
            Invite.version == invite.version,
            Invite.ended_at.is_(None),
            Invite.revoked_at.is_(None),
            Invite.uses < Invite.max_uses,
        )
        .values(
            expires_at=now + timedelta(days=launch.invite_days),
            asked_at=None,
            reminded_at=None,
            **_derived(keys, invite.public_id, version),
        )
        .returning(Invite),
    )
    if newer is None:
        raise NotOpenAnyMore
    if newer.email is not None:
        send(tx, launch, newer, now=now)
    record(tx, "inviting.resent", launch.id, ("invite", invite.id), actor, now, {"version": version})
    return newer


def revoke(tx: Tx, launch: Launch, invite: Invite, *, actor: Actor, now: datetime) -> Invite:
    """End an invite: unused uses go back once, a held seat is free again, redeemed uses stay.

    Whoever had it from a wave stands in line again, at the place they had. Raises NotOpenAnyMore.
    """
    ended = end(tx, launch, invite, WITHDRAWN, actor=actor, now=now, revoked_at=now, revoked_by=str(actor))
    if ended is None:
        raise NotOpenAnyMore
    record(tx, "inviting.revoked", launch.id, ("invite", invite.id), actor, now)
    return ended


def _claim_allowance(tx: Tx, inviter_id: int, uses: int) -> None:
    claimed = tx.scalar(
        sa.update(Entry)
        .where(Entry.id == inviter_id, Entry.allowance_left >= uses)
        .values(allowance_left=Entry.allowance_left - uses)
        .returning(Entry.id)
    )
    if claimed is None:
        raise NoInvitesLeft(tx.scalar(sa.select(Entry.allowance_left).where(Entry.id == inviter_id)) or 0)
