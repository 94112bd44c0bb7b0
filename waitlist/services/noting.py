"""Noting: what the team wrote down about a person, for itself."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.services.recording import record

LONGEST = 2_000


def note(tx: Tx, launch: Launch, entry_id: int, text: str, *, actor: Actor, now: datetime) -> bool:
    """Put the note in the place of the one before; False where it says the same."""
    here = sa.and_(Entry.id == entry_id, Entry.launch_id == launch.id, Entry.note != text)
    if tx.execute(sa.update(Entry).where(here).values(note=text)).rowcount == 0:
        return False
    record(tx, "noting.noted", launch.id, ("entry", entry_id), actor, now, personal={"note": text})
    return True
