"""Linking: what opens a person's pages ends: their private link gets a successor, their sessions are over."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.access import WebSession
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.services.recording import record


class NoSuchEntry(LookupError):
    """Nobody who could have a link: erased, removed, or of another launch."""


def renew(tx: Tx, launch: Launch, entry_id: int, *, actor: Actor, now: datetime) -> Entry:
    """The person with a new link; the old one says that a newer was made. Raises NoSuchEntry."""
    entry = one(
        tx,
        sa.update(Entry)
        .where(Entry.id == entry_id, Entry.launch_id == launch.id, Entry.state != State.REMOVED)
        .values(link_version=Entry.link_version + 1)
        .returning(Entry),
    )
    if entry is None:
        raise NoSuchEntry(entry_id)
    record(tx, "linking.renewed", launch.id, ("entry", entry.id), actor, now, {"version": entry.link_version})
    return entry


def sign_out(tx: Tx, entry_id: int, *, now: datetime) -> int:
    """End every session of a member, on all devices; returns how many there were."""
    theirs = (WebSession.entry_id == entry_id, WebSession.revoked_at.is_(None))
    return tx.execute(sa.update(WebSession).where(*theirs).values(revoked_at=now)).rowcount
