"""Redeeming: one use of an invite becomes an admission, once, or nothing changes at all.

The lock order is seat, then invite, then entry. A refusal of any kind leaves the invite as it was.
"""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.gates.answers import Admits
from waitlist.models import entry as entries
from waitlist.models.condition import circumstances, main_line
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Admission, AdmissionState, Invite, Redemption
from waitlist.models.launch import Launch
from waitlist.models.referral import Vouch
from waitlist.services import posting, ranking, seating
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
class Newcomer:
    """A proven mailbox that may have no entry yet."""

    email: str
    email_key: str
    abuse_key: str
    domain: str
    ticket: int
    arm_ticket: int
    language: str


@dataclass(frozen=True)
class Redeemed:
    """The admission, and whether this press made it (False: it was there already)."""

    admission: Admission
    first: bool


def redeem(tx: Tx, launch: Launch, invite: Invite, who: Newcomer, *, actor: Actor, now: datetime) -> Redeemed:
    """Spend one use of the invite on this proven mailbox.

    A second press finds the first result. Raises, with nothing changed: Paused, WrongPerson, NotEligible,
    InviteExpired, InviteSpent, InviteRevoked, InviteNotYet, or LaunchFull.
    """
    before = _redeemed_before(tx, launch, invite, who)
    if before is not None:
        return Redeemed(before, first=False)
    _check(tx, launch, invite, who, now)
    if not invite.holds_seat and not _holds_offer(tx, launch, who):
        seating.take(tx, launch.id)
    _claim_use(tx, invite, now)
    entry = _enter(tx, launch, invite, who, actor=actor, now=now)
    admission = _admit(tx, launch, invite, entry, actor=actor, now=now)
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


def _redeemed_before(tx: Tx, launch: Launch, invite: Invite, who: Newcomer) -> Admission | None:
    return one(
        tx,
        sa.select(Admission)
        .join(Entry, Entry.id == Admission.entry_id)
        .join(Redemption, sa.and_(Redemption.entry_id == Entry.id, Redemption.invite_id == invite.id))
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


def _holds_offer(tx: Tx, launch: Launch, who: Newcomer) -> bool:
    """Whether a wave's or an admin's offer to the same person holds a seat already, which then serves this invite."""
    return (
        tx.scalar(
            sa.select(Admission.id)
            .join(Entry, Entry.id == Admission.entry_id)
            .where(
                Entry.launch_id == launch.id,
                Entry.email_key == who.email_key,
                Admission.state.in_((AdmissionState.OFFERED, AdmissionState.ACTIVE)),
                Admission.seat,
            )
            .with_for_update(of=Admission)
        )
        is not None
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


def _enter(tx: Tx, launch: Launch, invite: Invite, who: Newcomer, *, actor: Actor, now: datetime) -> Entry:
    """The person's entry, joined: out of the line if they stood in it, made if they did not."""
    entry = _locked_entry(tx, launch, who, now)
    if entry.state == State.WAITING and entry.held_by is None and entry.rank_key is not None:
        ranking.went(tx, entry.line_id, rank_key=entry.rank_key, sequence=entry.sequence or 0)
    confirmed_no = entry.confirmed_no or ranking.next_number(tx)
    values: dict[str, object] = {
        "state": State.JOINED,
        "state_at": now,
        "state_by": str(actor),
        "confirmed_no": confirmed_no,
        "confirmed_at": entry.confirmed_at or now,
        "allowance_left": entry.allowance_left,
        **_referrer(tx, invite, entry, confirmed_no),
    }
    if entry.allowance_given == 0:
        values |= {"allowance_left": invite.allowance, "allowance_given": invite.allowance}
    joined = one(tx, sa.update(Entry).where(Entry.id == entry.id).values(**values).returning(Entry))
    assert joined is not None, "the row is locked"
    return joined


def _locked_entry(tx: Tx, launch: Launch, who: Newcomer, now: datetime) -> Entry:
    public_id = codes.random_id("ent")
    tx.execute(
        insert(tx, Entry)
        .values(
            public_id=public_id,
            launch_id=launch.id,
            line_id=main_line(tx, launch.id),
            email=who.email,
            email_key=who.email_key,
            email_abuse_key=who.abuse_key,
            domain=who.domain,
            language=who.language,
            slug=codes.random_slug(),
            state=State.UNCONFIRMED,
            state_at=now,
            state_by=f"person:{public_id}",
            created_at=now,
            ticket=who.ticket,
            arm_ticket=who.arm_ticket,
        )
        .on_conflict_do_nothing(index_elements=["launch_id", "email_key"])
    )
    found = one(tx, entries.by_address(launch.id, who.email_key))
    assert found is not None, "inserted, or there before"
    locked = one(tx, entries.locked(found.id))
    assert locked is not None
    if locked.state == State.REMOVED:
        raise InviteRevoked
    return locked


def _referrer(tx: Tx, invite: Invite, entry: Entry, confirmed_no: int) -> dict[str, int]:
    """Whoever comes by a member's invite without a referrer gets the inviter as one; nobody's is changed."""
    if entry.referrer_id is not None or entry.confirmed_no is not None or invite.inviter_id in (None, entry.id):
        return {}
    inviter_no = tx.scalar(sa.select(Entry.confirmed_no).where(Entry.id == invite.inviter_id))
    if inviter_no is None or inviter_no >= confirmed_no:
        return {}
    return {"referrer_id": invite.inviter_id or 0, "referrer_no": inviter_no}


def _admit(tx: Tx, launch: Launch, invite: Invite, entry: Entry, *, actor: Actor, now: datetime) -> Admission:
    values: dict[str, object] = {
        "state": AdmissionState.ACTIVE,
        "state_at": now,
        "state_by": str(actor),
        "invite_id": invite.id,
        "via": "redeem",
        "seat": True,
        "gate_revision": launch.revision,
        "expires_at": None,
    }
    statement = insert(tx, Admission).values(
        public_id=codes.random_id("adm"),
        launch_id=launch.id,
        entry_id=entry.id,
        wave_id=invite.wave_id,
        ticket=entry.ticket,
        **values,
    )
    admission = one(
        tx,
        statement.on_conflict_do_update(index_elements=["launch_id", "entry_id"], set_=values).returning(Admission),
    )
    assert admission is not None, "an upsert answers with its row"
    return admission


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
