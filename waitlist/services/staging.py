"""Staging: a launch opens step by step, each step to whom its rule admits: at a moment, by hand, paused, taken back.

These are open stages: whoever passes is in, without a seat. What one let in stays in when it is paused.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.gates import dump, parse
from waitlist.models.hold import FREEZE, Hold
from waitlist.models.launch import Launch, Stage, locked
from waitlist.services.launching import SLUG, BadSlug, NeedsProof
from waitlist.services.recording import record


class StageTaken(ValueError):
    """The launch has a stage of this key already."""


class NoSuchStage(LookupError):
    """The launch has no stage of this key in that state: it may have started, been paused or been taken back."""


@dataclass(frozen=True)
class Draft:
    """A stage as somebody plans it; without `starts_at` it waits to be started by hand."""

    key: str
    tree: dict[str, Any]
    starts_at: datetime | None = None


def add(tx: Tx, launch: Launch, draft: Draft, *, actor: Actor, now: datetime) -> Stage:
    """Put a stage after the last one. Raises BadGate, BadSlug, StageTaken or NeedsProof."""
    gate = parse(draft.tree)
    if not SLUG.fullmatch(draft.key):
        raise BadSlug(draft.key)
    if gate.needs_mailbox and not launch.double_opt_in:
        raise NeedsProof
    tx.execute(locked(launch.id))
    mine = Stage.launch_id == launch.id
    if tx.scalar(sa.select(Stage.id).where(mine, Stage.key == draft.key)) is not None:
        raise StageTaken(draft.key)
    last = tx.scalar(sa.select(sa.func.max(Stage.ordinal)).where(mine)) or 0
    row = {"launch_id": launch.id, "ordinal": last + 1, "key": draft.key, "kind": gate.kind, "mode": "open"}
    row |= {"tree": dump(gate), "started_at": draft.starts_at, "started_by": str(actor)}
    made = one(tx, sa.insert(Stage).values(row).returning(Stage))
    assert made is not None, "INSERT ... RETURNING answers with its row"
    _record(tx, launch, "added", made, actor, now)
    return made


def start(tx: Tx, launch: Launch, key: str, *, at: datetime | None = None, actor: Actor, now: datetime) -> Stage:
    """Start a stage now, or move its start to `at`, while it has not started. Raises NoSuchStage."""
    changed = sa.update(Stage).where(_ahead(launch, key, now)).values(started_at=at or now, started_by=str(actor))
    return _claimed(tx, launch, "started", key, changed.returning(Stage), actor=actor, now=now)


def withdraw(tx: Tx, launch: Launch, key: str, *, actor: Actor, now: datetime) -> Stage:
    """Take a stage back that has not started. Raises NoSuchStage."""
    gone = sa.delete(Stage).where(_ahead(launch, key, now)).returning(Stage)
    return _claimed(tx, launch, "withdrawn", key, gone, actor=actor, now=now)


def pause(tx: Tx, launch: Launch, key: str, *, reason: str, actor: Actor, now: datetime) -> str:
    """Let nobody new in by this stage; returns the hold's public id. Raises NoSuchStage."""
    tx.execute(locked(launch.id))
    stage = one(tx, sa.select(Stage).where(Stage.launch_id == launch.id, Stage.key == key))
    if stage is None or tx.scalar(sa.select(Hold.id).where(_pauses(launch, stage))) is not None:
        raise NoSuchStage(key)
    public_id = codes.random_id("hld")
    row = {"public_id": public_id, "launch_id": launch.id, "scope": "stage", "target_id": stage.id, "effect": FREEZE}
    row |= {"source": "admin", "reason": reason, "created_at": now, "created_by": str(actor)}
    tx.execute(sa.insert(Hold).values(row))
    _record(tx, launch, "paused", stage, actor, now)
    return public_id


def resume(tx: Tx, launch: Launch, key: str, *, actor: Actor, now: datetime) -> Stage:
    """End the pause of a stage. Raises NoSuchStage."""
    tx.execute(locked(launch.id))
    stage = one(tx, sa.select(Stage).where(Stage.launch_id == launch.id, Stage.key == key))
    if stage is None:
        raise NoSuchStage(key)
    ended = sa.update(Hold).where(_pauses(launch, stage)).values(released_at=now, released_by=str(actor))
    if tx.execute(ended).rowcount == 0:
        raise NoSuchStage(key)
    _record(tx, launch, "resumed", stage, actor, now)
    return stage


def _ahead(launch: Launch, key: str, now: datetime) -> sa.ColumnElement[bool]:
    """An added stage that has not started; the first one of a launch starts with its opening."""
    not_yet = sa.or_(Stage.started_at.is_(None), Stage.started_at > now)
    return sa.and_(Stage.launch_id == launch.id, Stage.key == key, Stage.ordinal > 1, not_yet)


def _pauses(launch: Launch, stage: Stage) -> sa.ColumnElement[bool]:
    of_it = sa.and_(Hold.scope == "stage", Hold.target_id == stage.id, Hold.source == "admin")
    return sa.and_(Hold.launch_id == launch.id, of_it, Hold.released_at.is_(None))


def _claimed(tx: Tx, launch: Launch, verb: str, key: str, statement: Any, *, actor: Actor, now: datetime) -> Stage:
    tx.execute(locked(launch.id))
    stage: Stage | None = one(tx, statement)
    if stage is None:
        raise NoSuchStage(key)
    _record(tx, launch, verb, stage, actor, now)
    return stage


def _record(tx: Tx, launch: Launch, verb: str, stage: Stage, actor: Actor, now: datetime) -> None:
    starts = None if stage.started_at is None else stage.started_at.isoformat()
    data = {"stage": stage.key, "ordinal": stage.ordinal, "starts_at": starts}
    record(tx, f"staging.{verb}", launch.id, ("launch", launch.id), actor, now, data)
