"""Sweeps: one action on many people, whom somebody chose and looked at before anything happened."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base

UNDO = timedelta(minutes=10)


class Deed(StrEnum):
    """What is done with each of them."""

    HOLD = "hold"
    RELEASE = "release"
    MOVE = "move"
    VIP = "vip"
    TAG = "tag"
    REMOVE = "remove"


class SweepState(StrEnum):
    DRAFT = "draft"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"


class Sweep(Base):
    """Its people are fixed when it is drafted; `params` holds what the deed asks for beside a reason."""

    __tablename__ = "sweep"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'running', 'done', 'undoing', 'undone')", name="state"),
        sa.CheckConstraint("deed IN ('hold', 'release', 'move', 'vip', 'tag', 'remove')", name="deed"),
        sa.Index(
            "ix_sweep_going",
            "state",
            sqlite_where=sa.text("state IN ('running', 'undoing')"),
            postgresql_where=sa.text("state IN ('running', 'undoing')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    deed: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(default="")
    words: Mapped[str] = mapped_column(default="")  # the filter as it was read, "" for people who were ticked
    state: Mapped[str]
    total: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]
    done_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None]


class SweepMember(Base):
    """One person of a sweep: planned -> done | skipped (with why), done -> undone | kept (with why)."""

    __tablename__ = "sweep_member"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('planned', 'done', 'skipped', 'undone', 'kept')", name="outcome"),
        sa.Index("ix_sweep_member_next", "sweep_id", "outcome", "position"),
    )

    sweep_id: Mapped[int] = mapped_column(sa.ForeignKey("sweep.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    seen_state: Mapped[str]  # the stored state that was looked at
    outcome: Mapped[str] = mapped_column(default="planned")
    why: Mapped[str] = mapped_column(default="")
    kept: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what undoing needs


def by_public_id(launch_id: int, public_id: str) -> sa.Select[Sweep]:
    return sa.select(Sweep).where(Sweep.launch_id == launch_id, Sweep.public_id == public_id)
