"""Ending: an invite that nobody will use any more gives back what it held, once, whoever ends it first."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Admission, AdmissionState, Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import returning, seating


@dataclass(frozen=True)
class Aftermath:
    """What an ended invite leaves behind: the state of its offer, and of the person it was offered to."""

    offer: AdmissionState
    person: State


WITHDRAWN = Aftermath(AdmissionState.REVOKED, State.WAITING)  # back in line, at the place they had
LAPSED = Aftermath(AdmissionState.EXPIRED, State.LAPSED)
LAPSED_TO_END = Aftermath(AdmissionState.EXPIRED, State.WAITING)
LAPSED_AND_LEFT = Aftermath(AdmissionState.EXPIRED, State.LEFT)
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
    if ended is not None:
        settle(tx, launch, [ended], after, actor=actor, now=now)
    return ended


def settle(
    tx: Tx, launch: Launch, ended: Sequence[Invite], after: Aftermath, *, actor: Actor, now: datetime
) -> list[int]:
    """The consequences for a batch of invites; returns the ids of the entries whose offer ended with them.

    Whoever calls holds the seat counter (`seating.lock`) and has just set `ended_at` by a guarded UPDATE, so this
    happens once for each.
    """
    give_back(tx, launch, ended)
    closed = (
        sa.update(Admission)
        .where(Admission.invite_id.in_([invite.id for invite in ended]), Admission.state == AdmissionState.OFFERED)
        .values(state=after.offer, state_at=now, state_by=str(actor), seat=False, expires_at=None)
        .returning(Admission.entry_id)
    )
    people = sorted(tx.scalars(closed))
    if after.person == State.WAITING:
        returning.to_line(tx, people, at_end=after is LAPSED_TO_END, actor=actor, now=now)
    else:
        _set_state(tx, people, after.person, actor, now)
    return people


def give_back(tx: Tx, launch: Launch, ended: Sequence[Invite]) -> None:
    """Free the seats that ended invites held, and return the uses they did not spend to their members."""
    seating.give_back(tx, launch.id, sum(invite.holds_seat and invite.uses < invite.max_uses for invite in ended))
    unused: Counter[int] = Counter()
    for invite in ended:
        if invite.source == InviteSource.MEMBER and invite.inviter_id is not None:
            unused[invite.inviter_id] += invite.max_uses - invite.uses
    for inviter_id, uses in sorted(unused.items()):
        if uses:
            inviter = sa.update(Entry).where(Entry.id == inviter_id)
            tx.execute(inviter.values(allowance_left=Entry.allowance_left + uses))


def _set_state(tx: Tx, people: Sequence[int], state: State, actor: Actor, now: datetime) -> None:
    """Out of the line, where invited people are anyway; the key of their place stays, for whoever comes back."""
    if people:
        invited = sa.update(Entry).where(Entry.id.in_(people), Entry.state == State.INVITED)
        tx.execute(invited.values(state=state, state_at=now, state_by=str(actor), state_before=Entry.state))
