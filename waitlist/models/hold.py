"""Holds, the deny list, and named lists of addresses."""

from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from waitlist.db import Base, Tx

FREEZE = ["admit"]
SUSPEND = ["admit", "redeem"]
KILL = ["admit", "redeem", "access"]


class Hold(Base):
    """A recorded stop with its reason, source and effect; never a boolean. Effective while not released."""

    __tablename__ = "hold"
    __table_args__ = (
        sa.CheckConstraint("scope IN ('launch', 'stage', 'predicate', 'subtree', 'entry')", name="scope"),
        sa.CheckConstraint("source IN ('admin', 'guardrail', 'schedule', 'lockdown', 'abuse')", name="source"),
        sa.Index(
            "ix_hold_open",
            "launch_id",
            "scope",
            sqlite_where=sa.text("released_at IS NULL"),
            postgresql_where=sa.text("released_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    scope: Mapped[str]
    target_id: Mapped[int | None]  # stage or entry
    predicate: Mapped[dict[str, Any] | None]
    effect: Mapped[list[Any]]  # of admit, redeem, access
    source: Mapped[str]
    reason: Mapped[str]  # for the team
    public_reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    released_at: Mapped[datetime | None]
    released_by: Mapped[str | None]


class Denied(Base):
    """An address or a domain that may not come in. It beats every rule and every invite."""

    __tablename__ = "denied"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('address', 'domain')", name="kind"),
        sa.Index(
            "ix_denied_value",
            "launch_id",
            "kind",
            "value",
            unique=True,
            sqlite_where=sa.text("removed_at IS NULL"),
            postgresql_where=sa.text("removed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    kind: Mapped[str]
    value: Mapped[str]  # an abuse key for an address, an A-label for a domain
    shown: Mapped[str]  # as typed
    reason: Mapped[str]
    until: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]
    removed_reason: Mapped[str | None]


class NamedList(Base):
    """A named list of mailboxes (VIPs, an allow-list) that rules refer to by key."""

    __tablename__ = "named_list"
    __table_args__ = (sa.UniqueConstraint("launch_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    key: Mapped[str]
    title: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    created_by: Mapped[str]


class ListRow(Base):
    """One mailbox on a list; may hold the hash instead of the address."""

    __tablename__ = "list_row"
    __table_args__ = (sa.UniqueConstraint("list_id", "abuse_key"), sa.Index("ix_list_row_key", "abuse_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("named_list.id"))
    email: Mapped[str | None]
    email_key: Mapped[str | None]
    abuse_key: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    added_at: Mapped[datetime]


@lru_cache(maxsize=256)  # asked by every join and every page; a statement never changes
def open_holds(launch_id: int) -> sa.Select[Hold]:
    """Unreleased holds of a whole launch, a stage or a predicate; entry and subtree holds stand on the entry."""
    return sa.select(Hold).where(
        Hold.launch_id == launch_id, Hold.released_at.is_(None), Hold.scope.in_(("launch", "stage", "predicate"))
    )


def stage_hold(stage_id: int | sa.ColumnElement[int] | InstrumentedAttribute[int]) -> sa.Select[Hold]:
    """What stops admissions by a stage now."""
    return sa.select(Hold).where(Hold.scope == "stage", Hold.target_id == stage_id, Hold.released_at.is_(None))


def held_launches(tx: Tx, effect: str) -> list[int]:
    """The launches in which a hold on the whole launch stops this: admit, redeem or access."""
    rows = tx.execute(sa.select(Hold.launch_id, Hold.effect).where(Hold.scope == "launch", Hold.released_at.is_(None)))
    return sorted({row.launch_id for row in rows if effect in row.effect})
