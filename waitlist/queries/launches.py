"""Launches as lists and summaries: what each is right now, and how many people stand where."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models.condition import Circumstances, circumstances
from waitlist.models.entry import Entry, State
from waitlist.models.launch import GateRevision, Launch, gate_in_force


@dataclass(frozen=True)
class Summary:
    """A launch with its circumstances, its rules in force and its people by stored state (every state, also at 0)."""

    launch: Launch
    now: Circumstances
    rules: GateRevision
    people: dict[str, int]


def all_launches(rx: Tx, *, archived: bool = False) -> Sequence[Launch]:
    """Every launch, oldest first; archived ones only when asked for."""
    query = sa.select(Launch).order_by(Launch.id)
    return some(rx, query if archived else query.where(Launch.archived_at.is_(None)))


def entry_of_link(slug: str) -> sa.Select[Entry]:
    """Whose referral link this is: a slug is unique over all launches, so it names its launch too."""
    return sa.select(Entry).where(Entry.slug == slug)


def summary(rx: Tx, launch: Launch, now: datetime) -> Summary:
    """What `launch show` and the overview tell of one launch."""
    counted = rx.execute(
        sa.select(Entry.state, sa.func.count()).where(Entry.launch_id == launch.id).group_by(Entry.state)
    )
    people = {str(state): 0 for state in State} | {row[0]: row[1] for row in counted}
    rules = one(rx, gate_in_force(launch.id))
    assert rules is not None, "every launch has rules from its first day"
    return Summary(launch, circumstances(rx, launch, now), rules, people)
