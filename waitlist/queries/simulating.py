"""Simulating: how a rule would change the answers of the people there are, before anybody puts it in force."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.gates.deciding import Plan, Step, Verdict, decide
from waitlist.gates.gate import Gate
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.queries import deciding


def with_stage(rx: Tx, launch: Launch, gate: Gate, now: datetime) -> dict[tuple[Verdict, Verdict], int]:
    """How many people would change from one verdict to another if an open stage with this rule started now.

    People whose answer stays are left out. Reads 500 people at a time.
    """
    plan = deciding.plan_of(rx, launch)
    wider = replace(plan, steps=(*plan.steps, Step(0, "simulated", "open", gate, now)))
    moved: Counter[tuple[Verdict, Verdict]] = Counter()
    for people in _chunks(rx, launch):
        moved += _moved(rx, launch, people, (plan, wider), now)
    return dict(moved)


def _moved(
    rx: Tx, launch: Launch, people: Sequence[Entry], plans: tuple[Plan, Plan], now: datetime
) -> Counter[tuple[Verdict, Verdict]]:
    moved: Counter[tuple[Verdict, Verdict]] = Counter()
    for subject in deciding.subjects(rx, launch, people, now).values():
        before, after = (decide(plan, subject, now).verdict for plan in plans)
        if before is not after:
            moved[before, after] += 1
    return moved


def _chunks(rx: Tx, launch: Launch) -> Iterator[Sequence[Entry]]:
    last = 0
    query = sa.select(Entry).where(Entry.launch_id == launch.id).order_by(Entry.id).limit(deciding.CHUNK)
    while people := some(rx, query.where(Entry.id > last)):
        yield people
        last = people[-1].id
