"""Noting: what the team wrote down about a person, for itself."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import Entry, locked_in
from waitlist.models.launch import Launch
from waitlist.services.recording import record

LONGEST = 2_000


class NobodyToNote(Exception):
    """Who was erased has no note."""


def note(tx: Tx, launch: Launch, entry_id: int, text: str, *, actor: Actor, now: datetime) -> bool:
    """Put the note in the place of the one before; False where it says the same. Raises NobodyToNote."""
    person = one(tx, locked_in(launch.id, entry_id))
    if person is None or person.erased_at is not None:
        raise NobodyToNote
    if person.note == text:
        return False
    tx.execute(sa.update(Entry).where(Entry.id == entry_id).values(note=text))
    record(tx, "noting.noted", launch.id, ("entry", entry_id), actor, now, personal={"note": text})
    return True
