"""Broadcasts as their pages show them: who would get one and who not, and how far it came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.broadcast import Broadcast, BroadcastMember, why_not
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.message import Message


@dataclass(frozen=True)
class Count:
    """How many of the chosen people get it, and how many do not, by reason (of models.broadcast.REASONS)."""

    gets: int
    reasons: Mapping[str, int]
    languages: Mapping[str, int]  # of those who get it

    @property
    def total(self) -> int:
        return self.gets + sum(self.reasons.values())


@dataclass(frozen=True)
class Progress:
    """How many people came to which outcome, why some were left out, and in which state their mails are."""

    outcomes: Mapping[str, int]
    reasons: Mapping[str, int]
    mails: Mapping[str, int]


def listed(rx: Tx, launch_id: int) -> Sequence[Broadcast]:
    """The last hundred, the newest first."""
    query = sa.select(Broadcast).where(Broadcast.launch_id == launch_id)
    return some(rx, query.order_by(Broadcast.id.desc()).limit(100))


def counted(rx: Tx, broadcast: Broadcast) -> Count:
    """Who would get it now; writes nothing."""
    why = why_not(broadcast.launch_id, broadcast.agreed).label("why")
    chosen = (
        sa.select(why, Entry.language)
        .join(BroadcastMember, BroadcastMember.entry_id == Entry.id)
        .where(BroadcastMember.broadcast_id == broadcast.id)
        .subquery()
    )
    query = sa.select(chosen.c.why, chosen.c.language, sa.func.count().label("n"))
    rows = rx.execute(query.group_by(chosen.c.why, chosen.c.language)).all()
    reasons: dict[str, int] = {}
    for row in rows:
        reasons[row.why] = reasons.get(row.why, 0) + row.n
    return Count(reasons.pop("", 0), reasons, {row.language: row.n for row in rows if not row.why})


def progress(rx: Tx, broadcast: Broadcast) -> Progress:
    """What became of it so far."""
    member = BroadcastMember
    rows = rx.execute(
        sa.select(member.outcome, member.why, sa.func.count().label("n"))
        .where(member.broadcast_id == broadcast.id)
        .group_by(member.outcome, member.why)
    ).all()
    mails = sa.select(Message.state, sa.func.count().label("n")).where(Message.broadcast_id == broadcast.id)
    outcomes: dict[str, int] = {}
    for row in rows:
        outcomes[row.outcome] = outcomes.get(row.outcome, 0) + row.n
    states = {row.state: row.n for row in rx.execute(mails.group_by(Message.state))}
    return Progress(outcomes, {row.why: row.n for row in rows if row.why}, states)


def waiting_people(rx: Tx, launch: Launch) -> int:
    """How many people the launch has who confirmed: what a broadcast is large beside."""
    people = sa.select(sa.func.count()).where(Entry.launch_id == launch.id, Entry.confirmed_no.is_not(None))
    return rx.scalar(people) or 0
