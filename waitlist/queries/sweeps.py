"""A sweep as its page shows it: who is in it, and what became of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.sweep import Sweep, SweepMember

SHOWN = 100


@dataclass(frozen=True)
class Somebody:
    """One person of a sweep. `seen` is the state that was looked at, `state` the one of now."""

    id: str
    email: str
    seen: str
    state: str
    held: bool
    outcome: str
    why: str


@dataclass(frozen=True)
class Progress:
    """How many came to which outcome, and the first people: those with whom nothing happened before all others."""

    counts: Mapping[str, int]
    people: Sequence[Somebody]

    @property
    def done(self) -> int:
        """With how many it was done, taken back or not."""
        return sum(self.counts.get(word, 0) for word in ("done", "undone", "kept"))


def progress(rx: Tx, sweep: Sweep) -> Progress:
    """What became of the people so far."""
    mine = SweepMember.sweep_id == sweep.id
    counts = sa.select(SweepMember.outcome, sa.func.count().label("n")).where(mine).group_by(SweepMember.outcome)
    odd = sa.case((SweepMember.outcome.in_(("skipped", "kept")), 0), else_=1)
    query = (
        sa.select(SweepMember, Entry.public_id, Entry.email, Entry.state, Entry.held_by)
        .join(Entry, Entry.id == SweepMember.entry_id)
        .where(mine)
        .order_by(odd, SweepMember.position)
        .limit(SHOWN)
    )
    people = [
        Somebody(row.public_id, row.email, row.seen_state, row.state, row.held_by is not None, row.outcome, row.why)
        for row in rx.execute(query)
    ]
    return Progress({row.outcome: row.n for row in rx.execute(counts)}, people)
