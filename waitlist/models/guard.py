"""Guardrails: rates that a wave may not pass, what is done when one does, and what products tell of their people."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base

METRICS = ("problems", "bounces", "complaints", "errors")
ACTIONS = ("warn", "pause", "hold", "recall", "revoke", "kill")
SIGNALS = ("exposure", "outcome", "error", "complaint")


class Guardrail(Base):
    """What happens once a wave surely has more than `limit_ppm` of its people with this trouble."""

    __tablename__ = "guardrail"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "metric"),
        sa.CheckConstraint("metric IN ('problems', 'bounces', 'complaints', 'errors')", name="metric"),
        sa.CheckConstraint("action IN ('warn', 'pause', 'hold', 'recall', 'revoke', 'kill')", name="action"),
        sa.CheckConstraint("limit_ppm BETWEEN 1 AND 999999", name="limit_ppm"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    metric: Mapped[str]
    limit_ppm: Mapped[int]
    action: Mapped[str]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str]


class Trip(Base):
    """A guardrail that acted on a wave, once, with what it saw: `k` of `n` people, and the e-value."""

    __tablename__ = "trip"
    __table_args__ = (sa.UniqueConstraint("wave_id", "metric"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    wave_id: Mapped[int] = mapped_column(sa.ForeignKey("wave.id"))
    metric: Mapped[str]
    limit_ppm: Mapped[int]
    action: Mapped[str]
    k: Mapped[int]
    n: Mapped[int]
    e: Mapped[int]
    tripped_at: Mapped[datetime]


class Signal(Base):
    """What a product told of a person: seen by an experiment, an outcome, an error, a complaint. The first counts."""

    __tablename__ = "signal"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "kind", "name"),
        sa.CheckConstraint("kind IN ('exposure', 'outcome', 'error', 'complaint')", name="kind"),
        sa.Index("ix_signal_launch", "launch_id", "kind", "name"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    kind: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    first_at: Mapped[datetime]
    told_by: Mapped[str]
