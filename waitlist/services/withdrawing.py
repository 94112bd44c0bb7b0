"""Withdrawing: the offers that somebody holds end, once, and the seats they held are free again."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry
from waitlist.models.invite import Admission, AdmissionState, Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.services import seating
from waitlist.services.ending import give_back_unused


def decline(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> int:
    """The person turns down what the team offered; a friend's invite is the friend's and stays. Returns how many."""
    return _end(
        tx,
        launch,
        entry_id,
        Invite.source != InviteSource.MEMBER,
        {"declined_at": now},
        AdmissionState.DECLINED,
        actor=actor,
        now=now,
    )


def revoke(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> int:
    """The team takes back every invite that is bound to the person, a friend's as well. Returns how many."""
    taken = {"revoked_at": now, "revoked_by": str(actor)}
    return _end(tx, launch, entry_id, sa.true(), taken, AdmissionState.REVOKED, actor=actor, now=now)


def _end(
    tx: Tx,
    launch: Launch,
    entry_id: int,
    which: sa.ColumnElement[bool],
    values: dict[str, object],
    state: AdmissionState,
    *,
    actor: Actor,
    now: datetime,
) -> int:
    # Seat, then invite, then entry: a wave's chunk and a redemption take the same way, so no offer can slip in between.
    seating.lock(tx, launch.id)
    entry = one(tx, sa.select(Entry).where(Entry.id == entry_id))
    if entry is None:
        return 0
    bound = sa.or_(Invite.entry_id == entry.id, Invite.email_key == entry.email_key)
    ended = some(
        tx,
        sa.update(Invite)
        .where(Invite.launch_id == launch.id, bound, which, Invite.ended_at.is_(None), Invite.uses < Invite.max_uses)
        .values(ended_at=now, **values)
        .returning(Invite),
    )
    for invite in ended:
        give_back_unused(tx, launch, invite)
    tx.execute(
        sa.update(Admission)
        .where(Admission.entry_id == entry.id, Admission.state == AdmissionState.OFFERED)
        .values(state=state, state_at=now, state_by=str(actor))
    )
    return len(ended)
