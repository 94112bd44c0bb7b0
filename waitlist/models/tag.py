"""Tags: words of the team for people, to find them again by."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class EntryTag(Base):
    """One word for one person; `tag` is written as it is compared, in lower case."""

    __tablename__ = "entry_tag"
    __table_args__ = (sa.Index("ix_entry_tag_tag", "launch_id", "tag", "entry_id"),)

    entry_id: Mapped[int] = mapped_column(
        sa.ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tag: Mapped[str] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    tagged_at: Mapped[datetime]
    tagged_by: Mapped[str]


def tags_of(entry_id: int) -> sa.Select[str]:
    return sa.select(EntryTag.tag).where(EntryTag.entry_id == entry_id).order_by(EntryTag.tag)


def tags_in(launch_id: int) -> sa.Select[str]:
    """Every tag that somebody of the launch has."""
    return sa.select(EntryTag.tag).where(EntryTag.launch_id == launch_id).distinct().order_by(EntryTag.tag)
