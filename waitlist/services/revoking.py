"""Revoking: a whole wave is taken back, also from those who are in by it; `restoring` gives it again.

Their places inside are free, they stand in line where they stood, and the next wave asks them first. The stage of the
wave lets nobody new in until somebody resumes it. Lock order: launch, seats, wave, invite, entry.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry, State, locked_in_order
from waitlist.models.hold import FREEZE, Hold, stage_hold
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import Launch, locked
from waitlist.models.wave import Wave, WaveMember, WaveState
from waitlist.services import returning, seating, steering
from waitlist.services.recording import record, record_each
from waitlist.services.steering import CHUNK, OUT, WrongState


@dataclass(frozen=True)
class Revoked:
    """A wave that was taken back: how many were in by it, and how many invites nobody had used.

    `digest` is SHA-256 over the ids of those who were in, in their order, in hex.
    """

    wave: Wave
    members: int
    invites: int
    digest: str


def revoke(tx: Tx, launch: Launch, wave_id: int, *, tell: bool, reason: str, actor: Actor, now: datetime) -> Revoked:
    """Take back every admission and every unused invite of a wave: seats back, places as before.

    `tell` mails them the reason. Raises WrongState, also for a wave that was revoked already.
    """
    tx.execute(locked(launch.id))
    seating.lock(tx, launch.id)
    wave = steering.change(tx, wave_id, (*OUT, WaveState.RECALLED), WaveState.RECALLED, actor=actor, now=now)
    if wave.revoked_at is not None:
        raise WrongState(wave.state)
    # The unused invites first: whoever is redeeming one in this moment is either refused, or in and found below.
    planned, invites = steering.end_unused(tx, launch, wave_id, tell=tell, reason=reason, actor=actor, now=now)
    gone: list[int] = []
    while taken := _take_out(tx, launch, wave, tell=tell, reason=reason, actor=actor, now=now):
        gone += taken
    hold_id = _stop_stage(tx, launch, wave, reason=reason, actor=actor, now=now)
    noted = {"revoked_at": now, "revoked": Wave.revoked + len(gone), "hold_id": hold_id}
    changed = one(tx, sa.update(Wave).where(Wave.id == wave_id).values(noted).returning(Wave))
    assert changed is not None, "the launch is locked"
    digest = hashlib.sha256(",".join(str(entry_id) for entry_id in sorted(gone)).encode()).hexdigest()
    data: dict[str, Any] = {"reason": reason, "revoked": len(gone), "recalled": invites, "planned": planned}
    data |= {"told": tell, "digest": digest}
    record(tx, "releasing.revoked", launch.id, ("wave", wave_id), actor, now, data)
    return Revoked(changed, len(gone), invites, digest)


def _take_out(
    tx: Tx, launch: Launch, wave: Wave, *, tell: bool, reason: str, actor: Actor, now: datetime
) -> Sequence[int]:
    """The next people who are in by this wave stand in line again; returns their ids."""
    of_wave = sa.and_(Admission.wave_id == wave.id, Admission.state == AdmissionState.ACTIVE)
    rows = some(tx, sa.select(Admission).where(of_wave).order_by(Admission.entry_id).limit(CHUNK))
    used = sa.update(Invite).where(Invite.id.in_([row.invite_id for row in rows]), Invite.revoked_at.is_(None))
    invites = some(tx, used.values(revoked_at=now, revoked_by=str(actor)).returning(Invite))
    people = some(tx, locked_in_order([row.entry_id for row in rows]))
    ids = [person.id for person in people]
    ended = sa.update(Admission).where(of_wave, Admission.entry_id.in_(ids))
    ended = ended.values(state=AdmissionState.REVOKED, state_at=now, state_by=str(actor))
    seats = tx.execute(ended.returning(Admission.entry_id, Admission.seat)).all()
    seating.give_back(tx, launch.id, sum(row.seat for row in seats))
    returning.from_inside(tx, [one for one in people if one.state == State.JOINED], actor=actor, now=now)
    _note(tx, launch, wave, people, actor, now)
    if tell:
        steering.say_withdrawn(tx, launch, invites, reason, now, was_in=True)
    return ids


def _note(tx: Tx, launch: Launch, wave: Wave, people: Sequence[Entry], actor: Actor, now: datetime) -> None:
    ids = [person.id for person in people]
    members = sa.update(WaveMember).where(WaveMember.wave_id == wave.id, WaveMember.entry_id.in_(ids))
    tx.execute(members.values(outcome="revoked"))
    record_each(tx, "releasing.withdrawn", launch.id, ids, actor, now, {"wave": wave.id})


def _stop_stage(tx: Tx, launch: Launch, wave: Wave, *, reason: str, actor: Actor, now: datetime) -> int | None:
    """Let nobody new in by the stage of this wave; the hold's id, or None where it is stopped already."""
    if one(tx, stage_hold(wave.stage_id)) is not None:
        return None
    row = {"public_id": codes.random_id("hld"), "launch_id": launch.id, "scope": "stage", "target_id": wave.stage_id}
    row |= {"effect": FREEZE, "source": "admin", "reason": reason, "created_at": now, "created_by": str(actor)}
    hold_id: int = tx.execute(sa.insert(Hold).values(row).returning(Hold.id)).scalar_one()
    return hold_id
