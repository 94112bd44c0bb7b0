"""Sweeping: one action on many people. They are fixed when it is drafted, looked at, and then done in chunks, once.

Whoever changed state after they were looked at is left as they are, and the row says so. A sweep of any size goes on in
the worker after its first chunk; undoing it goes the same way.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models import launch as launches
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.looking import Filter, matching
from waitlist.models.sweep import UNDO, Deed, Sweep, SweepMember, SweepState
from waitlist.services import deeds
from waitlist.services.recording import record

CHUNK = 200
CANNOT_BE_UNDONE = frozenset({Deed.MOVE})


class NobodyChosen(Exception):
    """Nobody of this launch is among them."""


class AlreadyConfirmed(Exception):
    """Somebody pressed before."""


class CannotUndo(Exception):
    """It cannot be undone: by its nature, because its time is over, or because it was undone before."""


def draft(
    tx: Tx, launch: Launch, who: Filter | Sequence[int], deed: Deed, *, words: str = "", actor: Actor, now: datetime
) -> Sweep:
    """Fix the people: everyone a filter finds, or these ids. Raises NobodyChosen.

    Nothing happens to anybody; they stand in the order of the line, everybody else behind it.
    """
    row = {
        "public_id": codes.random_id("swp"),
        "launch_id": launch.id,
        "deed": deed,
        "words": words,
        "state": SweepState.DRAFT,
        "total": 0,
        "created_at": now,
        "created_by": str(actor),
    }
    sweep_id = tx.execute(sa.insert(Sweep).values(row).returning(Sweep.id)).scalar_one()
    where = (
        matching(tx, launch.id, who) if isinstance(who, Filter) else [Entry.launch_id == launch.id, Entry.id.in_(who)]
    )
    order = (Entry.rank_key.is_(None), Entry.rank_key, Entry.id)
    people = sa.select(sa.literal(sweep_id), sa.func.row_number().over(order_by=order), Entry.id, Entry.state)
    columns = ["sweep_id", "position", "entry_id", "seen_state"]
    tx.execute(sa.insert(SweepMember).from_select(columns, people.where(*where)))
    total = tx.scalar(sa.select(sa.func.count()).where(SweepMember.sweep_id == sweep_id)) or 0
    if total == 0:
        raise NobodyChosen
    return _changed(tx, Sweep.id == sweep_id, total=total)


def confirm(
    tx: Tx, launch: Launch, sweep: Sweep, *, reason: str, params: dict[str, Any], actor: Actor, now: datetime
) -> bool:
    """Begin, and do the first chunk; True when more is left for `go_on`. Raises AlreadyConfirmed."""
    tx.execute(launches.locked(launch.id))
    here = sa.and_(Sweep.id == sweep.id, Sweep.launch_id == launch.id, Sweep.state == SweepState.DRAFT)
    values = {"state": SweepState.RUNNING, "reason": reason, "params": params}
    begun = one(
        tx,
        sa.update(Sweep)
        .where(here)
        .values(values | {"confirmed_at": now, "confirmed_by": str(actor)})
        .returning(Sweep),
    )
    if begun is None:
        raise AlreadyConfirmed
    data = {"sweep": begun.public_id, "deed": begun.deed, "people": begun.total}
    said = {"reason": reason}
    record(tx, "sweeping.confirmed", launch.id, ("sweep", begun.id), actor, now, data, personal=said)
    return go_on(tx, launch, begun.id, now=now)


def undo(tx: Tx, launch: Launch, sweep: Sweep, *, actor: Actor, now: datetime) -> bool:
    """Take back what was done, within ten minutes of its end; True when more is left. Raises CannotUndo."""
    tx.execute(launches.locked(launch.id))
    here = sa.and_(
        Sweep.id == sweep.id,
        Sweep.launch_id == launch.id,
        Sweep.state == SweepState.DONE,
        Sweep.done_at > now - UNDO,
        Sweep.deed.not_in(CANNOT_BE_UNDONE),
    )
    begun = one(
        tx, sa.update(Sweep).where(here).values(state=SweepState.UNDOING, undone_by=str(actor)).returning(Sweep)
    )
    if begun is None:
        raise CannotUndo
    record(tx, "sweeping.undone", launch.id, ("sweep", begun.id), actor, now, {"sweep": begun.public_id})
    return go_on(tx, launch, begun.id, now=now)


def go_on(tx: Tx, launch: Launch, sweep_id: int, *, now: datetime) -> bool:
    """Do or undo the next chunk of what is under way; True when there is more."""
    tx.execute(launches.locked(launch.id))  # two workers cannot do the same people
    sweep = one(tx, sa.select(Sweep).where(Sweep.id == sweep_id))
    if sweep is None or sweep.state not in (SweepState.RUNNING, SweepState.UNDOING):
        return False
    back = sweep.state == SweepState.UNDOING
    members = _next(tx, sweep, "done" if back else "planned")
    deeds.lock(tx, launch, Deed(sweep.deed), members, back=back)
    kind, _, name = ((sweep.undone_by if back else sweep.confirmed_by) or "").partition(":")
    for member in members:
        outcome = (deeds.undo if back else deeds.do)(tx, launch, sweep, member, actor=Actor(kind, name), now=now)
        _note(tx, member, outcome)
    if len(members) == CHUNK:
        return True
    over = {"state": SweepState.UNDONE, "undone_at": now} if back else {"state": SweepState.DONE, "done_at": now}
    _changed(tx, Sweep.id == sweep.id, **over)
    return False


def going(tx: Tx) -> Sequence[Sweep]:
    """What is under way anywhere."""
    query = sa.select(Sweep).where(Sweep.state.in_((SweepState.RUNNING, SweepState.UNDOING))).order_by(Sweep.id)
    return some(tx, query)


def _next(tx: Tx, sweep: Sweep, outcome: str) -> Sequence[SweepMember]:
    """Undoing goes backwards, so that each finds what stood before them."""
    order = SweepMember.position.desc() if outcome == "done" else SweepMember.position
    query = sa.select(SweepMember).where(SweepMember.sweep_id == sweep.id, SweepMember.outcome == outcome)
    return some(tx, query.order_by(order).limit(CHUNK))


def _note(tx: Tx, member: SweepMember, outcome: deeds.Outcome) -> None:
    tx.execute(
        sa.update(SweepMember)
        .where(SweepMember.sweep_id == member.sweep_id, SweepMember.position == member.position)
        .values(outcome=outcome.word, why=outcome.why, kept=outcome.kept or member.kept)
    )


def _changed(tx: Tx, where: sa.ColumnElement[bool], **values: object) -> Sweep:
    changed = one(tx, sa.update(Sweep).where(where).values(**values).returning(Sweep))
    assert changed is not None, "it was just read"
    return changed
