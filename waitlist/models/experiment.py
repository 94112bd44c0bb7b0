"""Arms and experiments: how people are split, and what is asked of it."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class ArmSplit(Base):
    """The arms of a launch and their weights in one version; the newest is in force. No arms: everybody is control."""

    __tablename__ = "arm_split"
    __table_args__ = (sa.UniqueConstraint("launch_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    version: Mapped[int]
    arms: Mapped[list[Any]]  # pairs: a name, its weight in parts per million
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class Experiment(Base):
    """A question to the arms: which outcome, until when. Its end is fixed before it starts; one runs at a time."""

    __tablename__ = "experiment"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "key"),
        sa.CheckConstraint("min_people IS NOT NULL OR ends_at IS NOT NULL", name="planned_end"),
        sa.Index(
            "ix_experiment_running",
            "launch_id",
            unique=True,
            sqlite_where=sa.text("stopped_at IS NULL"),
            postgresql_where=sa.text("stopped_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    key: Mapped[str]  # the name of its exposures
    outcome: Mapped[str]  # the name of the outcome that counts
    min_people: Mapped[int | None]
    ends_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    started_by: Mapped[str]
    stopped_at: Mapped[datetime | None]
    stopped_by: Mapped[str | None]
    shipped: Mapped[str] = mapped_column(default="")  # the arm that everybody new gets since


def experiment_by_key(launch_id: int, key: str) -> sa.Select[Experiment]:
    return sa.select(Experiment).where(Experiment.launch_id == launch_id, Experiment.key == key)


def split_in_force(launch_id: int) -> sa.Select[ArmSplit]:
    newest = sa.select(ArmSplit).where(ArmSplit.launch_id == launch_id)
    return newest.order_by(ArmSplit.version.desc()).limit(1)
