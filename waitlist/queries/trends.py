"""What happened day by day: joined, confirmed, invited, accepted, from friends; where people came from; what waits.

Each series is one statement over the period and the one before it: a count for each day of the launch's own time zone,
read in an index alone, so that a million people cost no more than counting them does.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from waitlist.db import Tx, UTCDateTime
from waitlist.models.entry import Entry
from waitlist.models.invite import OF_TEAM, Invite, Redemption
from waitlist.models.launch import Launch
from waitlist.models.message import Message
from waitlist.models.referral import Credit
from waitlist.models.upkeep import Observation
from waitlist.models.wave import Wave, WaveState
from waitlist.queries import asks, breakdowns
from waitlist.queries.breakdowns import EVERYBODY, Bar, Inviter, Only

PERIODS = (7, 30, 90)  # days
TOLD = ("joined", "confirmed", "invited", "accepted", "friends")
Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]


@dataclass(frozen=True)
class Day:
    """One day of the period: how many, and how many on the day that stands there in the period before."""

    id: int
    day: date
    n: int
    before: int


@dataclass(frozen=True)
class Series:
    """A number day by day, with its sums."""

    days: tuple[Day, ...]

    @property
    def total(self) -> int:
        return sum(day.n for day in self.days)

    @property
    def before(self) -> int:
        return sum(day.before for day in self.days)

    @property
    def change(self) -> int | None:
        """In percent of the period before; None where nothing was before."""
        return round(100 * (self.total - self.before) / self.before) if self.before else None

    @property
    def best(self) -> Day:
        """The day with most, the first of them."""
        return max(self.days, key=lambda day: day.n)


@dataclass(frozen=True)
class Trends:
    """Everything of one period. `k`: friends counted for each person who confirmed.

    `visits` is None where nobody can say it: a visit has a source, and neither a domain nor a country.
    """

    series: dict[str, Series]
    visits: int | None
    k: float
    sources: list[Bar]
    domains: list[Bar]
    countries: list[Bar]
    inviters: list[Inviter]


@dataclass(frozen=True)
class Needs:
    """What waits for the team: people who ask for a new invite, mails that failed, waves that are paused."""

    asks: int
    failed: int
    paused: int
    next_wave: Wave | None

    def __bool__(self) -> bool:
        return bool(self.asks or self.failed or self.paused)


def trends(rx: Tx, launch: Launch, now: datetime, *, days: int, only: Only = EVERYBODY) -> Trends:
    """The last `days` days, today included, and as many before them, of those people alone."""
    zone = ZoneInfo(launch.tz)
    first = now.astimezone(zone).date() - timedelta(days=days - 1)
    start = _midnight(first, zone)
    mine, team = (Entry.launch_id == launch.id, *only.people()), sa.text(OF_TEAM)
    invites = only.among(launch.id, Invite.email_key, Entry.email_key)
    uses = only.among(launch.id, Redemption.entry_id, Entry.id)
    asked: dict[str, tuple[Moment, tuple[Any, ...]]] = {
        "joined": (Entry.created_at, mine),
        "confirmed": (Entry.confirmed_at, mine),
        "invited": (Invite.created_at, (Invite.launch_id == launch.id, team, *invites)),
        "accepted": (Redemption.redeemed_at, (Redemption.launch_id == launch.id, *uses)),
        "friends": (Entry.confirmed_at, (*mine, Entry.referrer_id.is_not(None))),
    }
    every = [first + timedelta(days=i) for i in range(-days, days)]
    spans = [(day, _midnight(day, zone), _midnight(day + timedelta(days=1), zone)) for day in every]
    series = {name: _series(_by_day(rx, moment, spans, where), first, days) for name, (moment, where) in asked.items()}
    counted: breakdowns.Where = (Credit.launch_id == launch.id, Credit.state == "counted", Credit.created_at >= start)
    counted = (*counted, *only.among(launch.id, Credit.friend_id, Entry.id))
    credited = rx.scalar(sa.select(sa.func.count()).where(*counted)) or 0
    seen = _visits(rx, launch.id, first)
    visits = seen.pop("visit", 0)
    here = (*mine, Entry.created_at >= start)
    return Trends(
        series=series,
        visits=None if only.domain or only.country else seen.get(f"visit:{only.source}", 0) if only.source else visits,
        k=credited / max(series["confirmed"].total, 1),
        sources=breakdowns.sources(rx, here, {} if only.is_some else seen),
        domains=breakdowns.domains(rx, here),
        countries=breakdowns.countries(rx, here),
        inviters=breakdowns.inviters(rx, counted),
    )


def needs(rx: Tx, launch: Launch) -> Needs:
    """What waits for the team right now, and the wave that comes next by itself."""
    failed = rx.scalar(sa.select(sa.func.count()).where(Message.launch_id == launch.id, Message.state == "failed"))
    waves = (Wave.launch_id == launch.id, Wave.due_at.is_not(None), Wave.state.in_((WaveState.SCHEDULED, "holding")))
    coming = rx.execute(sa.select(Wave).where(*waves).order_by(Wave.due_at).limit(1)).first()
    paused = (Wave.launch_id == launch.id, Wave.state == WaveState.PAUSED)
    return Needs(
        asks=len(asks.of_team(rx, launch.id)),
        failed=failed or 0,
        paused=rx.scalar(sa.select(sa.func.count()).where(*paused)) or 0,
        next_wave=coming,  # type: ignore[arg-type]  # a Row has the columns of its noun
    )


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


def _by_day(
    rx: Tx, moment: Moment, spans: list[tuple[date, datetime, datetime]], where: tuple[Any, ...]
) -> "Counter[date]":
    """One count for each day, between its midnights: no engine knows every zone, and an index knows every moment."""
    columns = (sa.column("day", sa.Integer()), sa.column("start", UTCDateTime()), sa.column("stop", UTCDateTime()))
    rows = [(n, start, stop) for n, (_, start, stop) in enumerate(spans)]
    day = sa.values(*columns, name="span").data(rows).cte("span")
    counted = sa.select(sa.func.count()).where(*where, moment >= day.c.start, moment < day.c.stop)
    found = rx.execute(sa.select(day.c.day, counted.correlate(day).scalar_subquery().label("n")))
    return Counter({spans[row.day][0]: row.n for row in found})


def _series(counted: "Counter[date]", first: date, days: int) -> Series:
    every = [first + timedelta(days=i) for i in range(days)]
    return Series(tuple(Day(i, day, counted[day], counted[day - timedelta(days=days)]) for i, day in enumerate(every)))


def _visits(rx: Tx, launch_id: int, first: date) -> dict[str, int]:
    query = sa.select(Observation.name, sa.func.sum(Observation.n).label("seen"))
    mine = (Observation.launch_id == launch_id, Observation.day >= first, Observation.name.like("visit%"))
    return {row.name: int(row.seen) for row in rx.execute(query.where(*mine).group_by(Observation.name))}
