"""The audit log. Events are appended with their cause and sealed into a hash chain afterwards."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class Event(Base):
    """Who did what to what, when. Personal values stand here as a salted commitment only."""

    __tablename__ = "event"
    __table_args__ = (
        sa.Index("ix_event_launch", "launch_id", "id"),
        sa.Index("ix_event_subject", "subject_kind", "subject_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("launch.id"))
    at: Mapped[datetime]
    actor: Mapped[str]
    verb: Mapped[str]  # joining.confirmed, releasing.stopped, ...
    subject_kind: Mapped[str]
    subject_id: Mapped[int | None]
    request_id: Mapped[str | None]
    data: Mapped[dict[str, Any]] = mapped_column(default=dict)  # never a personal value
    commitment: Mapped[str | None]  # sha256 of salt and detail


class EventDetail(Base):
    """The personal part of an event; deleting it leaves the chain valid."""

    __tablename__ = "event_detail"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), primary_key=True)
    salt: Mapped[str]
    detail: Mapped[dict[str, Any]]


class EventSeal(Base):
    """One link of the hash chain over committed events."""

    __tablename__ = "event_seal"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("event.id"), unique=True)
    digest: Mapped[str]
    sealed_at: Mapped[datetime]
