"""The team: who was called to it and has not answered, and the passkeys of its admins."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base

_OPEN = "accepted_at IS NULL AND revoked_at IS NULL"


class Appointment(Base):
    """A mailed offer of a role on one launch, or with launch None on all of them. One open offer an address there."""

    __tablename__ = "appointment"
    __table_args__ = (
        sa.CheckConstraint("role IN ('owner', 'admin', 'releaser', 'reviewer', 'analyst', 'viewer')", name="role"),
        sa.Index(
            "ix_appointment_open",
            "launch_id",
            "email_key",
            unique=True,
            sqlite_where=sa.text(f"{_OPEN} AND launch_id IS NOT NULL"),
            postgresql_where=sa.text(f"{_OPEN} AND launch_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_appointment_open_host",
            "email_key",
            unique=True,
            sqlite_where=sa.text(f"{_OPEN} AND launch_id IS NULL"),
            postgresql_where=sa.text(f"{_OPEN} AND launch_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("launch.id"))
    email: Mapped[str]
    email_key: Mapped[str]
    language: Mapped[str]
    role: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)  # of the link; sending again ends the one before
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    accepted_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class Passkey(Base):
    """A key that an admin's device or password manager holds; only its public half is here."""

    __tablename__ = "passkey"
    __table_args__ = (sa.Index("ix_passkey_user", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    name: Mapped[str]
    credential_id: Mapped[str] = mapped_column(unique=True)  # base64url
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary())
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def open_appointments(launch_id: int | None) -> sa.Select[Appointment]:
    """The offers of one launch (or of all launches) that nobody accepted or took back; the late ones too."""
    return sa.select(Appointment).where(
        Appointment.launch_id.is_not_distinct_from(launch_id),
        Appointment.accepted_at.is_(None),
        Appointment.revoked_at.is_(None),
    )
