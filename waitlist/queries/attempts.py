"""Attempts: what the link in a mail still is, to whoever opens it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.facts import is_denied
from waitlist.models.launch import INTEREST, Launch, Line


class Link(StrEnum):
    """What a mailed link is now."""

    ASK = "ask"  # one press away
    DONE = "done"  # pressed before
    EXPIRED = "expired"  # also for those who were removed or blocked: the page is neutral
    REPLACED = "replaced"  # a newer mail was sent


@dataclass(frozen=True)
class MailedLink:
    """The attempt that a link names; `newer_at` is when the mail that replaced it went out."""

    id: int
    attempt: str  # public id
    link: Link
    email: str
    sent_at: datetime
    newer_at: datetime | None
    entry_id: int | None
    entry: str | None  # public id
    link_version: int | None  # of the entry's status link
    aside: bool  # asked for a ranked place, stands in the interest line: the rules changed in between


def mailed_link(
    tx: Tx, launch: Launch, attempt_public_id: str, version: int, *, kind: str = "join", now: datetime
) -> MailedLink | None:
    """What a validly signed link is, or None where the attempt was purged or is of another launch or kind."""
    row = tx.execute(
        sa.select(
            Attempt,
            Entry.public_id.label("entry"),
            Entry.link_version,
            Entry.state,
            Entry.confirmed_at,
            Line.key.label("line_key_now"),
        )
        .outerjoin(Entry, Entry.id == Attempt.entry_id)
        .outerjoin(Line, Line.id == Entry.line_id)
        .where(Attempt.launch_id == launch.id, Attempt.public_id == attempt_public_id, Attempt.kind == kind)
    ).one_or_none()
    if row is None:
        return None
    newest_at = None if row.replaced_at is None else _newest_at(tx, launch, row.email_key, kind)
    return MailedLink(
        id=row.id,
        attempt=row.public_id,
        link=_link(tx, launch, row, version, now),
        email=row.email,
        sent_at=row.sent_at,
        newer_at=newest_at or (row.sent_at if version < row.version else None),
        entry_id=row.entry_id,
        entry=row.entry,
        link_version=row.link_version,
        aside=row.line_key != INTEREST and row.line_key_now == INTEREST,
    )


def typed(tx: Tx, launch: Launch, attempt_public_id: str) -> tuple[str, dict[str, Any]]:
    """The name and the answers (by question id) of an attempt to join; empty ones where it is gone."""
    row = tx.execute(
        sa.select(Attempt.name, Attempt.answers).where(
            Attempt.launch_id == launch.id, Attempt.public_id == attempt_public_id, Attempt.kind == "join"
        )
    ).one_or_none()
    return ("", {}) if row is None else (row.name, row.answers)


def aside(tx: Tx, attempt_id: int) -> bool:
    """Whether who asked for a ranked place by this attempt stands in the interest line: the rules changed."""
    return (
        tx.scalar(
            sa.select(Attempt.id)
            .join(Entry, Entry.id == Attempt.entry_id)
            .join(Line, Line.id == Entry.line_id)
            .where(Attempt.id == attempt_id, Attempt.line_key != INTEREST, Line.key == INTEREST)
        )
        is not None
    )


def _link(tx: Tx, launch: Launch, row: Any, version: int, now: datetime) -> Link:
    domain = row.email.rpartition("@")[2]
    if row.state == State.REMOVED or row.declined_at is not None:
        return Link.EXPIRED
    if is_denied(tx, launch.id, domain=domain, abuse_key=row.email_abuse_key, now=now):
        return Link.EXPIRED
    if _is_done(row):
        return Link.DONE
    if row.replaced_at is not None or version < row.version:
        return Link.REPLACED
    if row.used_at is not None or row.expires_at <= now or not row.pending:
        return Link.EXPIRED
    return Link.ASK


def _is_done(row: Any) -> bool:
    """A place that was taken by any mail makes every older one done; another address only its own."""
    if row.kind != "join" or row.confirmed_at is None:
        return row.used_at is not None
    return row.used_at is not None or row.state not in (State.LEFT, State.UNCONFIRMED)


def _newest_at(tx: Tx, launch: Launch, email_key: str, kind: str) -> datetime | None:
    newest = one(
        tx,
        sa.select(Attempt)
        .where(Attempt.launch_id == launch.id, Attempt.email_key == email_key, Attempt.kind == kind)
        .order_by(Attempt.id.desc())
        .limit(1),
    )
    return None if newest is None else newest.sent_at
