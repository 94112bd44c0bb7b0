"""Recovering: a wave that stood still because its worker was gone says so once it goes on."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.invite import Admission
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave, WaveState
from waitlist.services.recording import record

QUIET = timedelta(seconds=15)  # a worker takes the next chunk within a second or two


def note_interruption(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> bool:
    """Note when a releasing wave stopped, if it stood still until now; says whether it did."""
    wave = one(tx, sa.select(Wave).where(Wave.id == wave_id, Wave.state == WaveState.RELEASING))
    if wave is None:
        return False
    newest = tx.scalar(sa.select(sa.func.max(Admission.state_at)).where(Admission.wave_id == wave_id))
    # A wave with a pace stands still on purpose until it is due.
    moved = max(wave.state_at, newest or wave.state_at, wave.due_at or wave.state_at)
    if now - moved < QUIET:
        return False
    noted = tx.scalar(
        sa.update(Wave)
        .where(Wave.id == wave_id, Wave.state == WaveState.RELEASING, Wave.interrupted_at.is_distinct_from(moved))
        .values(interrupted_at=moved)
        .returning(Wave.id)
    )
    if noted is None:
        return False
    data = {"from": moved.isoformat(), "to": now.isoformat()}
    record(tx, "releasing.interrupted", launch.id, ("wave", wave_id), actor, now, data)
    return True
