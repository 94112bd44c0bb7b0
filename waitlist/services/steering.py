"""Steering: a wave is undone, hurried, paused, resumed, or stopped, and its unused invites are recalled."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.launch import Launch, locked
from waitlist.models.wave import Wave, WaveMember, WaveState
from waitlist.services import seating
from waitlist.services.recording import record


class WrongState(Exception):
    """The wave is past the point where this is possible; `state` is where it is."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


def undo(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> Wave:
    """Back to a draft, seats back, nothing sent. Raises WrongState once releasing has begun."""
    tx.execute(locked(launch.id))
    wave = _change(tx, wave_id, (WaveState.HOLDING, WaveState.SCHEDULED), WaveState.DRAFT, actor=actor, now=now)
    gone = tx.execute(
        sa.delete(WaveMember).where(WaveMember.wave_id == wave_id, WaveMember.outcome == "planned")
    ).rowcount
    seating.give_back(tx, launch.id, gone)
    tx.execute(sa.update(Wave).where(Wave.id == wave_id).values(planned=0, due_at=None))
    record(tx, "releasing.undone", launch.id, ("wave", wave_id), actor, now, {"planned": gone})
    return wave


def send_now(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> Wave:
    """End the holding window at once. Raises WrongState when there is none."""
    wave = _change(tx, wave_id, (WaveState.HOLDING,), WaveState.HOLDING, actor=actor, now=now)
    tx.execute(sa.update(Wave).where(Wave.id == wave_id).values(due_at=now))
    record(tx, "releasing.hurried", launch.id, ("wave", wave_id), actor, now)
    return wave


def pause(tx: Tx, launch: Launch, wave_id: int, *, reason: str, actor: Actor, now: datetime) -> Wave:
    """Stop before the next chunk and keep what is queued; raises WrongState."""
    states = (WaveState.SCHEDULED, WaveState.HOLDING, WaveState.RELEASING)
    wave = _change(tx, wave_id, states, WaveState.PAUSED, actor=actor, now=now)
    record(tx, "releasing.paused", launch.id, ("wave", wave_id), actor, now, {"reason": reason})
    return wave


def resume(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> Wave:
    """Go on where the wave was paused; raises WrongState when it is not."""
    wave = one(tx, sa.select(Wave).where(Wave.id == wave_id))
    before = WaveState(wave.state_before or WaveState.RELEASING) if wave is not None else WaveState.RELEASING
    resumed = _change(tx, wave_id, (WaveState.PAUSED,), before, actor=actor, now=now)
    record(tx, "releasing.resumed", launch.id, ("wave", wave_id), actor, now)
    return resumed


def _change(
    tx: Tx, wave_id: int, wanted: tuple[WaveState, ...], state: WaveState, *, actor: Actor, now: datetime
) -> Wave:
    changed = one(
        tx,
        sa.update(Wave)
        .where(Wave.id == wave_id, Wave.state.in_(wanted))
        .values(state=state, state_before=Wave.state, state_at=now, state_by=str(actor))
        .returning(Wave),
    )
    if changed is None:
        raise WrongState(tx.scalar(sa.select(Wave.state).where(Wave.id == wave_id)) or "unknown")
    return changed
