"""The pulse of a launch for one person: it differs as soon as an answer to them may differ."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, one
from waitlist.models.event import Event
from waitlist.models.hold import Hold
from waitlist.models.launch import Launch, by_id
from waitlist.models.stage import Stage


@dataclass(frozen=True)
class Pulse:
    """What is compared; `killed` changes are told at once, the others may wait a moment."""

    newest: int  # event of the launch itself or of the person
    dates: tuple[bool, ...]
    stages: int
    killed: bool


def pulse(rx: Tx, launch_id: int, entry_id: int | None, now: datetime) -> Pulse:
    """Read it in five small statements."""
    about = sa.and_(Event.subject_kind == "launch", Event.subject_id == launch_id)
    theirs = sa.and_(Event.subject_kind == "entry", Event.subject_id == entry_id)
    newest = rx.scalar(sa.select(sa.func.max(Event.id)).where(about)) or 0
    own = rx.scalar(sa.select(sa.func.max(Event.id)).where(theirs)) or 0
    launch = one(rx, by_id(launch_id))
    moments = (None, None, None) if launch is None else _moments(launch)
    started = sa.select(sa.func.count()).where(Stage.launch_id == launch_id, Stage.started_at <= now)
    holds = rx.scalars(sa.select(Hold.effect).where(Hold.launch_id == launch_id, Hold.released_at.is_(None)))
    return Pulse(
        newest=max(newest, own),
        dates=tuple(moment is not None and moment <= now for moment in moments),
        stages=rx.scalar(started) or 0,
        killed=any("access" in effect for effect in holds),
    )


def _moments(launch: Launch) -> tuple[datetime | None, datetime | None, datetime | None]:
    return launch.opens_at, launch.closes_at, launch.launched_at
