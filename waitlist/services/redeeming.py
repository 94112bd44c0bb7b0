"""Redeeming: one use of an invite becomes an admission, once, or nothing changes at all.

The lock order is seat, then invite, then entry. A refusal of any kind leaves the invite as it was.
"""

import zlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.gates.answers import Admits
from waitlist.models.condition import circumstances
from waitlist.models.entry import Entry, State
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, AdmissionState, Invite, Redemption
from waitlist.models.launch import Launch
from waitlist.models.referral import Vouch
from waitlist.services import posting, seating
from waitlist.services.admitting import Newcomer, admit, enter, locked_entry
from waitlist.services.joining import NotEligible
from waitlist.services.judging import answer_for
from waitlist.services.recording import record


class InviteExpired(Exception):
    """Its end date has passed."""


class InviteSpent(Exception):
    """Every use is taken by others."""


class InviteRevoked(Exception):
    """Taken back, recalled or declined; the page is neutral about which."""


class InviteNotYet(Exception):
    """It starts later."""


class Paused(Exception):
    """Redeeming is held for now; the invite stays valid."""


class WrongPerson(Exception):
    """The invite is bound to another address; the words do not say which."""


@dataclass(frozen=True)
class Redeemed:
    """The admission, and whether this press made it (False: it was there already)."""

    admission: Admission
    first: bool


def redeem(tx: Tx, launch: Launch, invite: Invite, who: Newcomer, *, actor: Actor, now: datetime) -> Redeemed:
    """Spend one use of the invite on this proven mailbox.

    A second press finds the first result, and a member spends nothing. Raises, with nothing changed: Paused,
    WrongPerson, NotEligible, InviteExpired, InviteSpent, InviteRevoked, InviteNotYet, or LaunchFull.
    """
    _one_press_at_a_time(tx, launch, who)
    before = _inside(tx, launch, who)
    if before is not None:
        return Redeemed(before, first=False)
    _check(tx, launch, invite, who, now)
    _take_seat(tx, launch, invite, who, now)
    _claim_use(tx, invite, now)
    found = locked_entry(tx, launch, who, now)
    _check_people(tx, found, invite)
    entry = enter(tx, invite, found, actor=actor, now=now)
    admission = admit(tx, launch, invite, entry, actor=actor, now=now)
    tx.execute(
        sa.insert(Redemption).values(launch_id=launch.id, invite_id=invite.id, entry_id=entry.id, redeemed_at=now)
    )
    if invite.inviter_id is not None and invite.inviter_id != entry.id:
        _thank(tx, launch, invite, entry, now)
    record(
        tx,
        "redeeming.redeemed",
        launch.id,
        ("entry", entry.id),
        actor,
        now,
        {"invite": invite.id, "revision": launch.revision, "seat": admission.seat},
    )
    return Redeemed(admission, first=True)


def _one_press_at_a_time(tx: Tx, launch: Launch, who: Newcomer) -> None:
    # Two presses of one person, perhaps on two invites, would each take a seat and a use. The first lock of all.
    if tx.dialect.name == "postgresql":
        person = zlib.crc32(f"{launch.id}:{who.email_key}".encode()) - 2**31
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(7203, CAST(:person AS integer))"), {"person": person})


def _inside(tx: Tx, launch: Launch, who: Newcomer) -> Admission | None:
    """The admission of somebody who is in already, by this invite or another."""
    return one(
        tx,
        sa.select(Admission)
        .join(Entry, Entry.id == Admission.entry_id)
        .where(
            Entry.launch_id == launch.id, Entry.email_key == who.email_key, Admission.state == AdmissionState.ACTIVE
        ),
    )


