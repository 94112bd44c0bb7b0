"""Waves: frozen batches of entries invited together."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class WaveState(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    HOLDING = "holding"
    RELEASING = "releasing"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"
    RECALLED = "recalled"


class Wave(Base):
    """One batch. `params` is the audience and the offer; `digest` fixes the cut that was confirmed."""

    __tablename__ = "wave"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "seq"),
        sa.UniqueConstraint("stage_id", "stage_no"),  # a stage that is due twice makes one wave
        sa.CheckConstraint(
            "state IN ('draft', 'scheduled', 'holding', 'releasing', 'paused', 'stopped', 'done', 'recalled')",
            name="state",
        ),
        sa.Index("ix_wave_due", "state", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("line.id"))
    stage_id: Mapped[int] = mapped_column(sa.ForeignKey("stage.id"))
    stage_no: Mapped[int | None]  # of the waves that its stage made; None: somebody made it by hand
    seq: Mapped[int]
    name: Mapped[str]
    params: Mapped[dict[str, Any]]
    digest: Mapped[str | None]
    state: Mapped[str]
    state_at: Mapped[datetime]
    state_by: Mapped[str]
    state_before: Mapped[str | None]  # what resume goes back to
    due_at: Mapped[datetime | None]  # when a scheduled wave is cut, a holding one starts to release
    planned: Mapped[int] = mapped_column(default=0)
    invited: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    recalled: Mapped[int] = mapped_column(default=0)
    revoked: Mapped[int] = mapped_column(default=0)  # people who were in by it and stand in line again
    revoked_at: Mapped[datetime | None]
    hold_id: Mapped[int | None] = mapped_column(sa.ForeignKey("hold.id"))  # what stops its stage since it was revoked
    interrupted_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    released_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]


class WaveMember(Base):
    """One entry of a cut: planned -> invited | skipped | stopped, invited -> stopped | recalled | revoked."""

    __tablename__ = "wave_member"
    __table_args__ = (
        sa.UniqueConstraint("wave_id", "entry_id"),
        sa.CheckConstraint(
            "outcome IN ('planned', 'invited', 'skipped', 'stopped', 'recalled', 'revoked')", name="outcome"
        ),
        # An entry is planned in one open wave at most, whoever presses first.
        sa.Index(
            "ix_wave_member_open",
            "entry_id",
            unique=True,
            sqlite_where=sa.text("outcome = 'planned'"),
            postgresql_where=sa.text("outcome = 'planned'"),
        ),
        sa.Index("ix_wave_member_next", "wave_id", "outcome", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    position: Mapped[int]
    outcome: Mapped[str] = mapped_column(default="planned")
    reason: Mapped[str] = mapped_column(default="")
    invite_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invite.id"))


def by_public_id(launch_id: int, public_id: str) -> sa.Select[Wave]:
    return sa.select(Wave).where(Wave.launch_id == launch_id, Wave.public_id == public_id)


def by_number(launch_id: int, number: int) -> sa.Select[Wave]:
    return sa.select(Wave).where(Wave.launch_id == launch_id, Wave.seq == number)
