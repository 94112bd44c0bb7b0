"""Simulating: how a rule would change the answers of the people there are, before anybody puts it in force."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.gates import parse
from waitlist.gates.answers import Admits
from waitlist.gates.deciding import Plan, Step, Verdict, decide
from waitlist.gates.gate import Gate
from waitlist.gates.ticket import WHOLE
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


def wave_of(
    rx: Tx,
    launch: Launch,
    tree: dict[str, Any] | None,
    *,
    quota: int | None = None,
    share_ppm: int | None = None,
    now: datetime,
) -> int:
    """About how many people a wave for this rule (None: the launch's own) would invite now, if seats were no matter.

    The dry run of the wave itself also asks holds, mailboxes and seats; this answers before there is one.
    """
    plan = deciding.plan_of(rx, launch)
    rules = [plan.steps[0].gate]  # the first stage is the launch's own
    rules += [] if tree is None else [parse(tree)]
    fit = 0
    for people in _chunks(rx, launch):
        for subject in deciding.subjects(rx, launch, people, now).values():
            waits = subject.entry == "waiting" and subject.brake is None and not subject.blocked
            fit += waits and all(isinstance(rule.answer(subject.applicant, now), Admits) for rule in rules)
    if share_ppm is not None:
        return max(fit * share_ppm // WHOLE, min(fit, 1))
    return fit if quota is None else min(fit, quota)
