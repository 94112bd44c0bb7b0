"""Signalling: a product tells what became of somebody: an experiment seen, an outcome, an error, a complaint."""

from datetime import datetime

from waitlist.actors import Actor
from waitlist.db import Tx, insert
from waitlist.models.entry import Entry
from waitlist.models.guard import Signal


def tell(tx: Tx, entry: Entry, kind: str, name: str, *, actor: Actor, now: datetime) -> bool:
    """Keep the first of its kind and name for a person; says whether this was it. Rates count people, not events."""
    row = {"launch_id": entry.launch_id, "entry_id": entry.id, "kind": kind, "name": name, "first_at": now}
    statement = insert(tx, Signal).values(row | {"told_by": str(actor)})
    once = statement.on_conflict_do_nothing(index_elements=["entry_id", "kind", "name"])
    return tx.execute(once.returning(Signal.id)).scalar_one_or_none() is not None
