"""Introducing: how a person is shown to friends. Nobody sees a name until its person says so."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.services.recording import record


def introduce(tx: Tx, launch: Launch, entry_id: int, *, name: str, shown: bool, actor: Actor, now: datetime) -> Entry:
    """Keep the name, and whether others may see its short form; without a name there is nothing to show."""
    entry = one(
        tx,
        sa.update(Entry)
        .where(Entry.id == entry_id, Entry.launch_id == launch.id)
        .values(name=name, share_name=shown and bool(name))
        .returning(Entry),
    )
    assert entry is not None, "the private link named this entry"
    data = {"shown": entry.share_name}
    record(tx, "introducing.introduced", launch.id, ("entry", entry.id), actor, now, data, personal={"name": name})
    return entry
