"""Entries: one person in one launch, with what is known of them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class State(StrEnum):
    """The stored states. "On hold" is read from a hold, "Blocked" from the deny list."""

    UNCONFIRMED = "unconfirmed"
    WAITING = "waiting"
    INVITED = "invited"
    JOINED = "joined"
    LAPSED = "lapsed"
    LEFT = "left"
    REMOVED = "removed"


UNDO_LEAVING = timedelta(days=7)  # how long somebody who left may come back to their old place
DIRECT = "direct"  # the source of whoever came by no link that we know of
ERASED = "erased"  # stands where an address was; no address is without an @, so nothing is ever mailed to it

# One number line for confirmations and places, above 2^27, so that an import may stand before everybody.
FIRST_NUMBER = 2**27
entry_number = sa.Sequence("entry_number", start=FIRST_NUMBER, data_type=sa.BigInteger(), metadata=Base.metadata)


# In these very words, so that both engines see that the index of the same name serves the question.
STANDING = "state = 'waiting' AND held_by IS NULL AND rank_key IS NOT NULL"
OWED = f"{STANDING} AND owed_at IS NOT NULL"
ASIDE = "(state = 'lapsed' OR (state = 'waiting' AND held_by IS NOT NULL)) AND rank_key IS NOT NULL"

ON_HOLD = "held_by IS NOT NULL"
NOTED = "note <> ''"


def _only(rows: str) -> dict[str, Any]:
    """An index over these rows alone, on both engines."""
    return {"sqlite_where": sa.text(rows), "postgresql_where": sa.text(rows)}


class Counter(Base):
    """SQLite's stand-in for a sequence; it has one writer anyway."""

    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[int]


