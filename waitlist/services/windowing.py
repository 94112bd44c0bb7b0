"""Windowing: in which hours people are invited at all, and the days on which nobody is. Stops ignore both."""

import re
from datetime import datetime

import sqlalchemy as sa

from waitlist import windows
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models.launch import Launch, by_id
from waitlist.models.stage import Blackout
from waitlist.models.wave import Wave
from waitlist.services.recording import record
from waitlist.windows import Hours

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


class EmptyWindow(ValueError):
    """A window that closes before it opens would let nothing through."""


class NoBlackout(LookupError):
    """There is no such blackout ahead."""


def is_time(text: str) -> bool:
    """Whether a text is a time of day as windows are kept: 09:00."""
    return _TIME.fullmatch(text) is not None


def next_open(tx: Tx, launch_id: int, at: datetime) -> datetime:
    """`at`, or the next moment at which this launch may invite people."""
    launch = one(tx, by_id(launch_id))
    assert launch is not None, "whoever calls has read it"
    ahead = sa.select(Blackout).where(Blackout.launch_id == launch_id, Blackout.ends_at > at)
    closed = [(blackout.starts_at, blackout.ends_at) for blackout in some(tx, ahead)]
    hours = Hours.of(launch.release_days, launch.release_from, launch.release_to)
    return windows.next_open(at, hours, closed, launch.tz)


def puts_off(tx: Tx, launch_id: int, wave_id: int, now: datetime) -> bool:
    """Whether nobody may be invited at this hour; a wave that is due then goes on when somebody may."""
    opens = next_open(tx, launch_id, now)
    if opens > now:
        tx.execute(sa.update(Wave).where(Wave.id == wave_id, Wave.due_at <= now).values(due_at=opens))
    return opens > now


def keep_hours(tx: Tx, launch: Launch, days: str, opens: str, closes: str, *, actor: Actor, now: datetime) -> None:
    """Invite people on these weekdays ("0" is Monday) between two wall times only. Raises EmptyWindow."""
    hours = Hours.of(days, opens, closes)
    if hours.closes is not None and hours.closes <= hours.opens:
        raise EmptyWindow
    kept = {"release_days": days, "release_from": opens, "release_to": closes}
    tx.execute(sa.update(Launch).where(Launch.id == launch.id).values(kept))
    record(tx, "windowing.kept", launch.id, ("launch", launch.id), actor, now, kept)


def black_out(
    tx: Tx, launch: Launch, starts_at: datetime, ends_at: datetime, *, reason: str, actor: Actor, now: datetime
) -> Blackout:
    """Invite nobody between two moments. Raises EmptyWindow."""
    if ends_at <= max(starts_at, now):
        raise EmptyWindow
    row = {"launch_id": launch.id, "starts_at": starts_at, "ends_at": ends_at, "reason": reason}
    made = one(tx, sa.insert(Blackout).values(row | {"created_at": now, "created_by": str(actor)}).returning(Blackout))
    assert made is not None, "INSERT ... RETURNING answers with its row"
    data = {"starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "reason": reason}
    record(tx, "windowing.blacked_out", launch.id, ("launch", launch.id), actor, now, data)
    return made


def end_blackout(tx: Tx, launch: Launch, blackout_id: int, *, actor: Actor, now: datetime) -> None:
    """Take one back that is not over; what it covered until now stays on record. Raises NoBlackout."""
    ahead = sa.and_(Blackout.id == blackout_id, Blackout.launch_id == launch.id, Blackout.ends_at > now)
    gone = one(tx, sa.delete(Blackout).where(ahead).returning(Blackout))
    if gone is None:
        raise NoBlackout(blackout_id)
    data = {"starts_at": gone.starts_at.isoformat(), "ends_at": gone.ends_at.isoformat(), "reason": gone.reason}
    record(tx, "windowing.ended", launch.id, ("launch", launch.id), actor, now, data)
