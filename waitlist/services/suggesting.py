"""Suggesting: "my school should be here". One voice for each mailbox and domain; the team sees how many there were."""

from datetime import datetime, timedelta

from waitlist.db import Tx, insert
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ASKED_FOR, Observation
from waitlist.services import counting

ONCE = timedelta(days=365)


def suggest(tx: Tx, launch: Launch, domain: str, *, abuse_key: str, now: datetime) -> bool:
    """Count one person who asks for a domain (an A-label); False when this mailbox asked for it before."""
    what = f"{launch.id}:{domain}:{abuse_key}"
    if not counting.claim(tx, "suggest", what, limit=1, window=ONCE, now=now):
        return False
    statement = insert(tx, Observation).values(launch_id=launch.id, day=now.date(), name=ASKED_FOR + domain, n=1)
    tx.execute(
        statement.on_conflict_do_update(index_elements=["launch_id", "day", "name"], set_={"n": Observation.n + 1})
    )
    return True
