"""Experimenting: a question is asked of the arms; its end is fixed before it starts, and nobody wins before that."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.experiment import Experiment, split_in_force
from waitlist.models.launch import Launch, locked
from waitlist.services import splitting
from waitlist.services.launching import SLUG, BadSlug
from waitlist.services.recording import record
from waitlist.splits import CONTROL, WHOLE


class NoArms(Exception):
    """There is nothing to compare: the launch splits nobody."""


class NoEnd(ValueError):
    """An experiment ends after so many people or at a moment ahead, and says which before it starts."""


class AlreadyRunning(Exception):
    """Another experiment runs here, or one had this key before."""


class NotRunning(LookupError):
    """There is no such experiment, or it was stopped."""


class NoSuchArm(ValueError):
    """The launch has no arm of this name."""


@dataclass(frozen=True)
class Question:
    """Which outcome shall differ, and when it is answered: after `min_people` exposed, or at `ends_at`."""

    key: str
    outcome: str
    min_people: int | None = None
    ends_at: datetime | None = None


def start(tx: Tx, launch: Launch, question: Question, *, actor: Actor, now: datetime) -> Experiment:
    """Begin to ask. Raises BadSlug, NoEnd, NoArms or AlreadyRunning."""
    for word in (question.key, question.outcome):
        if not SLUG.fullmatch(word):
            raise BadSlug(word)
    if not question.min_people and (question.ends_at is None or question.ends_at <= now):
        raise NoEnd
    tx.execute(locked(launch.id))
    split = one(tx, split_in_force(launch.id))
    if split is None or not split.arms:
        raise NoArms
    mine = sa.select(Experiment.id).where(Experiment.launch_id == launch.id)
    taken = mine.where(sa.or_(Experiment.stopped_at.is_(None), Experiment.key == question.key))
    if tx.scalar(taken.limit(1)) is not None:
        raise AlreadyRunning
    row = vars(question) | {"public_id": codes.random_id("exp"), "launch_id": launch.id}
    row |= {"started_at": now, "started_by": str(actor)}
    made = one(tx, sa.insert(Experiment).values(row).returning(Experiment))
    assert made is not None, "INSERT ... RETURNING answers with its row"
    data = {"key": made.key, "outcome": made.outcome, "min_people": made.min_people}
    data |= {"ends_at": None if made.ends_at is None else made.ends_at.isoformat()}
    record(tx, "experimenting.started", launch.id, ("launch", launch.id), actor, now, data)
    return made


def stop(tx: Tx, launch: Launch, key: str, *, ship: str = "", actor: Actor, now: datetime) -> Experiment:
    """Ask no more. `ship` gives everybody new this arm from now on; nobody who has one is moved.

    Raises NotRunning or NoSuchArm.
    """
    tx.execute(locked(launch.id))
    if ship:
        _ship(tx, launch, ship, actor=actor, now=now)
    running = sa.and_(Experiment.launch_id == launch.id, Experiment.key == key, Experiment.stopped_at.is_(None))
    ended = sa.update(Experiment).where(running).values(stopped_at=now, stopped_by=str(actor), shipped=ship)
    stopped = one(tx, ended.returning(Experiment))
    if stopped is None:
        raise NotRunning(key)
    record(tx, "experimenting.stopped", launch.id, ("launch", launch.id), actor, now, {"key": key, "shipped": ship})
    return stopped


def _ship(tx: Tx, launch: Launch, arm: str, *, actor: Actor, now: datetime) -> None:
    split = one(tx, split_in_force(launch.id))
    names = {name for name, _ in split.arms} if split is not None else set()
    if arm not in names | {CONTROL}:
        raise NoSuchArm(arm)
    splitting.set_arms(tx, launch, [] if arm == CONTROL else [(arm, WHOLE)], actor=actor, now=now)
