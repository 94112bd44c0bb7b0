"""Openings: what the plan means for one person now and next: a stage that lets them in, or one that will."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.gates import parse
from waitlist.gates.answers import Admits
from waitlist.gates.deciding import Decision, decide
from waitlist.models.entry import by_id
from waitlist.models.launch import Launch
from waitlist.models.stage import Stage, stages
from waitlist.queries import deciding


@dataclass(frozen=True)
class Ahead:
    """A stage with a date that means this person: an open one lets them in then, another one begins to invite."""

    stage: Stage
    at: datetime


def lets_in(now: datetime | sa.BindParameter[datetime]) -> sa.ColumnElement[bool]:
    """Stages that let in whoever fits, without an invite."""
    return sa.and_(Stage.mode == "open", Stage.started_at <= now)


def decision_by_rule(rx: Tx, launch: Launch, entry_id: int, now: datetime) -> Decision | None:
    """What is decided of somebody while a stage is open to whoever fits; None where none is, so a rule lets nobody in.

    One statement for launches without such a stage.
    """
    is_open = sa.select(Stage.id).where(Stage.launch_id == launch.id, lets_in(now))
    if rx.scalar(is_open.limit(1)) is None:
        return None
    entry = one(rx, by_id(entry_id))
    assert entry is not None, "whoever calls has read it"
    return decide(deciding.plan_of(rx, launch), deciding.subject(rx, launch, entry, now), now)


def stage_ahead(rx: Tx, launch: Launch, entry_id: int, now: datetime) -> Ahead | None:
    """The first stage with a date ahead whose rule this person meets, where the team shows its plan."""
    if not launch.show_plan:
        return None
    ahead = stages(launch.id).where(Stage.started_at > now, Stage.ended_at.is_(None), Stage.tree.is_not(None))
    found, entry = some(rx, ahead.order_by(None).order_by(Stage.started_at)), one(rx, by_id(entry_id))
    if not found or entry is None:
        return None
    facts = deciding.subject(rx, launch, entry, now).applicant
    for stage in found:
        if stage.started_at is not None and isinstance(parse(stage.tree).answer(facts, now), Admits):
            return Ahead(stage, stage.started_at)
    return None
