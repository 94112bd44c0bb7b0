"""Inviting: an invite is issued, sent, sent again, and taken back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import ERASED, Entry, State, by_address
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import admitting, counting, ending, posting, reviewing, seating
from waitlist.services.recording import record
from waitlist.services.shelving import refuse_archived

LONGEST_NOTE = 280
A_DAY = 50  # invites one member may send by mail
IN_REACH = (State.WAITING, State.INVITED, State.LAPSED)  # who may be offered a seat
MAILS_A_DAY = 5  # to one address, on request


class NoInvitesLeft(Exception):
    """The member's allowance does not cover this many uses; `left` is what it does."""

    def __init__(self, left: int) -> None:
        super().__init__(left)
        self.left = left


class NotOpenAnyMore(Exception):
    """The invite ended (used, revoked, declined or lapsed) before this change."""


class AlreadyIn(Exception):
    """The person is a member: nobody needs to invite them."""


class AlreadyInvited(Exception):
    """An invite to this address works already; `invite_id` is the one to send again."""

    def __init__(self, invite_id: int) -> None:
        super().__init__(invite_id)
        self.invite_id = invite_id


class CannotBeInvited(Exception):
    """Asked not to be invited by members, or turned down too many; the words never say which."""


class TooManyToday(Exception):
    """The member has sent as many invites today as one person may."""


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
    batch: str | None = None
    prefix: str = ""
    domain: str | None = None
    starts_at: datetime | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True)
class Keys:
    """What typed codes are derived and looked up with."""

    codes: bytes
    pepper: bytes


def issue(tx: Tx, launch: Launch, order: Order, *, keys: Keys, actor: Actor, now: datetime) -> Invite:
    """Write one invite; bound ones from the team hold a seat from now, the others claim it when redeemed.

    Whoever waits and gets one from the team stands in line no longer: they are invited. Sends nothing (see `send`).
    Raises LaunchArchived, AlreadyIn, AlreadyInvited, LaunchFull, and for a member NoInvitesLeft, CannotBeInvited or
    TooManyToday.
    """
    refuse_archived(tx, launch)
    _check(tx, launch, order, now)
    holds_seat = order.to is not None and order.source != InviteSource.MEMBER
    if holds_seat:
        seating.take(tx, launch.id)
    if order.source == InviteSource.MEMBER:
        _claim_allowance(tx, order.inviter_id or 0, order.uses)
    row = row_of(launch, order, now) | derived(keys, codes.random_id("inv"), 1)
    row |= {"holds_seat": holds_seat, "created_by": str(actor)}
    invite = one(tx, sa.insert(Invite).values(row).returning(Invite))
    assert invite is not None, "INSERT ... RETURNING answers with its row"
    if holds_seat:
        invite = _offer(tx, launch, invite, IN_REACH, actor=actor, now=now)
    data = {"source": order.source, "uses": order.uses, "bound": order.to is not None}
    record(tx, "inviting.issued", launch.id, ("invite", invite.id), actor, now, data)
    return invite


def unsent(tx: Tx, launch: Launch, order: Order, *, public_id: str, keys: Keys, actor: Actor, now: datetime) -> Invite:
    """A bound invite that ended before it was sent and that somebody asks for: it costs and opens nothing until it is
    granted.
    """
    row = row_of(launch, order, now) | derived(keys, public_id, 1) | {"created_by": str(actor)}
    row |= {"holds_seat": order.source != InviteSource.MEMBER, "expires_at": now, "ended_at": now, "asked_at": now}
    invite = one(tx, sa.insert(Invite).values(row).returning(Invite))
    assert invite is not None, "INSERT ... RETURNING answers with its row"
    return invite


def _check(tx: Tx, launch: Launch, order: Order, now: datetime) -> None:
    if order.to is None:
        return
    _, email_key, abuse_key = order.to
    if admitting.inside(tx, launch.id, email_key) is not None:
        raise AlreadyIn
    invited = reviewing.open_invite_to(tx, launch.id, email_key, now)
    if invited is not None and (order.source == InviteSource.MEMBER or invited[1] is None):
        raise AlreadyInvited(invited[0])
    if order.source != InviteSource.MEMBER:
        return
    if not reviewing.may_be_invited(tx, launch.id, email_key, abuse_key, now):
        raise CannotBeInvited
    what = f"{launch.id}:{order.inviter_id}"
    if not counting.claim(tx, "member-invites", what, limit=A_DAY, window=timedelta(days=1), now=now):
        raise TooManyToday


def _offer(tx: Tx, launch: Launch, invite: Invite, states: tuple[State, ...], *, actor: Actor, now: datetime) -> Invite:
    """Let the person in line know by their state that they are invited; who has no entry gets one when they accept."""
    entry = one(tx, by_address(launch.id, invite.email_key or "").with_for_update(key_share=True))
    if entry is None or entry.state not in states or (entry.held_by is not None and entry.state != State.INVITED):
        return invite
    via = "release" if invite.source == InviteSource.WAVE else "admin"
    admitting.offer(tx, launch, invite, entry, via=via, actor=actor, now=now)
    bound = one(tx, sa.update(Invite).where(Invite.id == invite.id).values(entry_id=entry.id).returning(Invite))
    assert bound is not None, "the row was locked by this transaction"
    return bound


