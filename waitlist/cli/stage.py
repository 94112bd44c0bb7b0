"""`stage ...`: a launch opens step by step, to whom each step's rule admits."""

import json
from collections.abc import Callable
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
from waitlist.models.launch import gate_in_force
from waitlist.models.stage import Stage, stages
from waitlist.queries import simulating
from waitlist.services import advancing, staging

commands = group("stage", "Stages: open a launch step by step, each to whom its rule admits.")
KEY = click.argument("key")
UNITS = {"m": 1, "h": 60, "d": 1440}
PPM = 10_000  # of one percent


class Span(click.ParamType[int]):
    """A time like 90m, 36h or 7d, in minutes."""

    name = "time"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """The minutes; wrong use (exit code 2) for anything else."""
        if isinstance(value, int):
            return value
        number, unit = str(value)[:-1], str(value)[-1:]
        if not number.isdecimal() or unit not in UNITS or len(number) > 6:
            self.fail(f"{value} is no time. Write it like 90m, 36h or 7d.", param, ctx)
        return int(number) * UNITS[unit]


SPAN = Span()
OPTIONS = (
    click.option("--rule", help='Whom it admits, as JSON: {"kind": "everyone"}. Default: the launch\'s own rules.'),
    click.option("--mode", type=click.Choice(["open", "release", "redeem"]), default="open", help="How: whoever "
                 "passes is in, is invited by waves, or may come in by an invite.  [default: open]"),
    click.option("--name", default="", help="What people read. Default: the key."),
    click.option("--select", "selects", type=click.Choice(["fifo", "draw", "score", "manual"]), default="fifo",
                 help="How waves pick; manual: whoever is tagged with the key.  [default: fifo]"),
    click.option("--quota", type=int, help="People of each wave. Default: everybody who fits."),
    click.option("--share", type=float, help="The same in percent of those who fit when the wave is cut."),
    click.option("--reserve", "reserved_seats", type=int, default=0, help="Seats kept for this stage."),
    click.option("--backfill", is_flag=True, help="Whoever lets an invite go is made up for in its next wave."),
    click.option("--starts", "starts_at", type=WHEN, help="When it starts. Default: by hand, with `stage start`."),
    click.option("--after", "after_minutes", type=SPAN, help="It starts so long (90m, 36h, 7d) after the one before."),
    click.option("--approvals", type=int, help="It starts once so many others have approved it."),
    click.option("--every", "every_minutes", type=SPAN, help="Time from one wave to the next. Default: one wave."),
    click.option("--waves", "waves_most", type=int, help="At most so many waves."),
    click.option("--until", "exits", multiple=True, help="What must be so before the next stage starts: minutes=N, "
                 "admitted=N, redeemed=N, clear or ended. May be given several times."),
)  # fmt: skip


