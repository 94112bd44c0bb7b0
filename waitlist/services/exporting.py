"""Exporting: that people's data left the house is an event, with how many rows and in which form."""

from datetime import datetime

from waitlist.actors import Actor
from waitlist.db import Tx
from waitlist.models.launch import Launch
from waitlist.services.recording import record


def note(tx: Tx, launch: Launch, *, form: str, rows: int, states: tuple[str, ...], actor: Actor, now: datetime) -> int:
    """Write down one export; returns the event's id."""
    data = {"form": form, "rows": rows, "states": list(states)}
    return record(tx, "exporting.exported", launch.id, ("launch", launch.id), actor, now, data)
