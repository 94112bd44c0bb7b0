"""Redeeming: one use of an invite becomes an admission, once, or nothing changes at all.

The lock order is seat, then invite, then entry. A refusal of any kind leaves the invite as it was.
"""

import zlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.gates.answers import Admits, Applicant
from waitlist.models.condition import Condition, circumstances
from waitlist.models.entry import Entry, State, by_address
from waitlist.models.facts import applicant
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, AdmissionState, Invite, Redemption
from waitlist.models.launch import Launch
from waitlist.models.own_facts import with_vouch
from waitlist.services import admitting, branching, passing, seating, vouching, wishing
from waitlist.services.admitting import Newcomer
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


class Held(Paused):
    """The team checks this person's sign-up; the invite and the seat are kept."""


class AlreadyMember(Exception):
    """The person is in by another invite; this one is untouched."""

    def __init__(self, admission: Admission) -> None:
        super().__init__(admission.public_id)
        self.admission = admission


class WrongPerson(Exception):
    """The invite is bound to another address; the words do not say which."""


@dataclass(frozen=True)
class Redeemed:
    """The admission, and whether this press made it (False: it was there already)."""

    admission: Admission
    first: bool


@dataclass(frozen=True)
class NoSeat:
    """The last place was taken a moment ago: the invite is untouched, and the person will be told of a free seat."""


def redeem(tx: Tx, launch: Launch, invite: Invite, who: Newcomer, *, actor: Actor, now: datetime) -> Redeemed | NoSeat:
    """Spend one use of the invite on this proven mailbox; who waits leaves the line and keeps their referrer.

    A second press finds the first result. NoSeat is an outcome to commit: it remembers the wish. Raises, with nothing
    changed: AlreadyMember, Paused, Held, WrongPerson, NotEligible, InviteExpired, InviteSpent, InviteRevoked or
    InviteNotYet.
    """
    _one_press_at_a_time(tx, launch, who)
    before = admitting.inside(tx, launch.id, who.email_key)
    if before is not None:
        return _second_press(tx, invite, who, before)
    if invite.inviter_id is not None:
        branching.grow(tx, launch.id)
    stage_id = _check(tx, launch, invite, who, now)
    if not seating.claim_for(tx, invite, who.email_key, now, stage_id=stage_id):
        wishing.remember(tx, invite, who, now)
        return NoSeat()
    _claim_use(tx, invite, now)
    found = admitting.locked_entry(tx, launch, who, now)
    _check_people(tx, found, invite)
    entry = admitting.enter(tx, invite, found, actor=actor, now=now)
    admission = admitting.admit(tx, launch, invite, entry, stage_id=stage_id, actor=actor, now=now)
    tx.execute(
        sa.insert(Redemption).values(launch_id=launch.id, invite_id=invite.id, entry_id=entry.id, redeemed_at=now)
    )
    vouching.vouch(tx, launch, invite, entry, now=now)
    data = {"invite": invite.id, "revision": launch.revision, "seat": admission.seat}
    record(tx, "redeeming.redeemed", launch.id, ("entry", entry.id), actor, now, data)
    return Redeemed(admission, first=True)


def _one_press_at_a_time(tx: Tx, launch: Launch, who: Newcomer) -> None:
    # Two presses of one person, perhaps on two invites, would each take a seat and a use. The first lock of all.
    if tx.dialect.name == "postgresql":
        person = zlib.crc32(f"{launch.id}:{who.email_key}".encode()) - 2**31
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(7203, CAST(:person AS integer))"), {"person": person})


def _second_press(tx: Tx, invite: Invite, who: Newcomer, admission: Admission) -> Redeemed:
    """What somebody who is in finds: their own invite says so, another one is for somebody else."""
    used = sa.select(Redemption.id).where(Redemption.invite_id == invite.id, Redemption.entry_id == admission.entry_id)
    if invite.email_key != who.email_key and tx.scalar(used) is None:
        raise AlreadyMember(admission)
    return Redeemed(admission, first=False)


