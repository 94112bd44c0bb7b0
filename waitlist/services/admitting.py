"""Admitting: a proven mailbox becomes a person inside, whose admission holds a seat."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models import entry as entries
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import Launch
from waitlist.services import ranking, splitting, stepping


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


def locked_entry(tx: Tx, launch: Launch, who: Newcomer, now: datetime) -> Entry:
    """The person's entry, made where there is none, and locked."""
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
    assert locked is not None, "found a moment ago"
    return locked


def enter(tx: Tx, invite: Invite, entry: Entry, *, actor: Actor, now: datetime) -> Entry:
    """The locked entry, joined: out of the line if they stood in it."""
    confirmed_no = entry.confirmed_no or ranking.next_number(tx)
    values: dict[str, object] = {
        "state": State.JOINED,
        "state_at": now,
        "state_by": str(actor),
        "owed_at": None,
        "confirmed_no": confirmed_no,
        "confirmed_at": entry.confirmed_at or now,
        "allowance_left": entry.allowance_left,
        **_referrer(tx, invite, entry, confirmed_no),
    }
    if entry.allowance_given == 0:
        values |= {"allowance_left": invite.allowance, "allowance_given": invite.allowance}
    return stepping.out(tx, entry, **values)


def admit(
    tx: Tx, launch: Launch, invite: Invite, entry: Entry, *, stage_id: int | None = None, actor: Actor, now: datetime
) -> Admission:
    """The admission that holds the person's seat, active from now; an offer that was open becomes it."""
    values = {"state": AdmissionState.ACTIVE, "via": "redeem", "expires_at": None, "stage_id": stage_id}
    return _upsert(tx, launch, invite, entry, values, actor=actor, now=now)


def offer(
    tx: Tx, launch: Launch, invite: Invite, entry: Entry, *, via: str = "admin", actor: Actor, now: datetime
) -> Admission:
    """The person may come in until the invite ends, and stands in line no longer; the key of their place is kept.

    The entry is locked, and the invite holds a seat.
    """
    stepping.out(tx, entry, state=State.INVITED, state_at=now, state_by=str(actor), state_before=None)
    values = {"state": AdmissionState.OFFERED, "via": via, "expires_at": invite.expires_at}
    return _upsert(tx, launch, invite, entry, values, actor=actor, now=now)


def inside(tx: Tx, launch_id: int, email_key: str) -> Admission | None:
    """The admission of somebody who is in, whatever brought them, by their address."""
    return one(
        tx,
        sa.select(Admission)
        .join(Entry, Entry.id == Admission.entry_id)
        .where(Entry.launch_id == launch_id, Entry.email_key == email_key, Admission.state == AdmissionState.ACTIVE),
    )


def _upsert(
    tx: Tx, launch: Launch, invite: Invite, entry: Entry, values: dict[str, Any], *, actor: Actor, now: datetime
) -> Admission:
    shared = values | {
        "state_at": now,
        "state_by": str(actor),
        "invite_id": invite.id,
        "wave_id": invite.wave_id,
        "seat": True,
        "gate_revision": launch.revision,
    }
    arm = splitting.arm_for(tx, launch.id, entry.arm_ticket)
    statement = insert(tx, Admission).values(
        public_id=codes.random_id("adm"), launch_id=launch.id, entry_id=entry.id, ticket=entry.ticket, **shared, **arm
    )
    kept = shared | splitting.unless_fixed(arm)
    admission = one(
        tx,
        statement.on_conflict_do_update(index_elements=["launch_id", "entry_id"], set_=kept).returning(Admission),
    )
    assert admission is not None, "an upsert answers with its row"
    return admission


def _referrer(tx: Tx, invite: Invite, entry: Entry, confirmed_no: int) -> dict[str, int]:
    """Whoever comes by a member's invite without a referrer gets the inviter as one; nobody's is changed."""
    if entry.referrer_id is not None or entry.confirmed_no is not None or invite.inviter_id in (None, entry.id):
        return {}
    inviter_no = tx.scalar(sa.select(Entry.confirmed_no).where(Entry.id == invite.inviter_id))
    if inviter_no is None or inviter_no >= confirmed_no:
        return {}
    return {"referrer_id": invite.inviter_id or 0, "referrer_no": inviter_no}
