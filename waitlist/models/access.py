"""Who may do what: admins and their grants, sessions, and keys for products."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    RELEASER = "releaser"
    REVIEWER = "reviewer"
    ANALYST = "analyst"
    VIEWER = "viewer"

    def covers(self, least: "Role") -> bool:
        """Whether this role may do what `least` may; the roles stand here from the most to the least."""
        order = list(Role)
        return order.index(self) <= order.index(least)


class User(Base):
    """An admin. Members are entries, never users."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    password: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(unique=True)
    tf_primary_method: Mapped[str | None]
    tf_totp_secret: Mapped[str | None]  # encrypted with a key of this installation; None: one step is enough
    tf_counter: Mapped[int | None]  # of the newest six digits that were used; none works twice
    recovery_codes: Mapped[list[Any] | None]  # peppered hashes of those not used yet
    webauthn_handle: Mapped[str | None] = mapped_column(unique=True)
    language: Mapped[str | None]
    reset_version: Mapped[int] = mapped_column(default=1)  # of the reset link
    reset_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class Grant(Base):
    """A role on one launch, or with launch None on all of them."""

    __tablename__ = "grant"
    __table_args__ = (
        sa.UniqueConstraint("user_id", "launch_id"),
        sa.CheckConstraint("role IN ('owner', 'admin', 'releaser', 'reviewer', 'analyst', 'viewer')", name="role"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    launch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("launch.id"))
    role: Mapped[str]
    granted_at: Mapped[datetime]
    granted_by: Mapped[str]


class Preference(Base):
    """Something an admin chose for themselves alone; the row is the choice: `no_shortcuts`, `notice:smtp`."""

    __tablename__ = "preference"

    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(primary_key=True)
    set_at: Mapped[datetime]


class WebSession(Base):
    """A browser that signed in; the cookie holds an opaque id, the row everything else."""

    __tablename__ = "session"
    __table_args__ = (sa.Index("ix_session_entry", "entry_id"), sa.Index("ix_session_user", "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    id_hash: Mapped[str] = mapped_column(unique=True)
    data: Mapped[dict[str, Any]]
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    user_agent: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class ApiKey(Base):
    """A key a product asks with; only its peppered hash and its last four symbols are kept."""

    __tablename__ = "api_key"
    __table_args__ = (sa.CheckConstraint("kind IN ('secret', 'public')", name="kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    kind: Mapped[str]
    name: Mapped[str]
    key_hash: Mapped[str] = mapped_column(unique=True)
    key_end: Mapped[str]
    scopes: Mapped[list[Any]]
    origins: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    used_at: Mapped[datetime | None]


def user_by_email(email: str) -> sa.Select[User]:
    """The admin with this address (an address's key)."""
    return sa.select(User).where(User.email == email)


def grants_of(user_id: int) -> sa.Select[Grant]:
    return sa.select(Grant).where(Grant.user_id == user_id)


def key_in_force(key_hash: str, now: datetime) -> sa.Select[ApiKey]:
    """The key with this hash, unless it was revoked or its time is over."""
    return sa.select(ApiKey).where(
        ApiKey.key_hash == key_hash,
        ApiKey.revoked_at.is_(None),
        sa.or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
    )
