"""The team's own words for the mails of a launch: every version is kept, and the newest one is in force."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, aliased, mapped_column

from waitlist.db import Base, Tx, some
from waitlist.words import Words

Key = tuple[int, str, str]  # launch id, kind, language


class MailWords(Base):
    """One version of the words for one kind of mail in one language. A `built_in` one says: the service's own again."""

    __tablename__ = "mail_words"
    # Whoever writes over a version claims the next number; the second one to do so finds it taken.
    __table_args__ = (sa.UniqueConstraint("launch_id", "kind", "language", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    kind: Mapped[str]  # of variables.KINDS
    language: Mapped[str]
    version: Mapped[int]
    built_in: Mapped[bool] = mapped_column(default=False)
    put_back: Mapped[int | None]  # the version whose words these are again
    subject: Mapped[str] = mapped_column(default="")
    preheader: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    created_by: Mapped[str]


def newest(launch_ids: Iterable[int]) -> sa.Select[MailWords]:
    """The version in force of each kind and language of these launches."""
    newer = aliased(MailWords)
    same = (newer.launch_id == MailWords.launch_id, newer.kind == MailWords.kind, newer.language == MailWords.language)
    overtaken = sa.exists().where(*same, newer.version > MailWords.version)
    return sa.select(MailWords).where(MailWords.launch_id.in_(list(launch_ids)), ~overtaken)


def versions(launch_id: int, kind: str, language: str) -> sa.Select[MailWords]:
    """Every version, the newest first."""
    mine = (MailWords.launch_id == launch_id, MailWords.kind == kind, MailWords.language == language)
    return sa.select(MailWords).where(*mine).order_by(MailWords.version.desc())


def own_words(rx: Tx, launch_ids: Iterable[int]) -> dict[Key, Words]:
    """The team's own words that are in force, where they are not the service's."""
    found = some(rx, newest(launch_ids).where(MailWords.built_in.is_(False)))
    return {(row.launch_id, row.kind, row.language): words_of(row) for row in found}


def words_of(row: MailWords) -> Words:
    return Words(row.body, row.subject, row.preheader, row.text, row.version)
