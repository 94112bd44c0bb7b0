"""Pacing: how many mails may leave now, of the host and of each launch. Nobody waits for a code behind a wave.

A bucket lets one mail through every 3600 / n seconds, and up to a minute's worth at once after a quiet time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx, insert
from waitlist.letters import BRING_INVITES
from waitlist.models.broadcast import Broadcast, BroadcastState
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch
from waitlist.models.message import Message, Pace
from waitlist.models.wave import Wave, WaveState

HOST = 0  # the pace row of the whole host
BURST = timedelta(seconds=60)


@dataclass
class Bucket:
    """One leaky bucket as it stands now."""

    launch_id: int
    per_hour: int
    next_at: datetime
    left: int

    def charge(self, n: int) -> None:
        self.left -= n
        self.next_at += n * timedelta(hours=1) / self.per_hour


@dataclass(frozen=True)
class Allowance:
    """A part of the queue, and the buckets that its mails are taken from."""

    scope: tuple[sa.ColumnElement[bool], ...]
    host: Bucket
    launches: dict[int, Bucket]
    limit: Bucket | None = None

    @property
    def left(self) -> int:
        return self.host.left if self.limit is None else min(self.host.left, self.limit.left)


def open_accounts(tx: Tx, per_hour: int, now: datetime) -> list[Allowance]:
    """What may leave, in order of claim: what people wait for, each paced launch's share, then everybody else's.

    Takes the host's bucket, so that claims come one after the other and no two of them spend the same allowance.
    """
    host = _host(tx, per_hour, now)
    launches = _launches(tx, now)
    free = _not_stopped(tx)
    bulk = (Message.priority > 0, *free)
    shares = [
        Allowance((*bulk, Message.launch_id == bucket.launch_id), host, launches, bucket)
        for bucket in launches.values()
    ]
    rest = sa.or_(Message.launch_id.is_(None), Message.launch_id.not_in(list(launches)))
    return [
        Allowance((Message.priority == 0, *free), host, launches),
        *shares,
        Allowance((*bulk, rest) if launches else bulk, host, launches),
    ]


def charge(tx: Tx, allowance: Allowance, launch_ids: Sequence[int | None]) -> None:
    """Take these mails out of the host's bucket and of their launches' ones; urgent mail may overdraw the latter."""
    spent = [allowance.host] * len(launch_ids)
    spent += [allowance.launches[launch] for launch in launch_ids if launch in allowance.launches]
    for bucket in {bucket.launch_id: bucket for bucket in spent}.values():
        bucket.charge(spent.count(bucket))
        tx.execute(sa.update(Pace).where(Pace.launch_id == bucket.launch_id).values(next_at=bucket.next_at))


def _host(tx: Tx, per_hour: int, now: datetime) -> Bucket:
    _make_row(tx, HOST, now)
    next_at = tx.execute(sa.select(Pace.next_at).where(Pace.launch_id == HOST).with_for_update()).scalar_one()
    return _bucket(HOST, per_hour, next_at, now)


def _launches(tx: Tx, now: datetime) -> dict[int, Bucket]:
    query = (
        sa.select(Launch.id, Launch.mails_per_hour, Pace.next_at)
        .outerjoin(Pace, Pace.launch_id == Launch.id)
        .where(Launch.mails_per_hour.is_not(None))
    )
    buckets = {}
    for launch_id, per_hour, next_at in tx.execute(query):
        if next_at is None:
            _make_row(tx, launch_id, now)
        buckets[launch_id] = _bucket(launch_id, per_hour or 1, next_at or now - BURST, now)
    return buckets


def _bucket(launch_id: int, per_hour: int, next_at: datetime, now: datetime) -> Bucket:
    start = max(next_at, now - BURST)
    left = 0 if start > now else int((now - start) * per_hour / timedelta(hours=1)) + 1
    return Bucket(launch_id, per_hour, start, left)


def _make_row(tx: Tx, launch_id: int, now: datetime) -> None:
    row = insert(tx, Pace).values(launch_id=launch_id, next_at=now - BURST)
    tx.execute(row.on_conflict_do_nothing(index_elements=["launch_id"]))


def _not_stopped(tx: Tx) -> list[sa.ColumnElement[bool]]:
    """While a launch is held no invite leaves; while a wave or a broadcast is paused none of its mails does."""
    holds = tx.execute(
        sa.select(Hold.launch_id, Hold.effect).where(Hold.released_at.is_(None), Hold.scope == "launch")
    ).all()
    held = sorted({hold.launch_id for hold in holds if "admit" in hold.effect})
    paused = list(tx.scalars(sa.select(Wave.id).where(Wave.state == WaveState.PAUSED)))
    free: list[sa.ColumnElement[bool]] = []
    if held:
        free.append(sa.or_(Message.launch_id.not_in(held), Message.kind.not_in(sorted(BRING_INVITES))))
    if paused:
        free.append(sa.or_(Message.wave_id.is_(None), Message.wave_id.not_in(paused)))
    silent = list(tx.scalars(sa.select(Broadcast.id).where(Broadcast.state == BroadcastState.PAUSED)))
    if silent:
        free.append(sa.or_(Message.broadcast_id.is_(None), Message.broadcast_id.not_in(silent)))
    return free
