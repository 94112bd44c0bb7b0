"""Ending: an invite that nobody will use any more gives back what it held, once, whoever ends it first."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models import entry as entries
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Admission, AdmissionState, Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import seating, stepping


@dataclass(frozen=True)
class Aftermath:
    """What an ended invite leaves behind: the state of its offer, and of the person it was offered to."""

    offer: AdmissionState
    person: State


WITHDRAWN = Aftermath(AdmissionState.REVOKED, State.WAITING)  # back in line, at the place they had
LAPSED = Aftermath(AdmissionState.EXPIRED, State.LAPSED)
TURNED_DOWN = Aftermath(AdmissionState.DECLINED, State.LEFT)


def end(
    tx: Tx, launch: Launch, invite: Invite, after: Aftermath, *, actor: Actor, now: datetime, **values: object
) -> Invite | None:
    """End an open invite, with `values` for its own columns; None when it ended before.

    Its unused uses return to their member, its seat is free again, its offer ends, and its person goes where `after`
    says. The lock order is seat, invite, entry.
    """
    if invite.holds_seat:
        seating.lock(tx, launch.id)
    ended = one(
        tx,
        sa.update(Invite)
        .where(Invite.id == invite.id, Invite.ended_at.is_(None))
        .values(ended_at=now, **values)
        .returning(Invite),
    )
    if ended is None:
        return None
    give_back_unused(tx, launch, ended)
    if ended.entry_id is not None and ended.uses < ended.max_uses:
        _end_offer(tx, ended, ended.entry_id, after, actor=actor, now=now)
    return ended


def give_back_unused(tx: Tx, launch: Launch, invite: Invite) -> None:
    """Return the uses an ended invite did not spend to its member, and the seat it held.

    Whoever calls has just set `ended_at` by a guarded UPDATE, so this happens once.
    """
    unused = invite.max_uses - invite.uses
    if invite.holds_seat and unused:
        seating.give_back(tx, launch.id)
    if invite.source == InviteSource.MEMBER and unused:
        tx.execute(
            sa.update(Entry).where(Entry.id == invite.inviter_id).values(allowance_left=Entry.allowance_left + unused)
        )


def _end_offer(tx: Tx, invite: Invite, entry_id: int, after: Aftermath, *, actor: Actor, now: datetime) -> None:
    entry = one(tx, entries.locked(entry_id))
    offered = tx.scalar(
        sa.update(Admission)
        .where(
            Admission.entry_id == entry_id,
            Admission.invite_id == invite.id,
            Admission.state == AdmissionState.OFFERED,
        )
        .values(state=after.offer, state_at=now, state_by=str(actor))
        .returning(Admission.id)
    )
    if offered is None or entry is None or entry.state != State.INVITED:
        return
    state = after.person
    if state == State.WAITING and entry.confirmed_no is None:
        state = State.UNCONFIRMED  # was invited from a list, and never stood in line
    stepping.back(tx, entry, state=state, state_at=now, state_by=str(actor), state_before=entry.state)