def planned(command: Callable[..., Any]) -> Callable[..., Any]:
    """What a stage can be told, for the commands that plan one."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@commands.command("list")
@SLUG
@AS_JSON
def list_(slug: str, as_json: bool) -> None:
    """Print the stages of a launch in order."""

    def found(rx: Tx) -> list[dict[str, Any]]:
        return [facts(stage) for stage in some(rx, stages(launch_called(rx, slug).id))]

    print_rows(read(found), as_json)


@commands.command()
@SLUG
@KEY
@planned
@DRY_RUN
@AS_JSON
def add(slug: str, key: str, dry_run: bool, as_json: bool, **asked: Any) -> None:
    """Plan a further stage, and say first how many people it would move if it started now."""
    draft, now = _draft(key, asked), clock.now()
    moved = read(lambda rx: _would_move(rx, slug, draft, now))
    made = change(lambda tx: staging.add(tx, launch_called(tx, slug), draft, actor=COMMAND, now=now), dry_run=dry_run)
    print_one({**facts(made), "would_let_in": moved}, as_json)
    if not as_json:
        words = {"open": "lets {} people in", "release": "invites {} people", "redeem": "may let {} people in"}
        note(f"This {words[draft.mode].format(moved)} once it starts, and whoever joins and fits.")


@commands.command("change")
@SLUG
@KEY
@planned
@DRY_RUN
@AS_JSON
def change_(slug: str, key: str, dry_run: bool, as_json: bool, **asked: Any) -> None:
    """Plan a stage anew, all of it; once it has started, only how many it invites. Approvals are asked for again."""
    draft, now = _draft(key, asked), clock.now()
    moved = read(lambda rx: _would_move(rx, slug, draft, now))
    made = change(
        lambda tx: staging.change(tx, launch_called(tx, slug), draft, actor=COMMAND, now=now), dry_run=dry_run
    )
    print_one({**facts(made), "would_let_in": moved}, as_json)


@commands.command()
@SLUG
@KEY
@click.option("--at", type=WHEN, help="Another moment. Default: now.")
@DRY_RUN
@AS_JSON
def start(slug: str, key: str, at: datetime | None, dry_run: bool, as_json: bool) -> None:
    """Start a stage now, or move its start."""
    _print(
        slug, lambda tx, launch, now: staging.start(tx, launch, key, at=at, actor=COMMAND, now=now), dry_run, as_json
    )


@commands.command()
@SLUG
@KEY
@DRY_RUN
@AS_JSON
def approve(slug: str, key: str, dry_run: bool, as_json: bool) -> None:
    """Say yes to the start of a stage that somebody else planned."""
    _print(slug, lambda tx, launch, now: advancing.approve(tx, launch, key, actor=COMMAND, now=now), dry_run, as_json)


@commands.command()
@SLUG
@KEY
@DRY_RUN
@AS_JSON
def skip(slug: str, key: str, dry_run: bool, as_json: bool) -> None:
    """Pass a stage over, or make no further wave of one that runs."""
    _print(slug, lambda tx, launch, now: staging.skip(tx, launch, key, actor=COMMAND, now=now), dry_run, as_json)


@commands.command()
@SLUG
@KEY
@DRY_RUN
@AS_JSON
def withdraw(slug: str, key: str, dry_run: bool, as_json: bool) -> None:
    """Take a stage back that has not started."""
    _print(slug, lambda tx, launch, now: staging.withdraw(tx, launch, key, actor=COMMAND, now=now), dry_run, as_json)


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
    _print(slug, lambda tx, launch, now: staging.resume(tx, launch, key, actor=COMMAND, now=now), dry_run, as_json)


def _print(slug: str, verb: Callable[..., Stage], dry_run: bool, as_json: bool) -> None:
    now = clock.now()
    print_one(facts(change(lambda tx: verb(tx, launch_called(tx, slug), now), dry_run=dry_run)), as_json)


def _would_move(rx: Tx, slug: str, draft: staging.Draft, now: datetime) -> int:
    launch = launch_called(rx, slug)
    if draft.mode == "release":
        return advancing.would_invite(rx, launch, draft, now)
    tree = draft.tree
    if tree is None:
        tree = rx.execute(sa.select(gate_in_force(launch.id).subquery().c.tree)).scalar_one()
    return sum(simulating.with_stage(rx, launch, parse(tree), now).values())


def _draft(key: str, asked: dict[str, Any]) -> staging.Draft:
    rule, share, after = asked.pop("rule"), asked.pop("share"), asked.pop("after_minutes")
    approvals, at = asked.pop("approvals"), asked["starts_at"]
    asked["exits"] = dict(_exit(text) for text in asked.pop("exits"))
    if sum(one is not None for one in (after, approvals, at)) > 1:
        raise click.UsageError("Choose one of --starts, --after and --approvals.")
    starts = "after" if after is not None else "approval" if approvals is not None else ""
    return staging.Draft(
        key,
        None if rule is None else _tree(rule),
        starts=starts,
        share_ppm=None if share is None else round(share * PPM),
        after_minutes=after or 0,
        approvals=approvals or 0,
        **asked,
    )


def _exit(text: str) -> tuple[str, Any]:
    name, _, number = text.partition("=")
    if number and not (number.isdecimal() and len(number) < 8):
        raise click.BadParameter(f"{text}: write a number after the =", param_hint="--until")
    return name, int(number) if number else True


def _tree(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.ClickException(f"The rule is no JSON: {error}.") from None


def facts(stage: Stage) -> dict[str, Any]:
    """A stage as data."""
    size = f"{stage.share_ppm / PPM:g} %" if stage.share_ppm is not None else stage.quota
    return {
        "ordinal": stage.ordinal,
        "key": stage.key,
        "mode": stage.mode,
        "starts": stage.starts,
        "starts_at": stamp(stage.started_at),
        "size": size,
        "waves": stage.waves_made,
        "next_at": stamp(stage.next_at),
        "ended_at": stamp(stage.ended_at),
        "rule": "the launch's" if stage.tree is None else json.dumps(stage.tree),
    }
