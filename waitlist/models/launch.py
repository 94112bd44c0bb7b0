"""Launches, their lines, stages and rules: what is being gated, and for whom."""

import re
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base

MAIN = "main"
INTEREST = "interest"  # unranked: people we only tell when it opens to them
LINE_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class OnFull(StrEnum):
    """What happens to joining once no seat is left."""

    QUEUE = "queue"
    CLOSE = "close"


class LapsePolicy(StrEnum):
    """What an invite that ended unused does to the place of its person."""

    KEEP = "keep"
    END = "end"
    LEAVE = "leave"


class PlacesShown(StrEnum):
    EXACT = "exact"
    BAND = "band"
    HIDDEN = "hidden"


class Launch(Base):
    """The thing being gated. Its condition (open, paused, full, ...) follows from dates, holds and counts."""

    __tablename__ = "launch"
    __table_args__ = (
        sa.CheckConstraint("points BETWEEN 0 AND 1000", name="points"),
        sa.CheckConstraint("points_cap IS NULL OR points_cap BETWEEN 0 AND 10000", name="points_cap"),
        sa.CheckConstraint("leaderboard IN (0, 10, 25, 100)", name="leaderboard"),
        sa.CheckConstraint("on_full IN ('queue', 'close')", name="on_full"),
        sa.CheckConstraint("lapse_policy IN ('keep', 'end', 'leave')", name="lapse_policy"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    headline: Mapped[str] = mapped_column(default="")
    pitch: Mapped[str] = mapped_column(default="")  # markdown
    language: Mapped[str] = mapped_column(default="en")
    tz: Mapped[str] = mapped_column(default="UTC")
    product_url: Mapped[str | None]
    contact_email: Mapped[str | None]
    policy_url: Mapped[str | None]
    logo_hash: Mapped[str | None]  # of a row of `picture`
    logo_alt: Mapped[str] = mapped_column(default="")
    picture_hash: Mapped[str | None]
    picture_alt: Mapped[str] = mapped_column(default="")
    faq: Mapped[list[Any]] = mapped_column(default=list)  # pairs: a question, its answer in markdown
    accent: Mapped[str | None]  # #rrggbb, already corrected for contrast
    listed: Mapped[bool] = mapped_column(default=False)
    show_count: Mapped[bool] = mapped_column(default=False)
    places_shown: Mapped[str] = mapped_column(default=PlacesShown.EXACT)
    leaderboard: Mapped[int] = mapped_column(default=0)  # people on one page of it; 0: there is none
    show_plan: Mapped[bool] = mapped_column(default=False)  # whether people in line see when a scheduled wave is theirs
    share_text: Mapped[str] = mapped_column(default="")  # what people send with their link; "": the service's own words
    double_opt_in: Mapped[bool] = mapped_column(default=True)
    lasting_only: Mapped[bool] = mapped_column(default=False)  # refuses throw-away addresses
    domains_shown: Mapped[bool] = mapped_column(default=True)  # False: nobody outside reads which domains are let in
    access_asked: Mapped[bool] = mapped_column(default=False)  # "I should have access" is offered to those refused
    interest_open: Mapped[bool] = mapped_column(default=True)  # offers the interest line to those turned away
    seats: Mapped[int | None]  # None: no limit to admissions
    line_limit: Mapped[int | None]  # None: no limit to people in line
    on_full: Mapped[str] = mapped_column(default=OnFull.QUEUE)
    points: Mapped[int] = mapped_column(default=1)  # for each counted friend; 0 is a fixed order
    points_cap: Mapped[int | None] = mapped_column(default=10)  # friends that count; None: no cap
    invite_days: Mapped[int] = mapped_column(default=7)
    allowance: Mapped[int] = mapped_column(default=3)  # invites a new member may give
    lapse_policy: Mapped[str] = mapped_column(default=LapsePolicy.KEEP)
    renew_once: Mapped[bool] = mapped_column(default=False)  # an ended invite is renewed once without asking anyone
    mails_per_hour: Mapped[int | None]  # this launch's sending pace; None: the host's
    release_days: Mapped[str] = mapped_column(default="")  # "0" is Monday; "": every day
    release_from: Mapped[str] = mapped_column(default="")  # "09:00" on walls of `tz`; "": at any time
    release_to: Mapped[str] = mapped_column(default="")
    two_person: Mapped[bool] = mapped_column(default=False)
    two_steps: Mapped[bool] = mapped_column(default=False)  # its admins sign in by two steps
    salt: Mapped[str]  # hex; tickets are drawn with it, its hash is public from the first day
    salt_commitment: Mapped[str]
    algo_version: Mapped[int] = mapped_column(default=1)
    revision: Mapped[int] = mapped_column(default=1)  # of the rules in force
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    launched_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]
    changed_by: Mapped[str | None]


class Line(Base):
    """An ordered set of entries inside a launch; an entry stands in exactly one."""

    __tablename__ = "line"
    __table_args__ = (sa.UniqueConstraint("launch_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    key: Mapped[str]
    ranked: Mapped[bool] = mapped_column(default=True)


class GateRevision(Base):
    """One version of a launch's rules: the typed tree that decisions name by its revision."""

    __tablename__ = "gate_revision"
    __table_args__ = (sa.UniqueConstraint("launch_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    revision: Mapped[int]
    tree: Mapped[dict[str, Any]]
    note: Mapped[str] = mapped_column(default="")  # shown on "How this line works"
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class SeatCount(Base):
    """How many seats are held: a row of its own, so that counting never locks the launch."""

    __tablename__ = "seat_count"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "stage_id"),
        sa.CheckConstraint("counted >= 0 AND (seats IS NULL OR counted <= seats)", name="counted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    stage_id: Mapped[int] = mapped_column(default=0)  # 0: the launch's open pool
    seats: Mapped[int | None]
    counted: Mapped[int] = mapped_column(default=0)


class Question(Base):
    """A custom question, in one version; changing its words makes a new version and keeps the old answers true."""

    __tablename__ = "question"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "key", "version"),
        sa.CheckConstraint("kind IN ('one', 'many', 'short', 'long')", name="kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    key: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    ordinal: Mapped[int]
    kind: Mapped[str]
    label: Mapped[str]
    hint: Mapped[str] = mapped_column(default="")
    required: Mapped[bool] = mapped_column(default=False)
    may_decline: Mapped[bool] = mapped_column(default=False)  # "I would rather not say" is an answer
    choices: Mapped[list[Any]] = mapped_column(default=list)
    longest: Mapped[int] = mapped_column(default=500)  # characters
    most: Mapped[int | None]  # choices
    retired_at: Mapped[datetime | None]


class ConsentText(Base):
    """What people may agree to when they join, in one version of its words."""

    __tablename__ = "consent_text"
    __table_args__ = (sa.UniqueConstraint("launch_id", "key", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    key: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    ordinal: Mapped[int]
    text: Mapped[str]  # one line of markdown
    required: Mapped[bool] = mapped_column(default=False)
    retired_at: Mapped[datetime | None]


def by_id(launch_id: int) -> sa.Select[Launch]:
    return sa.select(Launch).where(Launch.id == launch_id)


def by_slug(slug: str) -> sa.Select[Launch]:
    return sa.select(Launch).where(Launch.slug == slug)


def by_public_id(public_id: str) -> sa.Select[Launch]:
    return sa.select(Launch).where(Launch.public_id == public_id)


def locked(launch_id: int) -> sa.Select[Launch]:
    """The launch row, locked against other batches while joins pass: their foreign keys take KEY SHARE only."""
    return sa.select(Launch).where(Launch.id == launch_id).with_for_update(key_share=True)


@lru_cache(maxsize=256)  # asked by every join; a statement never changes
def gate_in_force(launch_id: int) -> sa.Select[GateRevision]:
    return (
        sa.select(GateRevision)
        .join(Launch, sa.and_(Launch.id == GateRevision.launch_id, Launch.revision == GateRevision.revision))
        .where(Launch.id == launch_id)
    )


def questions(launch_id: int) -> sa.Select[Question]:
    """The questions asked today, in order."""
    return (
        sa.select(Question)
        .where(Question.launch_id == launch_id, Question.retired_at.is_(None))
        .order_by(Question.ordinal)
    )


def consent_texts(launch_id: int) -> sa.Select[ConsentText]:
    """What people may agree to today, in order."""
    return (
        sa.select(ConsentText)
        .where(ConsentText.launch_id == launch_id, ConsentText.retired_at.is_(None))
        .order_by(ConsentText.ordinal)
    )
