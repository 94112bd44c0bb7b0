"""Guardrails: what is watched, how each wave fares by it, and what was stopped."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist import statistics
from waitlist.db import Tx, one, some
from waitlist.models.guard import Guardrail, Signal, Trip
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice, Message, MessageState
from waitlist.models.report import Report
from waitlist.models.wave import Wave, WaveState

WATCHED = timedelta(days=30)  # from the release of a wave
STOP = 1 / statistics.ALPHA
OUT = (WaveState.RELEASING, WaveState.PAUSED, WaveState.STOPPED, WaveState.DONE)


@dataclass(frozen=True)
class Watched:
    """A guardrail on one wave with what was counted: `k` of `n` people, and the e-value."""

    launch_id: int
    wave_id: int
    guardrail: Guardrail
    k: int
    n: int
    e: float

    @property
    def stops(self) -> bool:
        return self.e >= STOP


def guardrails(rx: Tx, launch: Launch) -> Sequence[Guardrail]:
    return some(rx, sa.select(Guardrail).where(Guardrail.launch_id == launch.id).order_by(Guardrail.metric))


def watched(rx: Tx, now: datetime) -> list[Watched]:
    """Every guardrail on every wave of the last thirty days that it has not acted on yet."""
    acted = sa.exists().where(Trip.wave_id == Wave.id, Trip.metric == Guardrail.metric)
    young = sa.and_(Wave.released_at > now - WATCHED, Wave.state.in_(OUT), ~acted)
    pairs = sa.select(Wave.id, Guardrail.id).join(Guardrail, Guardrail.launch_id == Wave.launch_id).where(young)
    found = []
    for wave_id, guardrail_id in rx.execute(pairs.order_by(Wave.id, Guardrail.id)).all():
        guardrail = one(rx, sa.select(Guardrail).where(Guardrail.id == guardrail_id))
        assert guardrail is not None, "read in this transaction"
        k, n = measured(rx, wave_id, guardrail.metric)
        e = statistics.e_value(k, n, guardrail.limit_ppm / 1_000_000)
        found.append(Watched(guardrail.launch_id, wave_id, guardrail, k, n, e))
    return found


def measured(rx: Tx, wave_id: int, metric: str) -> tuple[int, int]:
    """How many people of a wave have a trouble, and how many could: those inside, or those who were written to."""
    if metric == "bounces":
        return _bounces(rx, wave_id)
    if metric == "complaints":
        return _signalled(rx, wave_id, "complaint"), _bounces(rx, wave_id)[1]
    if metric == "errors":
        return _signalled(rx, wave_id, "error"), _inside(rx, wave_id)
    bugs = sa.select(sa.func.count(Report.entry_id.distinct())).where(Report.wave_id == wave_id, Report.kind == "bug")
    return rx.scalar(bugs) or 0, _inside(rx, wave_id)


def trips(rx: Tx, launch: Launch, wave_id: int | None = None) -> Sequence[Trip]:
    """What guardrails did, newest first; of one wave or of all."""
    query = sa.select(Trip).where(Trip.launch_id == launch.id).order_by(Trip.id.desc()).limit(100)
    return some(rx, query if wave_id is None else query.where(Trip.wave_id == wave_id))


def _inside(rx: Tx, wave_id: int) -> int:
    by_wave = sa.select(sa.func.count()).where(Admission.wave_id == wave_id, Admission.state == AdmissionState.ACTIVE)
    return rx.scalar(by_wave) or 0


def _bounces(rx: Tx, wave_id: int) -> tuple[int, int]:
    of_wave = sa.and_(Message.wave_id == wave_id, Message.kind == "invite")
    answered = sa.and_(of_wave, Message.state.in_((MessageState.SENT, MessageState.FAILED)))
    refused = sa.select(MailboxChoice.email_key).where(MailboxChoice.bounced_at >= Message.created_at)
    bounced = sa.and_(answered, Message.to_key.in_(refused.correlate(Message)))
    people = sa.func.count(Message.entry_id.distinct())
    return rx.scalar(sa.select(people).where(bounced)) or 0, rx.scalar(sa.select(people).where(answered)) or 0


def _signalled(rx: Tx, wave_id: int, kind: str) -> int:
    told = sa.select(sa.func.count(Signal.entry_id.distinct())).join(Admission, Admission.entry_id == Signal.entry_id)
    after = Signal.first_at >= Wave.released_at
    return (
        rx.scalar(told.join(Wave, Wave.id == Admission.wave_id).where(Wave.id == wave_id, Signal.kind == kind, after))
        or 0
    )
