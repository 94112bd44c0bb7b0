"""`launch freeze|kill|unkill`: stops beside the pause, each with its exact inverse."""

import click

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.launch import commands
from waitlist.cli.printing import print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, launch_called
from waitlist.services import braking
from waitlist.services.braking import Level

REASON = click.option("--reason", required=True, help="For the team; it stands in the audit log.")


@commands.command()
@SLUG
@REASON
@DRY_RUN
@AS_JSON
def freeze(slug: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Let nobody new in; invites that are out stay good. `launch resume` ends it."""
    _brake(slug, Level.FREEZE, reason, dry_run, as_json)


@commands.command()
@SLUG
@REASON
@DRY_RUN
@AS_JSON
def kill(slug: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Answer every product that nobody may in, members included; nothing in the ledger changes."""
    _brake(slug, Level.KILL, reason, dry_run, as_json)


@commands.command()
@SLUG
@DRY_RUN
@AS_JSON
def unkill(slug: str, dry_run: bool, as_json: bool) -> None:
    """Give every product the answers it had before `launch kill`."""
    levels = (Level.KILL,)
    moved = change(
        lambda tx: braking.lift(tx, launch_called(tx, slug), levels, actor=COMMAND, now=clock.now()), dry_run=dry_run
    )
    print_one({"slug": slug, "changed": True, "invites_extended": moved}, as_json)


def _brake(slug: str, level: Level, reason: str, dry_run: bool, as_json: bool) -> None:
    hold = change(
        lambda tx: braking.brake(tx, launch_called(tx, slug), level, reason=reason, actor=COMMAND, now=clock.now()),
        dry_run=dry_run,
    )
    print_one({"slug": slug, "changed": hold is not None, "hold": hold}, as_json)
