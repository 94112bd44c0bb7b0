"""Steering: a wave is undone, hurried, paused, resumed, or stopped, and its unused invites are recalled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.invite import Invite
from waitlist.models.launch import Launch, locked
from waitlist.models.message import Message, MessageState, failed_of
from waitlist.models.wave import Wave, WaveMember, WaveState
from waitlist.services import alerting, ending, posting, seating
from waitlist.services.recording import record


class WrongState(Exception):
    """The wave is past the point where this is possible; `state` is where it is."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


class DraftChanged(Exception):
    """Somebody changed the draft since it was read; `draft` is how it stands now."""

    def __init__(self, draft: Wave) -> None:
        super().__init__(draft.public_id)
        self.draft = draft


CHUNK = 500
OUT = (WaveState.RELEASING, WaveState.PAUSED, WaveState.STOPPED, WaveState.DONE)  # somebody may be invited by it
_MOVING = (WaveState.SCHEDULED, WaveState.HOLDING, WaveState.RELEASING)
# Everybody of it is invited, but not every mail has left.
_mails_wait = sa.and_(
    Wave.state == WaveState.DONE,
    sa.exists().where(Message.wave_id == Wave.id, Message.kind == "invite", Message.state == MessageState.QUEUED),
)


def undo(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> Wave:
    """Back to a draft, seats back, nothing sent. Raises WrongState once releasing has begun."""
    tx.execute(locked(launch.id))
    wave = change(tx, wave_id, (WaveState.HOLDING, WaveState.SCHEDULED), WaveState.DRAFT, actor=actor, now=now)
    gone = tx.execute(
        sa.delete(WaveMember).where(WaveMember.wave_id == wave_id, WaveMember.outcome == "planned")
    ).rowcount
    seating.give_back(tx, launch.id, gone)
    tx.execute(sa.update(Wave).where(Wave.id == wave_id).values(planned=0, due_at=None))
    record(tx, "releasing.undone", launch.id, ("wave", wave_id), actor, now, {"planned": gone})
    return wave


def send_now(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> Wave:
    """End the holding window at once. Raises WrongState when there is none."""
    wave = change(tx, wave_id, (WaveState.HOLDING,), WaveState.HOLDING, actor=actor, now=now)
    tx.execute(sa.update(Wave).where(Wave.id == wave_id).values(due_at=now))
    record(tx, "releasing.hurried", launch.id, ("wave", wave_id), actor, now)
    return wave


def pause(tx: Tx, launch: Launch, wave_id: int, *, reason: str, actor: Actor, now: datetime) -> Wave:
    """Stop before the next chunk and the next mail; raises WrongState, also once every mail has left."""
    wave = change(tx, wave_id, _MOVING, WaveState.PAUSED, _mails_wait, actor=actor, now=now)
    record(tx, "releasing.paused", launch.id, ("wave", wave_id), actor, now, {"reason": reason})
    alerting.wave_moved(tx, wave, reason=reason, actor=actor, now=now)
    return wave


def resume(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> Wave:
    """Go on where the wave was paused; raises WrongState when it is not."""
    wave = one(tx, sa.select(Wave).where(Wave.id == wave_id))
    before = WaveState(wave.state_before or WaveState.RELEASING) if wave is not None else WaveState.RELEASING
    resumed = change(tx, wave_id, (WaveState.PAUSED,), before, actor=actor, now=now)
    record(tx, "releasing.resumed", launch.id, ("wave", wave_id), actor, now)
    return resumed


@dataclass(frozen=True)
class Stopped:
    """A wave that goes no further, and how many people of it will hear nothing."""

    wave: Wave
    people: int


def stop(tx: Tx, launch: Launch, wave_id: int, *, reason: str, actor: Actor, now: datetime) -> Stopped:
    """Whoever's mail has not left keeps their place, and the seat is free; invites that were sent stay valid.

    Raises WrongState.
    """
    tx.execute(locked(launch.id))
    seating.lock(tx, launch.id)
    states = (*_MOVING, WaveState.PAUSED)
    wave = change(tx, wave_id, states, WaveState.STOPPED, _mails_wait, actor=actor, now=now)
    planned = _drop_planned(tx, launch, wave_id)
    unsent = _cancel_mails(tx, wave_id, now)
    gone = 0
    for start in range(0, len(unsent), CHUNK):
        part = Invite.id.in_(unsent[start : start + CHUNK])
        ended = _withdraw(tx, launch, wave_id, part, "stopped", actor=actor, now=now)
        gone += len(ended)
    tx.execute(sa.update(Wave).where(Wave.id == wave_id).values(invited=Wave.invited - gone))
    data = {"reason": reason, "planned": planned, "unsent": gone}
    record(tx, "releasing.stopped", launch.id, ("wave", wave_id), actor, now, data)
    return Stopped(wave, planned + gone)


def retry_failed(tx: Tx, launch_id: int, wave_id: int, *, actor: Actor, now: datetime) -> int:
    """Send the invites of a wave that failed once more; returns how many. None to an address that bounced."""
    again = tx.execute(
        sa.update(Message)
        .where(*failed_of(wave_id))
        .values(state=MessageState.QUEUED, state_at=now, attempts=0, available_at=now, last_error="")
    ).rowcount
    if again:
        record(tx, "sending.retried", launch_id, ("wave", wave_id), actor, now, {"mails": again})
    return again


def _drop_planned(tx: Tx, launch: Launch, wave_id: int) -> int:
    planned = sa.update(WaveMember).where(WaveMember.wave_id == wave_id, WaveMember.outcome == "planned")
    dropped = tx.execute(planned.values(outcome="stopped")).rowcount
    seating.give_back(tx, launch.id, dropped)
    return dropped


def _cancel_mails(tx: Tx, wave_id: int, now: datetime) -> list[int]:
    """The invites of mails that nobody has begun to send; from now on nobody will."""
    waiting = sa.and_(Message.wave_id == wave_id, Message.kind == "invite", Message.state == MessageState.QUEUED)
    cancelled = sa.update(Message).where(waiting).values(state=MessageState.CANCELLED, state_at=now)
    return [invite_id for invite_id in tx.scalars(cancelled.returning(Message.invite_id)) if invite_id is not None]


@dataclass(frozen=True)
class Recalled:
    """A wave whose unused invites are void, and how many people stand in line again."""

    wave: Wave
    people: int


def recall(tx: Tx, launch: Launch, wave_id: int, *, tell: bool, reason: str, actor: Actor, now: datetime) -> Recalled:
    """Take back every unused invite of a wave: seats back, places kept. Who has accepted is not touched.

    `tell` mails them the reason, but for those whose invite never left. Raises WrongState.
    """
    tx.execute(locked(launch.id))
    seating.lock(tx, launch.id)
    wave = change(tx, wave_id, OUT, WaveState.RECALLED, actor=actor, now=now)
    planned, people = end_unused(tx, launch, wave_id, tell=tell, reason=reason, actor=actor, now=now)
    data = {"reason": reason, "recalled": people, "planned": planned, "told": tell}
    record(tx, "releasing.recalled", launch.id, ("wave", wave_id), actor, now, data)
    return Recalled(wave, people)


def end_unused(
    tx: Tx, launch: Launch, wave_id: int, *, tell: bool, reason: str, actor: Actor, now: datetime
) -> tuple[int, int]:
    """Drop the planned people of a wave and end its unused invites; returns how many of each.

    The caller holds the launch and the seats.
    """
    planned = _drop_planned(tx, launch, wave_id)
    unsent = frozenset(_cancel_mails(tx, wave_id, now))
    people = 0
    while ended := _withdraw(tx, launch, wave_id, _next_valid(wave_id, now), "recalled", actor=actor, now=now):
        people += len(ended)
        if tell:
            say_withdrawn(tx, launch, [invite for invite in ended if invite.id not in unsent], reason, now)
    tx.execute(sa.update(Wave).where(Wave.id == wave_id).values(recalled=Wave.recalled + people))
    return planned, people


def _next_valid(wave_id: int, now: datetime) -> sa.ColumnElement[bool]:
    """A chunk of what still works; what is past its date lapses by its policy instead."""
    valid = sa.select(Invite.id).where(
        Invite.wave_id == wave_id, Invite.uses == 0, Invite.ended_at.is_(None), Invite.expires_at > now
    )
    return Invite.id.in_(valid.order_by(Invite.id).limit(CHUNK).scalar_subquery())


def say_withdrawn(
    tx: Tx, launch: Launch, invites: Sequence[Invite], reason: str, now: datetime, *, was_in: bool = False
) -> None:
    """Mail the people of these invites that they are over, with the reason; `was_in`: they had come in by them."""
    mails = [
        posting.Mail(
            f"{invite.public_id}:{invite.version}:{int(now.timestamp())}",
            posting.To(invite.email or "", invite.email_key or "", invite.language),
            {"launch_id": launch.id, "entry_id": invite.entry_id, "invite_id": invite.id, "wave_id": invite.wave_id},
            {"reason": reason} | ({"was_in": True} if was_in else {}),
        )
        for invite in invites
    ]
    posting.enqueue_all(tx, "invite_withdrawn", mails, now)


def _withdraw(
    tx: Tx, launch: Launch, wave_id: int, which: sa.ColumnElement[bool], outcome: str, *, actor: Actor, now: datetime
) -> Sequence[Invite]:
    """End unused invites of a wave: seats back, and their people stand in line again where they stood."""
    unused = sa.and_(Invite.wave_id == wave_id, Invite.uses == 0, Invite.ended_at.is_(None), which)
    taken = sa.update(Invite).where(unused).values(ended_at=now, revoked_at=now, revoked_by=str(actor))
    ended = some(tx, taken.returning(Invite))
    ending.settle(tx, launch, ended, ending.WITHDRAWN, actor=actor, now=now)
    members = sa.update(WaveMember).where(WaveMember.invite_id.in_([invite.id for invite in ended]))
    tx.execute(members.values(outcome=outcome))
    return ended


def change(
    tx: Tx,
    wave_id: int,
    wanted: tuple[WaveState, ...],
    state: WaveState,
    otherwise: sa.ColumnElement[bool] | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> Wave:
    """Move a wave from one of the wanted states, or where `otherwise` holds, by one guarded UPDATE.

    Raises WrongState with where it is.
    """
    fits = Wave.state.in_(wanted)
    changed = one(
        tx,
        sa.update(Wave)
        .where(Wave.id == wave_id, fits if otherwise is None else sa.or_(fits, otherwise))
        .values(state=state, state_before=Wave.state, state_at=now, state_by=str(actor))
        .returning(Wave),
    )
    if changed is None:
        raise WrongState(tx.scalar(sa.select(Wave.state).where(Wave.id == wave_id)) or "unknown")
    return changed
