"""Broadcasts: what the team writes to many people at once, whom somebody chose and counted before anything was sent."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base
from waitlist.models.entry import ERASED, Consent, Entry, State
from waitlist.models.message import MailboxChoice
from waitlist.words import Words


class BroadcastState(StrEnum):
    DRAFT = "draft"
    HOLDING = "holding"  # confirmed, and can still be undone
    SENDING = "sending"
    PAUSED = "paused"
    STOPPED = "stopped"
    DONE = "done"


# Why somebody chosen gets none, in the order in which it is looked at.
REASONS = ("gone", "unconfirmed", "held", "bounced", "unsubscribed", "place_only", "not_agreed")


class Broadcast(Base):
    """Its people are fixed when it is drafted. `words`: by language, {subject, preheader, body}."""

    __tablename__ = "broadcast"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'holding', 'sending', 'paused', 'stopped', 'done')", name="state"),
        sa.Index(
            "ix_broadcast_going",
            "state",
            sqlite_where=sa.text("state IN ('holding', 'sending', 'paused')"),
            postgresql_where=sa.text("state IN ('holding', 'sending', 'paused')"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"), index=True)
    audience: Mapped[str] = mapped_column(default="")  # the filter as it was read, "" for people who were ticked
    agreed: Mapped[str | None]  # the key of the agreement that people must have given; None: it asks for none
    words: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=1)  # of words and agreement: what was looked at is what is confirmed
    state: Mapped[str]
    total: Mapped[int]
    due_at: Mapped[datetime | None]  # when a holding one starts to be sent
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None]
    ended_at: Mapped[datetime | None]


class BroadcastMember(Base):
    """One person of a broadcast: planned -> written | skipped (with why) | stopped."""

    __tablename__ = "broadcast_member"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('planned', 'written', 'skipped', 'stopped')", name="outcome"),
        sa.UniqueConstraint("broadcast_id", "entry_id"),
        sa.Index("ix_broadcast_member_next", "broadcast_id", "outcome", "position"),
    )

    broadcast_id: Mapped[int] = mapped_column(sa.ForeignKey("broadcast.id"), primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id", ondelete="CASCADE"), index=True)
    outcome: Mapped[str] = mapped_column(default="planned")
    why: Mapped[str] = mapped_column(default="")


def by_public_id(launch_id: int, public_id: str) -> sa.Select[Broadcast]:
    return sa.select(Broadcast).where(Broadcast.launch_id == launch_id, Broadcast.public_id == public_id)


def why_not(launch_id: int, agreed: str | None) -> sa.ColumnElement[str]:
    """Why an Entry gets no broadcast now, one of REASONS, or "" for who gets it."""
    box, mine = MailboxChoice, MailboxChoice.email_key == Entry.email_key
    here = sa.exists().where(mine, box.launch_id == launch_id)
    anywhere = sa.exists().where(mine, sa.or_(box.launch_id == launch_id, box.launch_id.is_(None)))
    given = sa.exists().where(Consent.entry_id == Entry.id, Consent.key == agreed, Consent.withdrawn_at.is_(None))
    found = (
        sa.or_(Entry.state.in_((State.LEFT, State.REMOVED)), Entry.email == ERASED),
        Entry.confirmed_no.is_(None),
        Entry.held_by.is_not(None),
        anywhere.where(box.bounced_at.is_not(None)),
        here.where(box.wants == "nothing"),
        here.where(box.wants == "place"),
        sa.false() if agreed is None else ~given,
    )
    return sa.case(*zip(found, REASONS, strict=True), else_="")


def words_in(broadcast: Broadcast, language: str) -> Words | None:
    """The words in this language, if there are any."""
    said = broadcast.words.get(language)
    return Words(said["body"], said["subject"], said["preheader"]) if said else None
