"""`stage ...`: a launch opens step by step, to whom each step's rule admits."""

import json
from datetime import datetime
from typing import Any

import click
import sqlalchemy as sa

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.options import WHEN
from waitlist.cli.printing import note, print_one, print_rows
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, launch_called, read, stamp
from waitlist.db import Tx, some
from waitlist.gates import parse
from waitlist.models.launch import Stage
from waitlist.queries import simulating
from waitlist.services import staging

commands = group("stage", "Stages: open a launch step by step, each to whom its rule admits.")
KEY = click.argument("key")


@commands.command("list")
@SLUG
@AS_JSON
def list_(slug: str, as_json: bool) -> None:
    """Print the stages of a launch in order."""

    def found(rx: Tx) -> list[dict[str, Any]]:
        mine = Stage.launch_id == launch_called(rx, slug).id
        return [_facts(stage) for stage in some(rx, sa.select(Stage).where(mine).order_by(Stage.ordinal))]

    print_rows(read(found), as_json)


@commands.command()
@SLUG
@KEY
@click.option("--rule", required=True, help='Whom it admits, as JSON: {"kind": "everyone"}.')
@click.option("--starts", type=WHEN, help="When it starts. Default: by hand, with `stage start`.")
@DRY_RUN
@AS_JSON
def add(slug: str, key: str, rule: str, starts: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Plan a further stage, and say first how many people it would let in if it started now."""
    tree = _tree(rule)
    now = clock.now()
    moved = read(lambda rx: simulating.with_stage(rx, launch_called(rx, slug), parse(tree), now))
    draft = staging.Draft(key, tree, starts)
    made = change(lambda tx: staging.add(tx, launch_called(tx, slug), draft, actor=COMMAND, now=now), dry_run=dry_run)
    print_one({**_facts(made), "would_let_in": sum(moved.values())}, as_json)
    if not as_json:
        note(f"This lets {sum(moved.values())} people in once it starts, and whoever joins and fits.")


@commands.command()
@SLUG
@KEY
@click.option("--at", type=WHEN, help="Another moment. Default: now.")
@DRY_RUN
@AS_JSON
def start(slug: str, key: str, at: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Start a stage now, or move its start."""
    now = clock.now()
    stage = change(
        lambda tx: staging.start(tx, launch_called(tx, slug), key, at=at, actor=COMMAND, now=now), dry_run=dry_run
    )
    print_one(_facts(stage), as_json)


@commands.command()
@SLUG
@KEY
@DRY_RUN
@AS_JSON
def withdraw(slug: str, key: str, dry_run: bool, as_json: bool) -> None:
    """Take a stage back that has not started."""
    now = clock.now()
    gone = change(
        lambda tx: staging.withdraw(tx, launch_called(tx, slug), key, actor=COMMAND, now=now), dry_run=dry_run
    )
    print_one(_facts(gone), as_json)


@commands.command()
@SLUG
@KEY
@click.option("--reason", required=True, help="For the team; it stands in the audit log.")
@DRY_RUN
@AS_JSON
def pause(slug: str, key: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Let nobody new in by a stage; whom it let in stays in."""
    now = clock.now()
    hold = change(
        lambda tx: staging.pause(tx, launch_called(tx, slug), key, reason=reason, actor=COMMAND, now=now),
        dry_run=dry_run,
    )
    print_one({"key": key, "hold": hold}, as_json)


@commands.command()
@SLUG
@KEY
@DRY_RUN
@AS_JSON
def resume(slug: str, key: str, dry_run: bool, as_json: bool) -> None:
    """End the pause of a stage."""
    now = clock.now()
    stage = change(lambda tx: staging.resume(tx, launch_called(tx, slug), key, actor=COMMAND, now=now), dry_run=dry_run)
    print_one(_facts(stage), as_json)


def _tree(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.ClickException(f"The rule is no JSON: {error}.") from None


def _facts(stage: Stage) -> dict[str, Any]:
    return {
        "ordinal": stage.ordinal,
        "key": stage.key,
        "mode": stage.mode,
        "starts_at": stamp(stage.started_at),
        "rule": "the launch's" if stage.tree is None else json.dumps(stage.tree),
    }
