"""Invites, their redemptions, and the admissions that hold seats."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class InviteSource(StrEnum):
    WAVE = "wave"
    ADMIN = "admin"
    MEMBER = "member"


class AdmissionState(StrEnum):
    OFFERED = "offered"
    ACTIVE = "active"
    EXPIRED = "expired"
    DECLINED = "declined"
    REVOKED = "revoked"


# In these very words, so that both engines see that the index over the team's bound invites serves the question.
OF_TEAM = "source <> 'member' AND email_key IS NOT NULL"


class Invite(Base):
    """Permission to enter: bound to one address, or a link and typed code for n people.

    Its links and codes are derived from the row and `version`; a new version ends the old ones.
    """

    __tablename__ = "invite"
    __table_args__ = (
        sa.CheckConstraint("uses BETWEEN 0 AND max_uses", name="uses"),
        sa.CheckConstraint("email_key IS NULL OR max_uses = 1", name="bound"),
        sa.CheckConstraint("source IN ('wave', 'admin', 'member')", name="source"),
        sa.UniqueConstraint("code_hash"),
        sa.Index("ix_invite_address", "launch_id", "email_key"),
        sa.Index("ix_invite_inviter", "inviter_id", "id"),
        sa.Index("ix_invite_code_end", "launch_id", "code_end"),
        sa.Index(
            "ix_invite_created",
            "launch_id",
            "created_at",
            sqlite_where=sa.text(OF_TEAM),
            postgresql_where=sa.text(OF_TEAM),
        ),
        sa.Index(
            "ix_invite_due",
            "expires_at",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    source: Mapped[str]
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"), index=True)  # whom it is for, when in line
    inviter_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    wave_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wave.id"))
    email: Mapped[str | None]
    email_key: Mapped[str | None]
    email_abuse_key: Mapped[str | None]
    max_uses: Mapped[int] = mapped_column(default=1)
    uses: Mapped[int] = mapped_column(default=0)
    holds_seat: Mapped[bool] = mapped_column(default=False)
    overrides_rules: Mapped[bool] = mapped_column(default=False)  # an admin ticked so for this invite
    allowance: Mapped[int] = mapped_column(default=0)  # invites the person may give once in
    lapse_policy: Mapped[str] = mapped_column(default="keep")
    note: Mapped[str] = mapped_column(default="")  # plain text, without links
    language: Mapped[str] = mapped_column(default="en")
    version: Mapped[int] = mapped_column(default=1)
    code_hash: Mapped[str | None]
    code_end: Mapped[str | None]  # last four symbols, for lists
    batch: Mapped[str | None] = mapped_column(index=True)  # the public id that codes made together share
    prefix: Mapped[str] = mapped_column(default="")  # what is printed before the code; nothing hangs on it
    domain: Mapped[str | None]  # only for mailboxes there, whatever the rules let in beside
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    starts_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]  # of the newest version
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    declined_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]  # somebody asked for a new one
    appeal: Mapped[str | None]  # asked for as a first one, with this reason; None for every other invite
    asked_answer_at: Mapped[datetime | None]
    renewed: Mapped[int] = mapped_column(default=0)
    remind: Mapped[bool] = mapped_column(default=True)  # one mail two days before the end
    reminded_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # its last use was taken, or its unused uses went back


class Wish(Base):
    """Somebody who pressed when the last seat was taken, and wants to be told when one is free."""

    __tablename__ = "wish"
    __table_args__ = (
        sa.UniqueConstraint("invite_id", "email_key"),
        sa.Index(
            "ix_wish_open",
            "launch_id",
            "id",
            sqlite_where=sa.text("told_at IS NULL"),
            postgresql_where=sa.text("told_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    invite_id: Mapped[int] = mapped_column(sa.ForeignKey("invite.id"))
    email: Mapped[str]
    email_key: Mapped[str]
    language: Mapped[str]
    wished_at: Mapped[datetime]
    told_at: Mapped[datetime | None]


class Redemption(Base):
    """One use of an invite, and the row that proves it."""

    __tablename__ = "redemption"
    __table_args__ = (
        sa.UniqueConstraint("invite_id", "entry_id"),
        sa.Index("ix_redemption_launch", "launch_id", "redeemed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    invite_id: Mapped[int] = mapped_column(sa.ForeignKey("invite.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"), index=True)
    redeemed_at: Mapped[datetime]


class Admission(Base):
    """The ledger row that holds a seat. What was given stays given."""

    __tablename__ = "admission"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "entry_id"),
        sa.CheckConstraint("state IN ('offered', 'active', 'expired', 'declined', 'revoked')", name="state"),
        sa.CheckConstraint("via IN ('release', 'redeem', 'rule', 'admin', 'transfer')", name="via"),
        sa.Index(
            "ix_admission_due",
            "expires_at",
            sqlite_where=sa.text("state = 'offered'"),
            postgresql_where=sa.text("state = 'offered'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"), index=True)
    stage_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stage.id"))
    wave_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wave.id"), index=True)
    invite_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invite.id"))
    gate_revision: Mapped[int]
    ticket: Mapped[int]
    arm: Mapped[str] = mapped_column(default="control")
    split_id: Mapped[int | None] = mapped_column(sa.ForeignKey("arm_split.id"))  # by which the arm was fixed
    via: Mapped[str]
    state: Mapped[str]
    seat: Mapped[bool]
    expires_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    state_at: Mapped[datetime]
    state_by: Mapped[str]


class Handoff(Base):
    """A one-time `wl_code` with which a new member walks into the product."""

    __tablename__ = "handoff"

    id: Mapped[int] = mapped_column(primary_key=True)
    code_hash: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    admission_id: Mapped[int] = mapped_column(sa.ForeignKey("admission.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    exchanged_at: Mapped[datetime | None]
    exchanged_by: Mapped[str | None]


def by_public_id(launch_id: int, public_id: str) -> sa.Select[Invite]:
    return sa.select(Invite).where(Invite.launch_id == launch_id, Invite.public_id == public_id)


def by_code(code_hash: str) -> sa.Select[Invite]:
    return sa.select(Invite).where(Invite.code_hash == code_hash)


def meant_for(launch_id: int, entry_id: int, email_keys: Collection[str]) -> sa.ColumnElement[bool]:
    """The invites of a launch for one person, by their entry or an address: each by its index, not an OR over all."""
    here = sa.select(Invite.id).where(Invite.launch_id == launch_id)
    by_entry = sa.select(Invite.id).where(Invite.entry_id == entry_id, Invite.launch_id + 0 == launch_id)
    return Invite.id.in_(by_entry.union(here.where(Invite.email_key.in_(email_keys))))
