"""Stages: the plan of a launch, step by step, with who said yes to a step and the days on which nobody is invited."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class Stage(Base):
    """An ordered step of the rollout plan. A launch always has at least one."""

    __tablename__ = "stage"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "ordinal"),
        sa.CheckConstraint("mode IN ('open', 'release', 'redeem')", name="mode"),
        sa.CheckConstraint("selects IN ('fifo', 'draw', 'score', 'manual')", name="selects"),
        sa.CheckConstraint("starts IN ('at', 'after', 'hand', 'approval')", name="starts"),
        sa.CheckConstraint("quota IS NULL OR (quota > 0 AND share_ppm IS NULL)", name="quota"),
        sa.CheckConstraint("share_ppm IS NULL OR share_ppm BETWEEN 1 AND 1000000", name="share_ppm"),
        sa.CheckConstraint("reserved_seats >= 0", name="reserved_seats"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    ordinal: Mapped[int]
    key: Mapped[str]
    kind: Mapped[str]  # the preset it came from
    mode: Mapped[str]
    tree: Mapped[dict[str, Any] | None]  # None: the launch's own rules
    name: Mapped[str] = mapped_column(default="")  # as people read it; "": its key
    selects: Mapped[str] = mapped_column(default="fifo")
    quota: Mapped[int | None]  # people of each wave; None with no share: everybody who fits
    share_ppm: Mapped[int | None]  # the same as parts per million of those who fit at the cut
    reserved_seats: Mapped[int] = mapped_column(default=0)
    backfill: Mapped[bool] = mapped_column(default=False)  # seats that came back enlarge its next wave
    starts: Mapped[str] = mapped_column(default="hand")
    after_minutes: Mapped[int] = mapped_column(default=0)  # of dwell since the stage before started
    approvals: Mapped[int] = mapped_column(default=0)  # that its start needs, by others than who planned it
    exits: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what must be so before the next stage starts
    every_minutes: Mapped[int | None]  # from one wave to the next; None: one wave
    waves_most: Mapped[int | None]  # None: until nobody is left who fits
    waves_made: Mapped[int] = mapped_column(default=0)
    timing: Mapped[dict[str, Any]] = mapped_column(default=dict)  # pace, quiet hours and window of undoing of its waves
    offer: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what its waves offer; {}: what the launch does
    planned_by: Mapped[str | None]
    started_at: Mapped[datetime | None]  # or the moment at which it will
    started_by: Mapped[str | None]
    dwell_from: Mapped[datetime | None]  # what the stage after it counts from; a pause moves it
    next_at: Mapped[datetime | None]  # when its next wave is due
    ended_at: Mapped[datetime | None]  # it makes no more waves, or was skipped


class Approval(Base):
    """Somebody else's yes to the start of a stage, as it was planned then."""

    __tablename__ = "approval"
    __table_args__ = (sa.UniqueConstraint("stage_id", "by"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id"))
    by: Mapped[str]
    at: Mapped[datetime]


class Blackout(Base):
    """Days on which nobody is invited, whatever is due."""

    __tablename__ = "blackout"
    __table_args__ = (sa.CheckConstraint("starts_at < ends_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    created_at: Mapped[datetime]
    created_by: Mapped[str]


def stages(launch_id: int) -> sa.Select[Stage]:
    """The plan of a launch, in order."""
    return sa.select(Stage).where(Stage.launch_id == launch_id).order_by(Stage.ordinal)


def blackouts(launch_id: int) -> sa.Select[Blackout]:
    """Every one of a launch, past ones too, in order."""
    return sa.select(Blackout).where(Blackout.launch_id == launch_id).order_by(Blackout.starts_at)
