"""Preferring: what an admin chose for themselves alone. A notice put away is logged, as it hides something."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert
from waitlist.models.access import Preference
from waitlist.services.recording import record


def choose(tx: Tx, user_id: int, key: str, *, actor: Actor, now: datetime) -> bool:
    """Write a choice down; False where it stood already."""
    row = insert(tx, Preference).values(user_id=user_id, key=key, set_at=now).on_conflict_do_nothing()
    chosen = tx.execute(row.returning(Preference.key)).one_or_none() is not None
    if chosen:
        record(tx, "preferring.chosen", None, ("user", user_id), actor, now, {"key": key})
    return chosen


def take_back(tx: Tx, user_id: int, key: str, *, actor: Actor, now: datetime) -> bool:
    """As it was before the choice; `key` may end in `:` and then means everything below it."""
    mine = sa.and_(Preference.user_id == user_id, Preference.key.startswith(key, autoescape=True))
    taken = tx.execute(sa.delete(Preference).where(mine)).rowcount > 0
    if taken:
        record(tx, "preferring.taken_back", None, ("user", user_id), actor, now, {"key": key})
    return taken