def _check(tx: Tx, launch: Launch, invite: Invite, who: Newcomer, now: datetime) -> int | None:
    """The stage that lets this person in by this invite, where one does; raises what stands in the way."""
    around = circumstances(tx, launch, now)
    if around.condition is Condition.ARCHIVED:
        raise InviteRevoked
    if around.holds_effect("redeem"):
        raise Paused
    if invite.email_key is not None and invite.email_key != who.email_key:
        raise WrongPerson
    if around.condition is Condition.NOT_OPEN or (invite.starts_at is not None and invite.starts_at > now):
        raise InviteNotYet
    _refuse_ended(tx, invite, now)
    entry = one(tx, by_address(launch.id, who.email_key))
    answer = answer_for(
        tx,
        launch,
        domain=who.domain,
        abuse_key=who.abuse_key,
        referred=invite.inviter_id is not None,
        invited=True,
        overridden=invite.overrides_rules,
        only=invite.domain,
        entry=entry,
        now=now,
    )
    if not isinstance(answer, Admits):
        raise NotEligible(answer)
    try:
        return passing.stage_of(
            tx, launch, invite, lambda: _known(tx, launch, invite, who, entry, now), around.holds, now
        )
    except passing.Stopped as stopped:
        raise Paused from stopped


def _known(tx: Tx, launch: Launch, invite: Invite, who: Newcomer, entry: Entry | None, now: datetime) -> Applicant:
    referred = invite.inviter_id is not None or (entry is not None and entry.referrer_id is not None)
    known = applicant(
        tx,
        launch.id,
        domain=who.domain,
        abuse_key=who.abuse_key,
        now=now,
        entry_id=None if entry is None else entry.id,
        mailbox_proven=True,
        invited=True,
        referred=referred,
    )
    if invite.inviter_id is None:
        return known
    # Accepting is itself a vouch: whoever comes by a member is one step further than they are.
    vouched = with_vouch(tx, invite.inviter_id, None if entry is None else entry.id, now)
    return Applicant.of([*vouched, *(fact for facts in known.facts.values() for fact in facts)])


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
        .values(uses=Invite.uses + 1, ended_at=sa.case((Invite.uses + 1 == Invite.max_uses, _moment(now))))
        .returning(Invite.id)
    )
    if claimed is None:
        _refuse_ended(tx, invite, now)
        raise InviteRevoked  # a newer one was sent in this moment


def _moment(now: datetime) -> sa.ColumnElement[datetime]:
    return sa.literal(now, Invite.ended_at.type)


def _refuse_ended(tx: Tx, invite: Invite, now: datetime) -> None:
    row = one(tx, sa.select(Invite).where(Invite.id == invite.id))
    if row is None or row.revoked_at is not None or row.declined_at is not None:
        raise InviteRevoked
    if row.uses >= row.max_uses:
        raise InviteSpent
    if row.expires_at <= now or row.ended_at is not None:
        raise InviteExpired


def _check_people(tx: Tx, entry: Entry, invite: Invite) -> None:
    """A hold on the person stops them, and a hold on the inviter everybody who comes by their invites."""
    if entry.state == State.REMOVED:
        raise InviteRevoked
    both = (entry.id, invite.inviter_id)
    effects = tx.scalars(sa.select(Hold.effect).join(Entry, Entry.held_by == Hold.id).where(Entry.id.in_(both)))
    if any("redeem" in effect for effect in effects):
        raise Held
    if invite.inviter_id is not None and tx.scalar(_taken_back(invite.inviter_id)) is not None:
        raise Paused  # they can let nobody in while they are out; restoring them brings their invites back, too


def _taken_back(inviter_id: int) -> sa.Select[int]:
    out = sa.and_(Entry.state == State.WAITING, Admission.state == AdmissionState.REVOKED)
    of_entry = Admission.entry_id == Entry.id
    return sa.select(Entry.id).join(Admission, of_entry).where(Entry.id == inviter_id, out)
