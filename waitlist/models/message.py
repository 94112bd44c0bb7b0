"""The outbox: mails and later webhooks, written in the transaction of their cause and sent by the worker."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class MessageState(StrEnum):
    QUEUED = "queued"
    LEASED = "leased"
    TRANSMITTING = "transmitting"
    SENT = "sent"
    FAILED = "failed"
    HELD = "held"
    CANCELLED = "cancelled"


class Message(Base):
    """One mail to one address. Its bytes are set at the first attempt and repeated unchanged."""

    __tablename__ = "message"
    __table_args__ = (
        sa.UniqueConstraint("dedupe_key"),
        sa.CheckConstraint(
            "state IN ('queued', 'leased', 'transmitting', 'sent', 'failed', 'held', 'cancelled')", name="state"
        ),
        # Who is next: what people wait for first, then in order; the launch is there for its pace.
        sa.Index("ix_message_due", "state", "priority", "available_at", "id", "launch_id"),
        sa.Index("ix_message_entry", "entry_id", "id"),
        sa.Index("ix_message_to", "to_key", "state"),
        sa.Index(
            "ix_message_attempt",
            "attempt_id",
            sqlite_where=sa.text("attempt_id IS NOT NULL"),
            postgresql_where=sa.text("attempt_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_message_invite",
            "invite_id",
            sqlite_where=sa.text("invite_id IS NOT NULL"),
            postgresql_where=sa.text("invite_id IS NOT NULL"),
        ),
        sa.Index("ix_message_launch", "launch_id", "id"),
        sa.Index("ix_message_wave", "wave_id", "state"),
        sa.Index(
            "ix_message_broadcast",
            "broadcast_id",
            "state",
            sqlite_where=sa.text("broadcast_id IS NOT NULL"),
            postgresql_where=sa.text("broadcast_id IS NOT NULL"),
        ),
        sa.Index("ix_message_state", "launch_id", "state", "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    dedupe_key: Mapped[str]
    channel: Mapped[str] = mapped_column(default="mail")
    kind: Mapped[str]  # of letters.LETTERS
    launch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("launch.id"))
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("attempt.id"))
    invite_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invite.id"))
    wave_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wave.id"))
    broadcast_id: Mapped[int | None] = mapped_column(sa.ForeignKey("broadcast.id"))
    to_address: Mapped[str]
    to_key: Mapped[str]
    language: Mapped[str]
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    message_id: Mapped[str] = mapped_column(unique=True)  # the Message-ID header
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary())  # rendered bytes, AES-GCM
    priority: Mapped[int] = mapped_column(default=1)  # 0: somebody waits for it right now (letters.Kind.priority)
    state: Mapped[str] = mapped_column(default=MessageState.QUEUED)
    state_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    available_at: Mapped[datetime]
    last_error: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class MailboxChoice(Base):
    """What one mailbox wants from one launch (or, with launch None, what the whole host learned: it bounced)."""

    __tablename__ = "mailbox_choice"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "email_key"),
        sa.Index(
            "ix_mailbox_choice_host",
            "email_key",
            unique=True,
            sqlite_where=sa.text("launch_id IS NULL"),
            postgresql_where=sa.text("launch_id IS NULL"),
        ),
        sa.Index(
            "ix_mailbox_choice_digest",
            "digest_at",
            sqlite_where=sa.text("digest"),
            postgresql_where=sa.text("digest"),
        ),
        sa.Index(
            "ix_mailbox_choice_bounced",
            "email_key",
            sqlite_where=sa.text("bounced_at IS NOT NULL"),
            postgresql_where=sa.text("bounced_at IS NOT NULL"),
        ),
        sa.CheckConstraint("wants IN ('all', 'place', 'nothing')", name="wants"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("launch.id"))
    email: Mapped[str]
    email_key: Mapped[str]
    wants: Mapped[str] = mapped_column(default="all")
    wanted_before: Mapped[str | None]
    digest: Mapped[bool] = mapped_column(default=False)  # a mail a week about the place
    digest_at: Mapped[datetime | None]  # of the last one
    digest_place: Mapped[int | None]  # what it said
    digest_arrival: Mapped[int | None]  # and the place by order of confirmation alone, to say why it changed
    do_not_invite_at: Mapped[datetime | None]
    bounced_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


def key_of_hash(abuse_key: str) -> str:
    """The key of the choices of a mailbox that was erased and asked not to be written to: a hash, never an address."""
    return f"~{abuse_key}"


def choice_of(launch_id: int, email_key: str) -> sa.Select[MailboxChoice]:
    return sa.select(MailboxChoice).where(MailboxChoice.launch_id == launch_id, MailboxChoice.email_key == email_key)


def failed_of(wave_id: int) -> list[sa.ColumnElement[bool]]:
    """The invites of a wave that did not arrive and may be tried again: their mailbox did not refuse for good."""
    bounced = sa.select(MailboxChoice.email_key).where(MailboxChoice.bounced_at.is_not(None))
    return [
        Message.wave_id == wave_id,
        Message.kind == "invite",
        Message.state == MessageState.FAILED,
        Message.to_key.not_in(bounced),
    ]


class Pace(Base):
    """A leaky bucket: when the next mail of a launch (or, with id 0, of the host) may leave."""

    __tablename__ = "pace"

    launch_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    next_at: Mapped[datetime]
