"""Credits and vouches, and the chain of who brought whom, always by bounded queries."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column

from waitlist.db import Base
from waitlist.models.entry import Entry


class Credit(Base):
    """What a friend adds to the referrer's score. One for each mailbox in a launch, whatever addresses it has."""

    __tablename__ = "credit"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "abuse_key"),
        sa.UniqueConstraint("friend_id"),
        sa.CheckConstraint("state IN ('counted', 'withheld', 'reversed')", name="state"),
        sa.Index("ix_credit_referrer", "referrer_id", "state"),
        sa.Index("ix_credit_created", "launch_id", "state", "created_at"),
        sa.Index(
            "ix_credit_unfolded",
            "launch_id",
            sqlite_where=sa.text("folded = 0"),
            postgresql_where=sa.text("NOT folded"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    referrer_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    friend_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    abuse_key: Mapped[str]
    points: Mapped[int]  # 0 beyond the cap
    folded: Mapped[bool] = mapped_column(default=True)  # already in the referrer's score
    state: Mapped[str]
    created_at: Mapped[datetime]
    state_at: Mapped[datetime]
    state_by: Mapped[str]


class Vouch(Base):
    """An accepted member invite, kept beside the referrer: one person has one referrer and any number of vouches."""

    __tablename__ = "vouch"
    __table_args__ = (sa.UniqueConstraint("voucher_id", "entry_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    voucher_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"), index=True)
    invite_id: Mapped[int] = mapped_column(sa.ForeignKey("invite.id"))
    voucher_state: Mapped[str]
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def ancestors(entry_id: int, depth: int) -> sa.Select[int, int]:
    """Rows (entry id, distance), nearest first, at most `depth` of them; the entry itself is not among them."""
    up = (
        sa.select(Entry.referrer_id.label("id"), sa.literal(1).label("distance"))
        .where(Entry.id == entry_id, Entry.referrer_id.is_not(None))
        .cte("up", recursive=True)
    )
    parent = aliased(Entry)
    up = up.union_all(
        sa.select(parent.referrer_id, up.c.distance + 1)
        .join(up, parent.id == up.c.id)
        .where(parent.referrer_id.is_not(None), up.c.distance < depth)
    )
    return sa.select(up.c.id, up.c.distance).order_by(up.c.distance)


def subtree(entry_id: int, depth: int, limit: int) -> sa.Select[int, int, int]:
    """Rows (entry id, referrer id, distance) below an entry, breadth first, at most `limit` rows and `depth` levels."""
    down = (
        sa.select(Entry.id, Entry.referrer_id, sa.literal(1).label("distance"))
        .where(Entry.referrer_id == entry_id)
        .cte("down", recursive=True)
    )
    child = aliased(Entry)
    down = down.union_all(
        sa.select(child.id, child.referrer_id, down.c.distance + 1)
        .join(down, child.referrer_id == down.c.id)
        .where(down.c.distance < depth)
    )
    return sa.select(down.c.id, down.c.referrer_id, down.c.distance).order_by(down.c.distance, down.c.id).limit(limit)


def whole_tree(entry_id: int) -> sa.Select[int]:
    """The ids of an entry and of everybody below it, for a statement that changes them where they are.

    It ends by itself: a referrer confirmed before the friend did, so there are no cycles. Nested, so that the statement
    around it starts with its own word: SQLite's driver counts the rows of no other.
    """
    down = sa.select(Entry.id).where(Entry.id == entry_id).cte("down", recursive=True, nesting=True)
    child = aliased(Entry)
    down = down.union_all(sa.select(child.id).join(down, child.referrer_id == down.c.id))
    return sa.select(down.c.id)


def children(entry_id: int, *, after: int = 0, limit: int = 50) -> sa.Select[Entry]:
    """The people who joined by this entry's link, a page at a time, oldest first."""
    return sa.select(Entry).where(Entry.referrer_id == entry_id, Entry.id > after).order_by(Entry.id).limit(limit)
