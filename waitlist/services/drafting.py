"""Drafting: a wave is thought out before it is confirmed. A draft takes no seat and nobody's place."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.launch import Launch, locked
from waitlist.models.wave import Wave, WaveState
from waitlist.services.gathering import Audience, line_of
from waitlist.services.recording import record
from waitlist.services.releasing import AT_ONCE, Offer, parameters, stage_of, timing_of
from waitlist.services.steering import DraftChanged, WrongState
from waitlist.services.timing import Timing


def draft(
    tx: Tx,
    launch: Launch,
    audience: Audience,
    offer: Offer,
    timing: Timing = AT_ONCE,
    *,
    name: str = "",
    step: str = "",
    actor: Actor,
    now: datetime,
) -> Wave:
    """Keep an audience and an offer as a draft, to be checked and confirmed later, by anyone who may.

    `step` is the page of the wizard to come back to.
    """
    tx.execute(locked(launch.id))  # one number after the other
    seq = (tx.scalar(sa.select(sa.func.max(Wave.seq)).where(Wave.launch_id == launch.id)) or 0) + 1
    row = {
        "public_id": codes.random_id("wav"),
        "launch_id": launch.id,
        "line_id": line_of(tx, launch.id, audience),
        "stage_id": stage_of(tx, launch, parameters(audience, offer, timing)),
        "seq": seq,
        "name": name or f"Wave {seq}",
        "params": parameters(audience, offer, timing) | {"step": step},
        "state": WaveState.DRAFT,
        "state_at": now,
        "state_by": str(actor),
        "created_at": now,
        "created_by": str(actor),
    }
    wave = one(tx, sa.insert(Wave).values(row).returning(Wave))
    assert wave is not None, "INSERT ... RETURNING answers with its row"
    record(tx, "releasing.drafted", launch.id, ("wave", wave.id), actor, now, {"kind": audience.kind})
    return wave


def redraft(
    tx: Tx,
    launch: Launch,
    wave_id: int,
    audience: Audience,
    offer: Offer,
    timing: Timing = AT_ONCE,
    *,
    name: str,
    step: str = "",
    seen: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> Wave:
    """Change a draft, if it is still as it was at `seen` (its `state_at` then; None: however it is).

    Raises DraftChanged, or WrongState once it was confirmed.
    """
    here = sa.and_(Wave.id == wave_id, Wave.launch_id == launch.id)
    still = sa.true() if seen is None else Wave.state_at == seen
    params = parameters(audience, offer, timing) | {"step": step}
    values: dict[str, Any] = {"params": params, "stage_id": stage_of(tx, launch, params)}
    values |= {"state_at": now, "state_by": str(actor), "line_id": line_of(tx, launch.id, audience)}
    if name:
        values["name"] = name
    draft = sa.and_(here, Wave.state == WaveState.DRAFT)
    wave = one(tx, sa.update(Wave).where(draft, still).values(values).returning(Wave))
    if wave is None:
        raise _why(tx, here)
    record(tx, "releasing.redrafted", launch.id, ("wave", wave_id), actor, now, {"kind": audience.kind})
    return wave


def copy(tx: Tx, launch: Launch, wave: Wave, *, actor: Actor, now: datetime) -> Wave:
    """A new draft that asks for the same as a wave did; it starts when it is confirmed."""
    audience, offer = Audience.from_json(wave.params["audience"]), Offer(**wave.params["offer"])
    timing = replace(timing_of(wave.params), at=None, fixed=True)
    return draft(tx, launch, audience, offer, timing, actor=actor, now=now)


def _why(tx: Tx, here: sa.ColumnElement[bool]) -> Exception:
    found = one(tx, sa.select(Wave).where(here))
    if found is not None and found.state == WaveState.DRAFT:
        return DraftChanged(found)
    return WrongState(found.state if found is not None else "unknown")


def discard(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> None:
    """Throw a draft away. Raises WrongState once it was confirmed."""
    here = sa.and_(Wave.id == wave_id, Wave.launch_id == launch.id, Wave.state == WaveState.DRAFT)
    if tx.execute(sa.delete(Wave).where(here)).rowcount == 0:
        raise WrongState(tx.scalar(sa.select(Wave.state).where(Wave.id == wave_id)) or "unknown")
    record(tx, "releasing.discarded", launch.id, ("wave", wave_id), actor, now)
