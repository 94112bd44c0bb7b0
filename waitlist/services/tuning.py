"""Tuning: the settings of a launch change, one section at a time, and nobody's change is overwritten unseen."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.launch import Launch, SeatCount, locked
from waitlist.services import seating
from waitlist.services.recording import record

TUNABLE = frozenset(
    (
        *("leaderboard", "show_plan", "share_text"),
        *("name", "headline", "pitch", "contact_email", "policy_url", "product_url", "tz", "language"),
        *("seats", "line_limit", "on_full", "invite_days", "allowance", "lapse_policy", "renew_once"),
        *("listed", "show_count", "places_shown", "interest_open", "lasting_only", "mails_per_hour"),
        *("domains_shown", "access_asked", "two_steps"),
    )
)
PERSONAL = frozenset({"contact_email"})


class SettingsChanged(Exception):
    """Somebody saved this section since the form was opened; `by` is the actor."""

    def __init__(self, by: str) -> None:
        super().__init__(by)
        self.by = by


class FewerSeatsThanHeld(Exception):
    """More people hold a seat than there would be; `held` is how many."""

    def __init__(self, held: int) -> None:
        super().__init__(held)
        self.held = held


def fingerprint(launch: Launch, names: Collection[str]) -> str:
    """What a form remembers of the values it was filled with."""
    values = [[name, str(getattr(launch, name))] for name in sorted(names)]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16]


def change(
    tx: Tx, launch: Launch, values: Mapping[str, Any], *, seen: str | None, actor: Actor, now: datetime
) -> Launch:
    """Set columns of `TUNABLE`; `seen` is the fingerprint of what the form showed (None: whatever is there).

    Raises SettingsChanged or FewerSeatsThanHeld, with nothing changed.
    """
    if unknown := set(values) - TUNABLE:
        raise ValueError(f"not settings: {', '.join(sorted(unknown))}")
    present = one(tx, locked(launch.id))
    assert present is not None, "whoever calls has read it"
    if seen is not None and fingerprint(present, values) != seen:
        raise SettingsChanged(present.changed_by or "")
    if "seats" in values:
        _set_seats(tx, launch.id, values["seats"])
    changed = {name: value for name, value in values.items() if getattr(present, name) != value}
    if not changed:
        return present
    update = sa.update(Launch).where(Launch.id == launch.id).values(changed_at=now, changed_by=str(actor), **changed)
    tuned = one(tx, update.returning(Launch))
    assert tuned is not None, "the row is locked"
    told = {name: [getattr(present, name), value] for name, value in changed.items()}
    data = {name: pair for name, pair in told.items() if name not in PERSONAL}
    personal = {name: pair for name, pair in told.items() if name in PERSONAL} or None
    record(tx, "launching.changed", launch.id, ("launch", launch.id), actor, now, data, personal=personal)
    return tuned


def _set_seats(tx: Tx, launch_id: int, seats: int | None) -> None:
    seating.lock(tx, launch_id)
    pool = sa.and_(SeatCount.launch_id == launch_id, SeatCount.stage_id == 0)
    # What is set aside for stages goes back first; as much of it as then fits is set aside again.
    tx.execute(sa.update(SeatCount).where(SeatCount.launch_id == launch_id, SeatCount.stage_id != 0).values(seats=0))
    enough = sa.true() if seats is None else SeatCount.counted <= seats
    claimed = tx.scalar(sa.update(SeatCount).where(pool, enough).values(seats=seats).returning(SeatCount.id))
    if claimed is None:
        raise FewerSeatsThanHeld(tx.execute(sa.select(SeatCount.counted).where(pool)).scalar_one())
    seating.reserve(tx, launch_id)