def row_of(launch: Launch, order: Order, now: datetime) -> dict[str, object]:
    """The columns that an order fills."""
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
        "batch": order.batch,
        "prefix": order.prefix,
        "domain": order.domain,
        "allowance": launch.allowance if order.allowance is None else order.allowance,
        "lapse_policy": order.lapse_policy or launch.lapse_policy,
        "note": order.note[:LONGEST_NOTE],
        "language": order.language,
        "created_at": now,
        "starts_at": order.starts_at,
        "expires_at": order.expires_at or now + timedelta(days=order.days or launch.invite_days),
    }


def derived(keys: Keys, public_id: str, version: int) -> dict[str, object]:
    """What the row keeps of its typed code: a peppered hash to find it by, and the last four symbols for lists."""
    symbols = codes.derive_code(keys.codes, public_id, version)
    return {
        "public_id": public_id,
        "version": version,
        "code_hash": codes.look_up_hash(keys.pepper, symbols),
        "code_end": symbols[-4:],
    }


def send(tx: Tx, launch: Launch, invite: Invite, *, again: str = "", now: datetime) -> None:
    """Queue the mail of a bound invite in its present version: from a wave or admin, or from a member."""
    assert invite.email, "only a bound invite has somebody to write to"
    assert invite.email_key
    tx.execute(sa.update(Invite).where(Invite.id == invite.id).values(sent_at=now))
    kind = "member_invite" if invite.source == InviteSource.MEMBER else "invite"
    dedupe = f"{invite.public_id}:{invite.version}{again}"
    to = posting.To(invite.email, invite.email_key, invite.language)
    about = {"launch_id": launch.id, "entry_id": invite.entry_id, "invite_id": invite.id, "wave_id": invite.wave_id}
    posting.enqueue(tx, kind, dedupe, to, now, about=about, available_at=invite.starts_at)


def mail_again(tx: Tx, launch: Launch, invite: Invite, *, now: datetime) -> bool:
    """The same link and the same end once more, for whoever opened an older one; False after five mails a day.

    Raises LaunchArchived or NotOpenAnyMore.
    """
    refuse_archived(tx, launch)
    if invite.email is None or invite.ended_at is not None or invite.expires_at <= now:
        raise NotOpenAnyMore
    what = f"{launch.id}:{invite.email_key}"
    if not counting.claim(tx, "mail", what, limit=MAILS_A_DAY, window=timedelta(days=1), now=now):
        return False
    send(tx, launch, invite, again=f":{now:%Y%m%d%H%M}", now=now)
    return True


def resend(
    tx: Tx, launch: Launch, invite: Invite, *, keys: Keys, actor: Actor, now: datetime, renewed: int = 0
) -> Invite:
    """A new link with a new end date; the old one says that a newer was sent.

    An invite that expired, or that a member's friend did not accept, works again: its seat or its uses are claimed
    anew. Raises LaunchArchived, NotOpenAnyMore, LaunchFull, NoInvitesLeft or CannotBeInvited.
    """
    refuse_archived(tx, launch)
    if invite.holds_seat:
        seating.lock(tx, launch.id)
    found = one(tx, sa.select(Invite).where(Invite.id == invite.id).with_for_update(key_share=True))
    if found is None or found.version != invite.version or not _may_work_again(found):
        raise NotOpenAnyMore
    if found.ended_at is not None:
        _claim_again(tx, launch, found, now)
    version = found.version + 1
    days = timedelta(days=launch.invite_days)
    fresh = {"asked_at": None, "asked_answer_at": None, "reminded_at": None, "declined_at": None, "ended_at": None}
    values = fresh | derived(keys, found.public_id, version) | {"renewed": found.renewed + renewed}
    newer = one(
        tx,
        sa.update(Invite)
        .where(Invite.id == found.id)
        .values(expires_at=now + days, sent_at=now, **values)
        .returning(Invite),
    )
    assert newer is not None, "the row is locked"
    if newer.holds_seat:
        newer = _offer(
            tx, launch, newer, (State.WAITING, State.INVITED, State.LAPSED, State.LEFT), actor=actor, now=now
        )
    if newer.email is not None:
        send(tx, launch, newer, now=now)
    record(tx, "inviting.resent", launch.id, ("invite", invite.id), actor, now, {"version": version})
    return newer


def _may_work_again(invite: Invite) -> bool:
    declined = invite.declined_at is not None and invite.source != InviteSource.MEMBER
    erased = invite.email == ERASED
    return invite.revoked_at is None and not declined and not erased and invite.uses < invite.max_uses


def _claim_again(tx: Tx, launch: Launch, invite: Invite, now: datetime) -> None:
    if invite.email_key is not None and admitting.inside(tx, launch.id, invite.email_key) is not None:
        raise NotOpenAnyMore
    if invite.holds_seat:
        seating.take(tx, launch.id)
    if invite.source == InviteSource.MEMBER:
        if invite.email_key is not None and not _may_be_invited(tx, launch, invite, now):
            raise CannotBeInvited
        _claim_allowance(tx, invite.inviter_id or 0, invite.max_uses - invite.uses)


def _may_be_invited(tx: Tx, launch: Launch, invite: Invite, now: datetime) -> bool:
    key, hashed = invite.email_key or "", invite.email_abuse_key or ""
    return reviewing.may_be_invited(tx, launch.id, key, hashed, now)


def revoke(tx: Tx, launch: Launch, invite: Invite, *, actor: Actor, now: datetime) -> Invite:
    """End an invite: unused uses go back once, a held seat is free again, redeemed uses stay.

    Whoever it let out of the line stands in it again, at their old place. Raises NotOpenAnyMore.
    """
    ended = ending.end(
        tx, launch, invite, ending.WITHDRAWN, actor=actor, now=now, revoked_at=now, revoked_by=str(actor)
    )
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
