"""Stating: what is known of people is written down with its source and how sure it is, one value for each source."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert
from waitlist.gates.answers import Trust
from waitlist.models.entry import Entry, StoredFact
from waitlist.services.recording import record


def state(
    tx: Tx, entry: Entry, name: str, value: object, *, source: str, trust: Trust, actor: Actor, now: datetime
) -> bool:
    """Write a fact down, in place of what the same source said before; says whether it is news."""
    same = sa.and_(StoredFact.entry_id == entry.id, StoredFact.name == name, StoredFact.source == source)
    before = tx.scalar(sa.select(StoredFact.value).where(same))
    row = {"value": value, "trust": int(trust), "observed_at": now, "expires_at": None}
    statement = insert(tx, StoredFact).values(row | {"entry_id": entry.id, "name": name, "source": source})
    tx.execute(statement.on_conflict_do_update(index_elements=["entry_id", "name", "source"], set_=row))
    if before != value:
        data = {"fact": name, "source": source}
        record(tx, "stating.stated", entry.launch_id, ("entry", entry.id), actor, now, data, {"value": value})
    return before != value


def forget(tx: Tx, entry: Entry, name: str, *, source: str, actor: Actor, now: datetime) -> None:
    """Take back what this source said."""
    same = sa.and_(StoredFact.entry_id == entry.id, StoredFact.name == name, StoredFact.source == source)
    if tx.execute(sa.delete(StoredFact).where(same)).rowcount:
        record(tx, "stating.forgotten", entry.launch_id, ("entry", entry.id), actor, now, {"fact": name})
