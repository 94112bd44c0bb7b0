"""Moving: the team puts somebody at a place, or among the VIPs, with a reason."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models import entry as entries
from waitlist.models import launch as launches
from waitlist.models.entry import Entry, State, in_line, stands
from waitlist.models.launch import Launch
from waitlist.models.rank import place_of, total_of
from waitlist.services import ranking, spacing
from waitlist.services.recording import record
from waitlist.services.shelving import refuse_archived


class NotInLine(Exception):
    """The person has no place: not waiting, on hold, or in the interest line."""


class CannotBeVip(Exception):
    """Nobody who could ever stand in line: removed, or of another launch."""


def move(tx: Tx, launch: Launch, entry_id: int, *, to: int, reason: str, actor: Actor, now: datetime) -> int:
    """Put somebody at place `to` among the neighbours of this moment, and return the place they have now.

    Beyond the end means the end. From there on they move like everybody: by their own friends, and as others come and
    go. Raises LaunchArchived, NotInLine or spacing.NoRoom.
    """
    tx.execute(launches.locked(launch.id))
    refuse_archived(tx, launch)
    entry = one(tx, entries.locked_in(launch.id, entry_id))
    before = None if entry is None or not stands(entry) else place_of(tx, entry_id)
    if entry is None or before is None:
        raise NotInLine
    target = min(max(to, 1), total_of(tx, entry.line_id))
    if target == before:
        return before
    _set_key(tx, entry, None)
    lower, upper = _neighbours(tx, entry.line_id, target)
    key = spacing.between(tx, entry.line_id, lower, upper)
    _set_key(tx, entry, key, moved_at=now, moved_by=str(actor))
    ranking.shifted(tx, entry.line_id, old=entry.rank_key or 0, new=key)
    after = place_of(tx, entry_id) or target
    data = {"before": before, "after": after}
    record(tx, "moving.moved", launch.id, ("entry", entry_id), actor, now, data, personal={"reason": reason})
    return after


def mark_vip(tx: Tx, launch: Launch, entry_id: int, *, vip: bool, reason: str, actor: Actor, now: datetime) -> Entry:
    """Put somebody before everybody who is no VIP, or back to where points and arrival put them.

    A place given by hand ends with it. Raises LaunchArchived or CannotBeVip.
    """
    refuse_archived(tx, launch)
    entry = one(tx, entries.locked_in(launch.id, entry_id))
    if entry is None or entry.state == State.REMOVED:
        raise CannotBeVip
    if entry.vip == vip:
        return entry
    values: dict[str, object] = {"vip": vip, "moved_at": now if vip else None, "moved_by": str(actor) if vip else None}
    if entry.rank_key is not None:
        key = ranking.key_for(score=entry.score, sequence=entry.sequence or 0, vip=vip)
        values["rank_key"] = key
        if stands(entry):
            ranking.shifted(tx, entry.line_id, old=entry.rank_key, new=key)
    marked = one(tx, sa.update(Entry).where(Entry.id == entry_id).values(**values).returning(Entry))
    assert marked is not None, "the row is locked"
    record(tx, "moving.vip", launch.id, ("entry", entry_id), actor, now, {"vip": vip}, personal={"reason": reason})
    return marked


def _neighbours(tx: Tx, line_id: int, place: int) -> tuple[int | None, int | None]:
    """The keys before and at a place of the line, which the person who moves has left for the moment."""
    keys = list(
        tx.scalars(
            sa.select(Entry.rank_key)
            .where(Entry.line_id == line_id, in_line)
            .order_by(Entry.rank_key)
            .offset(max(place - 2, 0))
            .limit(2)
        )
    )
    if place == 1:
        return None, keys[0] if keys else None
    return keys[0], keys[1] if len(keys) > 1 else None


def _set_key(tx: Tx, entry: Entry, key: int | None, **values: object) -> None:
    tx.execute(sa.update(Entry).where(Entry.id == entry.id).values(rank_key=key, **values))
