"""The audit log as a list: what happened in one launch, or in the installation, newest first."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.event import Event, EventDetail, EventSeal


@dataclass(frozen=True)
class Wanted:
    """Which events: of an actor kind or one admin ("admin:3"), of one verb or its family ("releasing"), of a time."""

    launch_id: int | None
    actor: str = ""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None
    before: int | None = None  # the id of the last event seen
    about: int | None = None  # one person, by the row of their entry
    request: str = ""  # everything that one request did


@dataclass(frozen=True)
class Line:
    """One event. `about` is the address it speaks of, where it is known still; `about_id` that person's public id."""

    id: int
    at: datetime
    actor: str
    verb: str
    subject: str
    data: dict[str, Any]
    detail: dict[str, Any]
    request_id: str | None
    about: str | None
    about_id: str | None


def events(rx: Tx, wanted: Wanted, limit: int) -> Sequence[Line]:
    """The next `limit` events."""
    query = (
        sa.select(Event, EventDetail.detail, Entry.email.label("about"), Entry.public_id.label("about_id"))
        .outerjoin(EventDetail, EventDetail.event_id == Event.id)
        .outerjoin(Entry, sa.and_(Event.subject_kind == "entry", Entry.id == Event.subject_id))
        .where(*_where(wanted))
        .order_by(Event.id.desc())
        .limit(limit)
    )
    return [
        Line(
            id=row.id,
            at=row.at,
            actor=row.actor,
            verb=row.verb,
            subject=f"{row.subject_kind} {row.subject_id or ''}".strip(),
            data=row.data,
            detail=row.detail or {},
            request_id=row.request_id,
            about=row.about,
            about_id=row.about_id,
        )
        for row in rx.execute(query)
    ]


def every_event(rx: Tx, wanted: Wanted, chunk: int) -> Iterator[Line]:
    """All of them, the newest first, a chunk at a time."""
    while True:
        found = events(rx, wanted, chunk)
        yield from found
        if len(found) < chunk:
            return
        wanted = replace(wanted, before=found[-1].id)


def counted(rx: Tx, wanted: Wanted) -> int:
    """How many they are."""
    return rx.scalar(sa.select(sa.func.count()).select_from(Event).where(*_where(wanted))) or 0


def newest(rx: Tx) -> int:
    """The id of the last event of all."""
    return rx.scalar(sa.select(sa.func.max(Event.id))) or 0


def sealed_until(rx: Tx) -> datetime | None:
    """When the worker sealed the newest link of the chain."""
    return rx.scalar(sa.select(sa.func.max(EventSeal.sealed_at)))


def _where(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    # Signing in and appointing belong to no launch: they are shown where the installation's log is asked for.
    where = [Event.launch_id == wanted.launch_id if wanted.launch_id is not None else sa.true()]
    if wanted.actor:
        exact = Event.actor == wanted.actor
        where.append(exact if ":" in wanted.actor else Event.actor.startswith(f"{wanted.actor}:", autoescape=True))
    if wanted.verb:
        exact = Event.verb == wanted.verb
        where.append(exact if "." in wanted.verb else Event.verb.startswith(f"{wanted.verb}.", autoescape=True))
    if wanted.since is not None:
        where.append(Event.at >= wanted.since)
    if wanted.until is not None:
        where.append(Event.at < wanted.until)
    if wanted.about is not None:
        where += [Event.subject_kind == "entry", Event.subject_id == wanted.about]
    if wanted.request:
        where.append(Event.request_id == wanted.request)
    if wanted.before is not None:
        where.append(Event.id < wanted.before)
    return where