class Entry(Base):
    """A person in a launch. There is no person table; facts hang on the entry."""

    __tablename__ = "entry"
    __table_args__ = (
        sa.UniqueConstraint("launch_id", "email_key"),
        sa.UniqueConstraint("slug"),  # of the whole installation, so that a referral link names its launch
        sa.UniqueConstraint("launch_id", "external_id"),
        sa.UniqueConstraint("confirmed_no"),
        # A referrer confirmed before the friend did, so a cycle cannot be written.
        sa.CheckConstraint("referrer_no IS NULL OR referrer_no < confirmed_no", name="no_cycle"),
        sa.CheckConstraint("(referrer_id IS NULL) = (referrer_no IS NULL)", name="referrer"),
        sa.CheckConstraint("score BETWEEN 0 AND 131071", name="score"),
        sa.CheckConstraint(
            "state IN ('unconfirmed', 'waiting', 'invited', 'joined', 'lapsed', 'left', 'removed')", name="state"
        ),
        sa.CheckConstraint("state <> 'waiting' OR confirmed_no IS NOT NULL", name="confirmed"),
        # The line itself: who has a place, each key once. Also serves the count inside one leaf of the rank.
        sa.Index("ix_entry_in_line", "line_id", "rank_key", unique=True, **_only(STANDING)),
        sa.Index("ix_entry_arrival", "line_id", "sequence", **_only(STANDING)),
        sa.Index("ix_entry_owed", "line_id", "rank_key", **_only(OWED)),
        # Who has a key and no place: passed over by a wave, each in their turn.
        sa.Index("ix_entry_aside", "line_id", "rank_key", **_only(ASIDE)),
        sa.Index("ix_entry_unranked", "line_id", "id", **_only("state = 'waiting' AND rank_key IS NULL")),
        sa.Index("ix_entry_state", "launch_id", "state", "id"),
        # The people table: each filter and each order that reads along one.
        sa.Index("ix_entry_newest", "launch_id", "id"),
        sa.Index("ix_entry_domain", "launch_id", "domain", "id"),
        sa.Index("ix_entry_of_line", "line_id", "state", "id"),
        sa.Index("ix_entry_on_hold", "launch_id", "id", **_only(ON_HOLD)),
        sa.Index("ix_entry_noted", "launch_id", "id", **_only(NOTED)),
        # Words anywhere in an address or a name: a walk over this is a fifth of one over the people themselves.
        sa.Index("ix_entry_words", "launch_id", "email_key", "name"),
        # What the overview counts over a period, read in the index alone.
        sa.Index("ix_entry_created", "launch_id", "created_at", "domain", "source"),
        sa.Index("ix_entry_confirmed", "launch_id", "confirmed_at", "referrer_id"),
        sa.Index("ix_entry_most_friends", "launch_id", "friends", "id"),
        # An address by its beginning: a collation of people's languages cannot be read along.
        sa.Index("ix_entry_prefix", "launch_id", "email_key", postgresql_ops={"email_key": "text_pattern_ops"}),
        sa.Index("ix_entry_referrer", "referrer_id", **_only("referrer_id IS NOT NULL")),
        sa.Index("ix_entry_abuse_key", "launch_id", "email_abuse_key"),
        # The leaderboard, with all that its counts ask for.
        sa.Index(
            "ix_entry_friends", "launch_id", "friends", "confirmed_no", "state", "held_by", **_only("friends > 0")
        ),
        sa.Index("ix_entry_held", "held_by", **_only("held_by IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    line_id: Mapped[int] = mapped_column(sa.ForeignKey("line.id"))
    email: Mapped[str]
    email_key: Mapped[str]
    email_abuse_key: Mapped[str]
    domain: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    slug: Mapped[str]  # of the person's own referral link
    external_id: Mapped[str | None]  # the product's own user id, bound at exchange
    link_version: Mapped[int] = mapped_column(default=1)  # of the status link
    state: Mapped[str]
    state_at: Mapped[datetime]
    state_by: Mapped[str]
    state_before: Mapped[str | None]  # what undoing "leave" restores
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    confirmed_no: Mapped[int | None]  # immutable order of confirmation
    referrer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    referrer_no: Mapped[int | None]
    sequence: Mapped[int | None]
    score: Mapped[int] = mapped_column(default=0)
    friends: Mapped[int] = mapped_column(default=0)  # counted ones, up to the cap where there is one
    rank_key: Mapped[int | None]
    moved_at: Mapped[datetime | None]
    moved_by: Mapped[str | None]
    ticket: Mapped[int]
    arm_ticket: Mapped[int]
    place_at_confirm: Mapped[int | None]
    held_by: Mapped[int | None] = mapped_column(sa.ForeignKey("hold.id"))
    owed_at: Mapped[datetime | None]  # since when a place inside was taken back; the next wave asks them first
    gate_revision: Mapped[int | None]  # the rules that let the person in line, or (interest line) that refused last
    first_touch: Mapped[dict[str, Any] | None]
    source: Mapped[str] = mapped_column(default=DIRECT)  # the first touch in a word: link, direct, or its own name
    share_name: Mapped[bool] = mapped_column(default=False)
    asks_welcome: Mapped[bool] = mapped_column(default=True)  # who came too late for a link may ask for another
    show_on_board: Mapped[bool] = mapped_column(default=False)  # the name as typed, on the leaderboard
    vip: Mapped[bool] = mapped_column(default=False)
    note: Mapped[str] = mapped_column(default="")
    allowance_left: Mapped[int] = mapped_column(default=0)
    allowance_given: Mapped[int] = mapped_column(default=0)
    import_id: Mapped[int | None] = mapped_column(sa.ForeignKey("import_run.id"))
    erased_at: Mapped[datetime | None]  # nothing personal is left; the node stays for everybody else's sake

    __mapper_args__ = {"eager_defaults": False}  # noqa: RUF012 - declarative's own protocol


class Attempt(Base):
    """A mailbox being proven: one row for every join, sign-in, redemption or change of address that was asked for.

    Written for known and unknown addresses alike, so that the answer and its time tell nothing.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('join', 'sign_in', 'redeem', 'change', 'find', 'member_action')", name="kind"),
        sa.CheckConstraint("tries BETWEEN 0 AND 5", name="tries"),
        sa.Index("ix_attempt_entry", "entry_id", **_only("entry_id IS NOT NULL")),
        sa.Index("ix_attempt_open", "launch_id", "email_key", "kind", "id"),
        sa.Index("ix_attempt_referrer", "referrer_id", **_only("referrer_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    kind: Mapped[str]
    entry_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    invite_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invite.id"))
    line_key: Mapped[str] = mapped_column(default="main")
    email: Mapped[str]
    email_key: Mapped[str]
    email_abuse_key: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="en")
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    consents: Mapped[dict[str, Any]] = mapped_column(default=dict)
    referrer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("entry.id"))
    first_touch: Mapped[dict[str, Any] | None]
    pending: Mapped[bool]  # False where there is nothing to prove: a known, blocked or removed address
    version: Mapped[int] = mapped_column(default=1)  # of the mailed link and code
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    replaced_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    before: Mapped[dict[str, Any] | None]  # of a change of address: what undoing it restores


class Answer(Base):
    """What a person answered to one version of a question."""

    __tablename__ = "answer"
    __table_args__ = (sa.UniqueConstraint("entry_id", "question_id"), sa.Index("ix_answer_question", "question_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    question_id: Mapped[int] = mapped_column(sa.ForeignKey("question.id"))
    value: Mapped[Any] = mapped_column(sa.JSON())
    answered_at: Mapped[datetime]


class Consent(Base):
    """What a person agreed to, in which words (by version)."""

    __tablename__ = "consent"
    __table_args__ = (sa.UniqueConstraint("entry_id", "key", "text_version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    key: Mapped[str]
    text_version: Mapped[str]
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class StoredFact(Base):
    """A fact about an entry with its source, trust (1 asserted .. 4 authoritative) and time."""

    __tablename__ = "fact"
    __table_args__ = (
        sa.UniqueConstraint("entry_id", "name", "source"),
        sa.CheckConstraint("trust BETWEEN 1 AND 4", name="trust"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    name: Mapped[str]
    value: Mapped[Any] = mapped_column(sa.JSON())
    trust: Mapped[int]
    source: Mapped[str]
    observed_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


in_line = sa.and_(Entry.state == State.WAITING, Entry.held_by.is_(None), Entry.rank_key.is_not(None))


def stands(entry: Entry) -> bool:
    """Whether a row that was read has a place; `in_line` says the same in SQL."""
    return entry.state == State.WAITING and entry.held_by is None and entry.rank_key is not None


def source_of(first_touch: Mapping[str, Any] | None) -> str:
    """Where somebody came from, in a word: by a friend's link, by a link with a name, or directly."""
    touch = first_touch or {}
    return "link" if touch.get("slug") else str(touch.get("source", {}).get("source") or DIRECT)


def by_id(entry_id: int) -> sa.Select[Entry]:
    return sa.select(Entry).where(Entry.id == entry_id)


def by_public_id(launch_id: int, public_id: str) -> sa.Select[Entry]:
    return sa.select(Entry).where(Entry.launch_id == launch_id, Entry.public_id == public_id)


def by_address(launch_id: int, email_key: str) -> sa.Select[Entry]:
    return sa.select(Entry).where(Entry.launch_id == launch_id, Entry.email_key == email_key)


def by_slug(launch_id: int, slug: str) -> sa.Select[Entry]:
    return sa.select(Entry).where(Entry.launch_id == launch_id, Entry.slug == slug)


def attempt_by_id(attempt_id: int) -> sa.Select[Attempt]:
    return sa.select(Attempt).where(Attempt.id == attempt_id)


def locked(entry_id: int) -> sa.Select[Entry]:
    return sa.select(Entry).where(Entry.id == entry_id).with_for_update(key_share=True)


def locked_in_order(ids: Collection[int]) -> sa.Select[Entry]:
    """Many entries, locked in the order of their ids: two batches cannot meet crosswise."""
    return sa.select(Entry).where(Entry.id.in_(ids)).order_by(Entry.id).with_for_update(key_share=True)


def locked_in(launch_id: int, entry_id: int) -> sa.Select[Entry]:
    """The same, where the id came from outside: an entry of another launch is unknown to this one."""
    return locked(entry_id).where(Entry.launch_id == launch_id)
