"""Listing: mailboxes are put on a launch's named lists (VIPs, an allow-list), which rules and waves refer to."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.hold import ListRow, NamedList
from waitlist.models.launch import Launch
from waitlist.services.recording import record

T = TypeVar("T")

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")  # as the `listed` rule reads it
CHUNK = 500


class BadListKey(ValueError):
    """Not a list's key: lower-case letters, digits, hyphens and underscores, at most 63."""


class NoSuchList(LookupError):
    """The launch has no list with this key."""


@dataclass(frozen=True)
class Listed:
    """One mailbox of a list; without an address it is known by its hash alone."""

    abuse_key: str
    email: str | None = None
    email_key: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def add(
    tx: Tx, launch: Launch, key: str, rows: Iterable[Listed], *, actor: Actor, now: datetime, title: str = ""
) -> int:
    """Put mailboxes on a list, which is made at first need; returns how many were not on it. Raises BadListKey.

    One mailbox stands on a list once, whichever of its addresses was given.
    """
    if not KEY.fullmatch(key):
        raise BadListKey(key)
    list_id = _list_id(tx, launch, key, title or key, actor=actor, now=now)
    added = 0
    for chunk in _chunks(rows):
        values = [vars(row) | {"list_id": list_id, "added_at": now} for row in chunk]
        statement = insert(tx, ListRow).values(values)
        statement = statement.on_conflict_do_nothing(index_elements=["list_id", "abuse_key"])
        added += len(tx.scalars(statement.returning(ListRow.id)).all())
    if added:
        _changed(tx, launch, list_id, "listing.added", added, actor=actor, now=now)
    return added


def drop(tx: Tx, launch: Launch, key: str, abuse_keys: Sequence[str], *, actor: Actor, now: datetime) -> int:
    """Take mailboxes off a list and return how many were on it; whoever is inside stays. Raises NoSuchList."""
    named = one(tx, sa.select(NamedList).where(NamedList.launch_id == launch.id, NamedList.key == key))
    if named is None:
        raise NoSuchList(key)
    dropped = 0
    for chunk in _chunks(abuse_keys):
        theirs = sa.delete(ListRow).where(ListRow.list_id == named.id, ListRow.abuse_key.in_(chunk))
        dropped += tx.execute(theirs).rowcount
    if dropped:
        _changed(tx, launch, named.id, "listing.dropped", dropped, actor=actor, now=now)
    return dropped


def _list_id(tx: Tx, launch: Launch, key: str, title: str, *, actor: Actor, now: datetime) -> int:
    statement = insert(tx, NamedList).values(
        launch_id=launch.id, key=key, title=title, created_at=now, created_by=str(actor)
    )
    tx.execute(statement.on_conflict_do_nothing(index_elements=["launch_id", "key"]))
    of_key = sa.select(NamedList.id).where(NamedList.launch_id == launch.id, NamedList.key == key)
    list_id: int = tx.execute(of_key).scalar_one()
    return list_id


def _changed(tx: Tx, launch: Launch, list_id: int, verb: str, people: int, *, actor: Actor, now: datetime) -> None:
    version = tx.scalar(
        sa.update(NamedList)
        .where(NamedList.id == list_id)
        .values(version=NamedList.version + 1)
        .returning(NamedList.version)
    )
    record(tx, verb, launch.id, ("list", list_id), actor, now, {"people": people, "version": version})


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while chunk := list(islice(waiting, CHUNK)):
        yield chunk
