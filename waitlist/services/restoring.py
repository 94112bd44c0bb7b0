"""Restoring: what `recall` and `revoke` took back of a wave is given again, to everybody it still fits.

Whoever has gone another way since (left, was removed, came in otherwise, was offered a place by another wave) stays
there. Everybody else gets exactly the answer they had: in, or invited for as long as was left.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, later, one, some
from waitlist.models.condition import seats_left
from waitlist.models.entry import Entry, State, locked_in_order, stands
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import Launch, locked
from waitlist.models.message import Message, MessageState
from waitlist.models.wave import Wave, WaveMember, WaveState
from waitlist.services import posting, ranking, seating, steering
from waitlist.services.ranking import Change
from waitlist.services.recording import record, record_each
from waitlist.services.steering import CHUNK

REVOKED, RECALLED = "revoked", "recalled"
FITS = {REVOKED: (State.WAITING,), RECALLED: (State.WAITING, State.UNCONFIRMED)}


class SeatsMissing(Exception):
    """Others have taken the seats meanwhile; `n` more must be free first."""

    def __init__(self, n: int) -> None:
        super().__init__(n)
        self.n = n


@dataclass(frozen=True)
class Restored:
    """A wave that is as it was: members in again, invites valid again, and people who went another way since."""

    wave: Wave
    members: int
    invites: int
    elsewhere: int


@dataclass(frozen=True)
class _Back:
    """Somebody who gets back what they had."""

    entry: Entry
    invite_id: int
    outcome: str
    seat: bool
    taken_at: datetime


def restore(tx: Tx, launch: Launch, wave_id: int, *, actor: Actor, now: datetime) -> Restored:
    """Undo the recall or the revocation of a wave. Raises WrongState or SeatsMissing, with nothing changed."""
    tx.execute(locked(launch.id))
    seating.lock(tx, launch.id)
    stopped = sa.exists().where(WaveMember.wave_id == wave_id, WaveMember.outcome == "stopped")
    state = WaveState.STOPPED if tx.scalar(sa.select(stopped)) else WaveState.DONE
    wave = steering.change(tx, wave_id, (WaveState.RECALLED,), state, actor=actor, now=now)
    people, elsewhere = _who_fits(tx, wave)
    _take_seats(tx, launch, wave, sum(person.seat for person in people))
    for start in range(0, len(people), CHUNK):
        _give_again(tx, launch, wave, people[start : start + CHUNK], actor=actor, now=now)
    _release_stage(tx, wave, actor, now)
    members = sum(person.outcome == REVOKED for person in people)
    counts = {"revoked": 0, "recalled": 0, "revoked_at": None, "hold_id": None}
    changed = one(tx, sa.update(Wave).where(Wave.id == wave_id).values(counts).returning(Wave))
    assert changed is not None, "the launch is locked"
    data = {"members": members, "invites": len(people) - members, "elsewhere": elsewhere}
    record(tx, "releasing.restored", launch.id, ("wave", wave_id), actor, now, data)
    return Restored(changed, members, len(people) - members, elsewhere)


def _who_fits(tx: Tx, wave: Wave) -> tuple[list[_Back], int]:
    """Everybody who still stands where this wave put them, their rows locked; and how many do not."""
    query = (
        sa.select(WaveMember.entry_id, WaveMember.outcome, Invite.id, Invite.holds_seat, Invite.revoked_at,
                  Admission.seat, Admission.state, Admission.invite_id)
        .join(Invite, Invite.id == WaveMember.invite_id)
        .outerjoin(Admission, Admission.entry_id == WaveMember.entry_id)
        .where(WaveMember.wave_id == wave.id, WaveMember.outcome.in_((REVOKED, RECALLED)))
        .order_by(WaveMember.entry_id)
    )  # fmt: skip
    rows = tx.execute(query).all()
    found: dict[int, Entry] = {}
    for start in range(0, len(rows), CHUNK):
        ids = [row.entry_id for row in rows[start : start + CHUNK]]
        found |= {entry.id: entry for entry in some(tx, locked_in_order(ids))}
    people = [
        _Back(
            found[row.entry_id],
            row.id,
            row.outcome,
            seat=row.seat if row.outcome == REVOKED else row.holds_seat,
            taken_at=row.revoked_at or wave.state_at,
        )
        for row in rows
        if row.state == AdmissionState.REVOKED
        and row.invite_id == row.id
        and found[row.entry_id].state in FITS[row.outcome]
    ]
    return people, len(rows) - len(people)


def _take_seats(tx: Tx, launch: Launch, wave: Wave, n: int) -> None:
    left = seats_left(tx, launch.id, wave.stage_id)
    if left is not None and left < n:
        raise SeatsMissing(n - left)
    seating.take(tx, launch.id, n, stage_id=wave.stage_id)


def _give_again(tx: Tx, launch: Launch, wave: Wave, people: Sequence[_Back], *, actor: Actor, now: datetime) -> None:
    members = [person for person in people if person.outcome == REVOKED]
    offered = [person for person in people if person.outcome == RECALLED]
    _open_invites(tx, offered, now)
    tx.execute(sa.update(Invite).where(Invite.id.in_(_invites(members))).values(revoked_at=None, revoked_by=None))
    _leave_lines(tx, people)
    by = {"state_at": now, "state_by": str(actor)}
    for group, state, admission in (
        (members, State.JOINED, {"state": AdmissionState.ACTIVE}),
        (offered, State.INVITED, {"state": AdmissionState.OFFERED, "seat": True, "expires_at": _end_of_invite()}),
    ):
        ids = [person.entry.id for person in group]
        tx.execute(sa.update(Entry).where(Entry.id.in_(ids)).values(state=state, owed_at=None, **by))
        tx.execute(sa.update(Admission).where(Admission.entry_id.in_(ids)).values(**admission, **by))
        record_each(tx, "releasing.returned", launch.id, ids, actor, now, {"wave": wave.id})
    outcome = sa.update(WaveMember).where(WaveMember.wave_id == wave.id)
    back = WaveMember.entry_id.in_([person.entry.id for person in people])
    tx.execute(outcome.where(back).values(outcome="invited"))
    _tell(tx, launch, wave, people, now)


def _open_invites(tx: Tx, offered: Sequence[_Back], now: datetime) -> None:
    """Valid again, for as long as was left when they were taken back."""
    by_moment: dict[datetime, list[int]] = defaultdict(list)
    for person in offered:
        by_moment[person.taken_at].append(person.invite_id)
    for taken_at, ids in by_moment.items():
        opened: dict[str, Any] = {"ended_at": None, "revoked_at": None, "revoked_by": None}
        opened |= {"expires_at": later(Invite.expires_at, now - taken_at)}
        tx.execute(sa.update(Invite).where(Invite.id.in_(ids)).values(opened))


def _end_of_invite() -> sa.ScalarSelect[datetime]:
    return sa.select(Invite.expires_at).where(Invite.id == Admission.invite_id).scalar_subquery()


def _leave_lines(tx: Tx, people: Sequence[_Back]) -> None:
    gone: dict[int, list[Change]] = defaultdict(list)
    for entry in (person.entry for person in people):
        if stands(entry):
            gone[entry.line_id].append(Change(entry.rank_key or 0, entry.sequence or 0, -1))
    for line_id, changes in sorted(gone.items()):
        ranking.came_and_went(tx, line_id, changes)


def _tell(tx: Tx, launch: Launch, wave: Wave, people: Sequence[_Back], now: datetime) -> None:
    """Mails that had not left leave now; the bad news that has not is called off, and what has is put right."""
    queued = {"state": MessageState.QUEUED, "state_at": now, "available_at": now}
    ids = _invites(people)
    cancelled = sa.and_(Message.kind == "invite", Message.state == MessageState.CANCELLED)
    tx.execute(sa.update(Message).where(Message.invite_id.in_(ids), cancelled).values(queued))
    bad_news = sa.and_(Message.invite_id.in_(ids), Message.kind == "invite_withdrawn")
    called_off = sa.update(Message).where(bad_news, Message.state == MessageState.QUEUED)
    tx.execute(called_off.values(state=MessageState.CANCELLED, state_at=now))
    told = set(tx.scalars(sa.select(Message.invite_id).where(bad_news, Message.state != MessageState.CANCELLED)))
    about = {"launch_id": launch.id, "wave_id": wave.id}
    mails = [
        posting.Mail(
            f"restored:{wave.public_id}:{int(now.timestamp())}:{person.entry.public_id}",
            posting.to(person.entry),
            about | {"entry_id": person.entry.id},
        )
        for person in people
        if person.invite_id in told
    ]
    posting.enqueue_all(tx, "already_in_line", mails, now)


def _invites(people: Sequence[_Back]) -> list[int]:
    return [person.invite_id for person in people]


def _release_stage(tx: Tx, wave: Wave, actor: Actor, now: datetime) -> None:
    """End the stop of the stage that came with revoking, if nobody has."""
    stop = sa.update(Hold).where(Hold.id == wave.hold_id, Hold.released_at.is_(None))
    tx.execute(stop.values(released_at=now, released_by=str(actor)))
