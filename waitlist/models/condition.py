"""What a launch is right now: made of its dates, its holds and its counts, never stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.entry import Entry, State
from waitlist.models.hold import Hold, open_holds
from waitlist.models.launch import MAIN, Launch, Line, OnFull, SeatCount
from waitlist.models.rank import total_of

LINK_LIFE = timedelta(hours=48)  # an unconfirmed person stands in the line's limit as long as their link works


class Condition(StrEnum):
    NOT_OPEN = "not_open"
    OPEN = "open"
    PAUSED = "paused"
    FULL = "full"
    CLOSED = "closed"
    LAUNCHED = "launched"
    ARCHIVED = "archived"


@dataclass(frozen=True)
class Circumstances:
    """A launch's condition and what it follows from: seats left (None: no limit), people in line, open holds."""

    condition: Condition
    in_line: int
    seats_left: int | None
    holds: tuple[Hold, ...]

    @property
    def hold_reason(self) -> str:
        """The public words of the hold that stops people, or an empty text."""
        return next((hold.public_reason for hold in self.holds if hold.scope == "launch"), "")

    @property
    def is_paused(self) -> bool:
        """Whether there is a stop of the whole launch that `resume` ends; switching off for products has its own."""
        return any(hold.scope == "launch" and "access" not in hold.effect for hold in self.holds)

    def holds_effect(self, effect: str, stage_id: int | None = None) -> bool:
        """Whether a hold on the whole launch (or on this stage of it) stops this: admit, redeem or access."""
        return any(effect in hold.effect and _is_on(hold, stage_id) for hold in self.holds)

    def held_since(self, effect: str) -> datetime | None:
        """Since when holds on the whole launch stop this, without a gap; None when nothing does."""
        return min(
            (hold.created_at for hold in self.holds if hold.scope == "launch" and effect in hold.effect), default=None
        )


def _is_on(hold: Hold, stage_id: int | None) -> bool:
    return hold.scope == "launch" or (hold.scope == "stage" and stage_id is not None and hold.target_id == stage_id)


def circumstances(tx: Tx, launch: Launch, now: datetime) -> Circumstances:
    """What holds for a launch at `now`, read in this transaction."""
    line_id = main_line(tx, launch.id)
    holds = tuple(some(tx, open_holds(launch.id)))
    waiting = total_of(tx, line_id)
    left = seats_left(tx, launch.id)
    condition = condition_of(launch, holds, now)
    if condition is Condition.OPEN and _is_full(tx, launch, line_id, counts=(waiting, left), now=now):
        condition = Condition.FULL
    return Circumstances(condition, waiting, left, holds)


def main_line(tx: Tx, launch_id: int) -> int:
    return line_id_of(tx, launch_id, MAIN)


def line_id_of(tx: Tx, launch_id: int, key: str) -> int:
    """The id of a line; raises LookupError for a line the launch does not have."""
    line_id = tx.scalar(_LINE, {"launch": launch_id, "named": key})
    if line_id is None:
        raise LookupError(key)
    return line_id


def seats_left(tx: Tx, launch_id: int, stage_id: int | None = None) -> int | None:
    """Free seats of the open pool, with those that are reserved for a stage; None where there is no limit."""
    pools = (0,) if stage_id is None else (0, stage_id)
    left, limited, rows = tx.execute(_FREE_SEATS, {"launch": launch_id, "pools": pools}).one()
    return None if limited < rows or left is None else int(left)


def unconfirmed(tx: Tx, line_id: int, now: datetime) -> int:
    """People whose confirmation link still works: they count against the line's limit."""
    launch_id = sa.select(Line.launch_id).where(Line.id == line_id).scalar_subquery()  # for the index
    return (
        tx.scalar(
            sa.select(sa.func.count()).where(
                Entry.launch_id == launch_id,
                Entry.line_id == line_id,
                Entry.state == State.UNCONFIRMED,
                Entry.state_at > now - LINK_LIFE,
            )
        )
        or 0
    )


def condition_of(launch: Launch, holds: Sequence[Hold], now: datetime) -> Condition:
    """What the dates and the open holds say; whether the line or the seats are full needs counts (`circumstances`)."""
    if launch.archived_at is not None:
        return Condition.ARCHIVED
    if launch.launched_at is not None and launch.launched_at <= now:
        return Condition.LAUNCHED
    if launch.opens_at is None or launch.opens_at > now:
        return Condition.NOT_OPEN
    if launch.closes_at is not None and launch.closes_at <= now:
        return Condition.CLOSED
    if any(hold.scope == "launch" for hold in holds):
        return Condition.PAUSED
    return Condition.OPEN


def _is_full(tx: Tx, launch: Launch, line_id: int, *, counts: tuple[int, int | None], now: datetime) -> bool:
    waiting, left = counts
    if left == 0 and launch.on_full == OnFull.CLOSE:
        return True
    return launch.line_limit is not None and waiting + unconfirmed(tx, line_id, now) >= launch.line_limit


# Asked by every join and every page, so these two are built once: building one costs more than asking.
_LINE = sa.select(Line.id).where(Line.launch_id == sa.bindparam("launch"), Line.key == sa.bindparam("named"))
_FREE_SEATS = sa.select(
    sa.func.sum(SeatCount.seats - SeatCount.counted), sa.func.count(SeatCount.seats), sa.func.count()
).where(SeatCount.launch_id == sa.bindparam("launch"), SeatCount.stage_id.in_(sa.bindparam("pools", expanding=True)))