def _check(tx: Tx, launch: Launch, invite: Invite, who: Newcomer, now: datetime) -> None:
    if circumstances(tx, launch, now).holds_effect("redeem"):
        raise Paused
    if invite.email_key is not None and invite.email_key != who.email_key:
        raise WrongPerson
    if invite.starts_at is not None and invite.starts_at > now:
        raise InviteNotYet
    answer = answer_for(
        tx,
        launch,
        domain=who.domain,
        abuse_key=who.abuse_key,
        referred=invite.inviter_id is not None,
        invited=True,
        overridden=invite.overrides_rules,
        now=now,
    )
    if not isinstance(answer, Admits):
        raise NotEligible(answer)


def _take_seat(tx: Tx, launch: Launch, invite: Invite, who: Newcomer, now: datetime) -> None:
    """One seat: the one this invite holds, the one another invite holds for the same person, or a free one."""
    others = _other_seats(launch, invite, who)
    if tx.scalar(sa.select(Invite.id).where(others).limit(1)) is not None:
        seating.lock(tx, launch.id)
        ended = tx.execute(sa.update(Invite).where(others).values(ended_at=now)).rowcount
    else:
        ended = 0
    spare = ended + invite.holds_seat - 1
    if spare < 0:
        seating.take(tx, launch.id)
    else:
        seating.give_back(tx, launch.id, spare)


def _other_seats(launch: Launch, invite: Invite, who: Newcomer) -> sa.ColumnElement[bool]:
    """Unused invites that hold a seat for this person; also past their date, until their seat went back."""
    return sa.and_(
        Invite.launch_id == launch.id,
        Invite.email_key == who.email_key,
        Invite.id != invite.id,
        Invite.holds_seat,
        Invite.ended_at.is_(None),
        Invite.uses < Invite.max_uses,
    )


def _claim_use(tx: Tx, invite: Invite, now: datetime) -> None:
    # One conditional UPDATE, so two people cannot both take the last use.
    claimed = tx.scalar(
        sa.update(Invite)
        .where(
            Invite.id == invite.id,
            Invite.version == invite.version,
            Invite.uses < Invite.max_uses,
            Invite.revoked_at.is_(None),
            Invite.declined_at.is_(None),
            Invite.ended_at.is_(None),
            Invite.expires_at > now,
        )
        .values(uses=Invite.uses + 1)
        .returning(Invite.id)
    )
    if claimed is None:
        _say_why(tx, invite.id, now)


def _say_why(tx: Tx, invite_id: int, now: datetime) -> None:
    row = one(tx, sa.select(Invite).where(Invite.id == invite_id))
    if row is None or row.revoked_at is not None or row.declined_at is not None:
        raise InviteRevoked
    if row.uses >= row.max_uses:
        raise InviteSpent
    if row.expires_at <= now or row.ended_at is not None:
        raise InviteExpired
    raise InviteRevoked


def _check_people(tx: Tx, entry: Entry, invite: Invite) -> None:
    """A hold on the person stops them, and a hold on the inviter everybody who comes by their invites."""
    if entry.state == State.REMOVED:
        raise InviteRevoked
    both = (entry.id, invite.inviter_id)
    effects = tx.scalars(sa.select(Hold.effect).join(Entry, Entry.held_by == Hold.id).where(Entry.id.in_(both)))
    if any("redeem" in effect for effect in effects):
        raise Paused


def _thank(tx: Tx, launch: Launch, invite: Invite, entry: Entry, now: datetime) -> None:
    inviter = one(tx, sa.select(Entry).where(Entry.id == invite.inviter_id))
    assert inviter is not None
    statement = insert(tx, Vouch).values(
        launch_id=launch.id,
        voucher_id=inviter.id,
        entry_id=entry.id,
        invite_id=invite.id,
        voucher_state=inviter.state,
        created_at=now,
    )
    tx.execute(statement.on_conflict_do_nothing())
    dedupe = f"{invite.public_id}:{entry.public_id}"
    about = {"launch_id": launch.id, "entry_id": inviter.id, "invite_id": invite.id}
    posting.enqueue(tx, "invite_accepted", dedupe, posting.to(inviter), now, params={"friend": entry.id}, about=about)
