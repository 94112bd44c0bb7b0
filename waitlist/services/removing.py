"""Removing: the team takes somebody out of a launch, and brings them back if it was a mistake."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry, State, locked_in
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import Launch
from waitlist.services import ending, linking, referring, seating, stepping, withdrawing
from waitlist.services.recording import record


class AlreadyRemoved(Exception):
    """There is nobody to remove (any more)."""


class NotRemoved(Exception):
    """There is nobody to bring back; who was erased cannot be."""


def remove(tx: Tx, launch: Launch, entry_id: int, *, reason: str, abuse: bool, actor: Actor, now: datetime) -> Entry:
    """Take somebody out, whatever they hold: place, offers, seat and sessions. Raises AlreadyRemoved.

    For abuse the credit they brought is reversed, and the open invites they gave end; otherwise both stay. The person
    gets the same pages as everybody and no more mail.
    """
    revoked = withdrawing.revoke(tx, launch, entry_id, actor=actor, now=now)
    ended = end_given(tx, launch, entry_id, actor=actor, now=now) if abuse else 0
    entry = one(tx, locked_in(launch.id, entry_id))
    if entry is None or entry.state == State.REMOVED:
        raise AlreadyRemoved
    before = entry.state
    _end_admission(tx, launch, entry_id, actor=actor, now=now)
    linking.sign_out(tx, entry_id, now=now)
    gone = stepping.out(tx, entry, state=State.REMOVED, state_before=before, state_at=now, state_by=str(actor))
    if abuse:
        referring.reverse(tx, launch, friend_id=entry_id, actor=actor, now=now)
    data = {"before": before, "abuse": abuse, "revoked": revoked, "ended": ended}
    record(tx, "removing.removed", launch.id, ("entry", entry_id), actor, now, data, personal={"reason": reason})
    return gone


def restore(tx: Tx, launch: Launch, entry_id: int, *, reason: str, actor: Actor, now: datetime) -> Entry:
    """Bring somebody back to where they were: a place at the old key, or a seat if one is free.

    A credit that was reversed counts again; invites that were taken back stay so. Raises NotRemoved or LaunchFull.
    """
    seating.lock(tx, launch.id)
    entry = one(tx, locked_in(launch.id, entry_id))
    if entry is None or entry.state != State.REMOVED or entry.erased_at is not None:
        raise NotRemoved
    if entry.state_before == State.JOINED:
        _admit_again(tx, launch, entry_id, actor=actor, now=now)
    back = stepping.back(tx, entry, state=entry.state_before, state_before=None, state_at=now, state_by=str(actor))
    referring.reinstate(tx, launch, friend_id=entry_id, actor=actor, now=now)
    data = {"state": back.state}
    record(tx, "removing.restored", launch.id, ("entry", entry_id), actor, now, data, personal={"reason": reason})
    return back


def end_given(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> int:
    """End the open invites that somebody gave; returns how many."""
    given = some(
        tx,
        sa.select(Invite)
        .where(Invite.launch_id == launch.id, Invite.inviter_id == entry_id, Invite.ended_at.is_(None))
        .order_by(Invite.id),
    )
    taken = {"revoked_at": now, "revoked_by": str(actor)}
    return sum(
        ending.end(tx, launch, invite, ending.WITHDRAWN, actor=actor, now=now, **taken) is not None for invite in given
    )


def _end_admission(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> None:
    seat = tx.scalar(
        sa.update(Admission)
        .where(Admission.entry_id == entry_id, Admission.state == AdmissionState.ACTIVE)
        .values(state=AdmissionState.REVOKED, state_at=now, state_by=str(actor))
        .returning(Admission.seat)
    )
    if seat:
        seating.give_back(tx, launch.id)


def _admit_again(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> None:
    again = one(
        tx,
        sa.update(Admission)
        .where(Admission.entry_id == entry_id, Admission.state == AdmissionState.REVOKED)
        .values(state=AdmissionState.ACTIVE, state_at=now, state_by=str(actor))
        .returning(Admission),
    )
    if again is not None and again.seat:
        seating.take(tx, launch.id, stage_id=again.stage_id)
