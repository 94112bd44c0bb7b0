"""Launching: a launch is made, opens, pauses, closes, and lets everybody in; each a date with a doer."""

import hashlib
import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.gates import Gate, parse
from waitlist.gates.newcomers import shut_to_newcomers
from waitlist.models.launch import INTEREST, MAIN, GateRevision, Launch, Line, SeatCount
from waitlist.models.stage import Stage
from waitlist.services import braking
from waitlist.services.braking import Level
from waitlist.services.recording import record

SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
RESERVED = frozenset({"admin", "new"})


class BadSlug(ValueError):
    """Not a slug: lower-case letters, digits and hyphens, at most 63, the first no hyphen."""


class SlugTaken(ValueError):
    """A launch with this slug is there already."""


class NotPaused(Exception):
    """There is no pause to end."""


class WrongCondition(Exception):
    """The launch is there already, or was archived."""


class NeedsProof(ValueError):
    """Rules that rest on a proven mailbox cannot go together with a launch that sends no confirmation mails."""


class NobodyNew(ValueError):
    """A rule for joining that only people who are in line already could meet; `gate` is the one that shuts them out."""

    def __init__(self, gate: Gate) -> None:
        super().__init__(gate.kind)
        self.gate = gate


def refuse_shut(gate: Gate) -> None:
    """Raise NobodyNew for rules by which nobody new could ever join."""
    if (shut := shut_to_newcomers(gate)) is not None:
        raise NobodyNew(shut)


@dataclass(frozen=True)
class Plan:
    """What a new launch starts from: a preset's rules and mode, and its columns by name."""

    slug: str
    name: str
    preset: str
    tree: dict[str, Any]
    mode: str  # of the first stage: open, release or redeem
    opens_at: datetime | None
    columns: dict[str, Any] = field(default_factory=dict)


def create(tx: Tx, plan: Plan, *, actor: Actor, now: datetime) -> Launch:
    """Make a launch with everything it needs from its first day; raises BadSlug, SlugTaken, NeedsProof or NobodyNew."""
    if not SLUG.fullmatch(plan.slug) or plan.slug in RESERVED:
        raise BadSlug(plan.slug)
    gate = parse(plan.tree)
    refuse_shut(gate)
    if not plan.columns.get("double_opt_in", True) and gate.needs_mailbox:
        raise NeedsProof
    launch = _insert_launch(tx, plan, actor=actor, now=now)
    for key, ranked in ((MAIN, True), (INTEREST, False)):
        tx.execute(sa.insert(Line).values(launch_id=launch.id, key=key, ranked=ranked))
    tx.execute(
        sa.insert(GateRevision).values(
            launch_id=launch.id, revision=1, tree=plan.tree, created_at=now, created_by=str(actor)
        )
    )
    tx.execute(
        sa.insert(Stage).values(
            launch_id=launch.id,
            ordinal=1,
            key="first",
            kind=plan.preset,
            mode=plan.mode,
            started_at=plan.opens_at,
            started_by=str(actor),
        )
    )
    tx.execute(sa.insert(SeatCount).values(launch_id=launch.id, stage_id=0, seats=launch.seats))
    record(
        tx,
        "launching.created",
        launch.id,
        ("launch", launch.id),
        actor,
        now,
        {"preset": plan.preset, "salt_commitment": launch.salt_commitment},
    )
    return launch


def pause(tx: Tx, launch: Launch, *, reason: str, public_reason: str, actor: Actor, now: datetime) -> str | None:
    """Hold joins, releases and redemptions; returns the hold's public id, or None when it is paused already."""
    return braking.brake(tx, launch, Level.SUSPEND, reason=reason, public_reason=public_reason, actor=actor, now=now)


def resume(tx: Tx, launch: Launch, *, actor: Actor, now: datetime) -> int:
    """End the pause or freeze: every invite's end moves by the time it took. Returns how many; raises NotPaused."""
    try:
        return braking.lift(tx, launch, (Level.FREEZE, Level.SUSPEND), actor=actor, now=now)
    except braking.NotBraked as nothing:
        raise NotPaused from nothing


def open_now(tx: Tx, launch: Launch, *, actor: Actor, now: datetime) -> Launch:
    """Let people join from now on, for the first time or again after closing. Raises WrongCondition."""
    opened = sa.case((Launch.opens_at < now, Launch.opens_at), else_=sa.literal(now, Launch.opens_at.type))
    is_shut = sa.or_(Launch.opens_at.is_(None), Launch.opens_at > now, Launch.closes_at <= now)
    changed = _change(tx, launch, "opened", is_shut, actor, now, opens_at=opened, closes_at=None)
    first = sa.update(Stage).where(Stage.launch_id == launch.id, Stage.ordinal == 1)
    is_ahead = sa.or_(Stage.started_at.is_(None), Stage.started_at > now)
    tx.execute(first.where(is_ahead).values(started_at=now, started_by=str(actor)))
    return changed


def close(tx: Tx, launch: Launch, *, actor: Actor, now: datetime) -> Launch:
    """Nobody joins any more; the line stays, and invites go on. Raises WrongCondition."""
    is_open = sa.or_(Launch.closes_at.is_(None), Launch.closes_at > now)
    return _change(tx, launch, "closed", is_open, actor, now, closes_at=now)


def archive(tx: Tx, launch: Launch, *, actor: Actor, now: datetime) -> Launch:
    """Put a launch away: its pages and its invites are over, its data stays. Raises WrongCondition."""
    return _change(tx, launch, "archived", sa.true(), actor, now, archived_at=now)


def launch_to_all(tx: Tx, launch: Launch, *, actor: Actor, now: datetime) -> Launch:
    """Everybody may come in, without a seat and without waiting: the stage `everyone` starts. Raises WrongCondition."""
    launched = _change(tx, launch, "launched", Launch.launched_at.is_(None), actor, now, launched_at=now)
    last = tx.scalar(sa.select(sa.func.max(Stage.ordinal)).where(Stage.launch_id == launch.id)) or 0
    stage = {"key": "everyone", "kind": "everyone", "mode": "open", "tree": {"kind": "everyone"}}
    values = stage | {"launch_id": launch.id, "ordinal": last + 1, "started_at": now, "started_by": str(actor)}
    tx.execute(sa.insert(Stage).values(values))
    return launched


def _change(
    tx: Tx, launch: Launch, verb: str, possible: sa.ColumnElement[bool], actor: Actor, now: datetime, **values: object
) -> Launch:
    """Set a date of the launch while it is still possible; archived launches do not change."""
    changed = one(
        tx,
        sa.update(Launch)
        .where(Launch.id == launch.id, Launch.archived_at.is_(None), possible)
        .values(changed_at=now, changed_by=str(actor), **values)
        .returning(Launch),
    )
    if changed is None:
        raise WrongCondition
    record(tx, f"launching.{verb}", launch.id, ("launch", launch.id), actor, now)
    return changed


def _insert_launch(tx: Tx, plan: Plan, *, actor: Actor, now: datetime) -> Launch:
    salt = secrets.token_hex(32)
    launch = one(
        tx,
        insert(tx, Launch)
        .values(
            public_id=codes.random_id("lch"),
            slug=plan.slug,
            name=plan.name,
            salt=salt,
            salt_commitment=hashlib.sha256(bytes.fromhex(salt)).hexdigest(),
            created_at=now,
            created_by=str(actor),
            opens_at=plan.opens_at,
            **plan.columns,
        )
        .on_conflict_do_nothing(index_elements=["slug"])
        .returning(Launch),
    )
    if launch is None:
        raise SlugTaken(plan.slug)
    return launch
