"""`plan ...`: the whole rollout of a launch: what is planned, by which preset, in which hours, and all of it halted."""

from datetime import datetime
from typing import Any

import click

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.options import WHEN
from waitlist.cli.printing import note, print_one, print_rows
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, launch_called, read, stamp
from waitlist.cli.stage import SPAN, facts
from waitlist.db import Tx, one, some
from waitlist.domains import rule_domain
from waitlist.models.launch import Launch, gate_in_force
from waitlist.models.stage import blackouts, stages
from waitlist.services import braking, presetting, staging, windowing
from waitlist.services.braking import Level
from waitlist.services.presetting import Proposal, Wishes

commands = group("plan", "The rollout of a launch: its stages, hours and blackouts, and presets that fill them.")
REASON = click.option("--reason", required=True, help="For the team; it stands in the audit log.")


@commands.command()
@SLUG
@AS_JSON
def show(slug: str, as_json: bool) -> None:
    """Print the stages in order, the hours in which people are invited, and the blackouts."""

    def found(rx: Tx) -> list[dict[str, Any]]:
        launch = launch_called(rx, slug)
        hours = {"days": launch.release_days, "from": launch.release_from, "to": launch.release_to}
        dark = [
            {
                "is": "blackout",
                "id": row.id,
                "from": stamp(row.starts_at),
                "to": stamp(row.ends_at),
                "reason": row.reason,
            }
            for row in some(rx, blackouts(launch.id))
        ]
        plan = [{"is": "stage", **facts(stage)} for stage in some(rx, stages(launch.id))]
        return [*plan, {"is": "hours", **hours}, *dark]

    print_rows(read(found), as_json)


@commands.command()
@SLUG
@click.argument("preset", type=click.Choice(sorted(presetting.PRESETS)))
@click.option("--domain", "domains", multiple=True, help="Of a campus or company. May be given several times.")
@click.option("--subdomains", is_flag=True, help="And everything below these domains.")
@click.option("--invite-only", is_flag=True, help="A campus that comes in by invite.")
@click.option("--list", "list_key", default="vip", help="Key of the list of VIPs, or of the first members.")
@click.option("--group", "groups", multiple=True, help="One step of regions or departments: US,CA or finance/payroll.")
@click.option("--hops", type=int, default=2, help="How many invites away from the first members.")
@click.option("--size", type=int, help="People of each wave.")
@click.option("--every", "every_minutes", type=SPAN, default="7d", help="Time between waves, or from step to step.")
@click.option("--reserve", "reserved_seats", type=int, default=0, help="Seats kept for VIPs.")
@click.option("--ramp", is_flag=True, help="Slow waves of 1, 2, 5, 10, 20, 50 and 100 percent, a day each.")
@click.option("--starts", "starts_at", type=WHEN, help="When the first step starts. Default: by hand.")
@click.option("--note", default="", help="Public words beside a new version of the rules.")
@DRY_RUN
@AS_JSON
def preset(slug: str, preset: str, dry_run: bool, as_json: bool, **asked: Any) -> None:
    """Fill the plan from one of eight presets, in place of every stage that has not started; says what changes."""
    asked["domains"] = tuple(sorted({rule_domain(typed).domain for typed in asked["domains"]}))
    asked["groups"] = tuple(tuple(part.strip() for part in group.split(",") if part) for group in asked["groups"])
    wishes, now = Wishes(**asked), clock.now()

    def fill(tx: Tx) -> Proposal:
        launch = launch_called(tx, slug)
        proposal = proposal_for(tx, launch, preset, wishes, now)
        presetting.apply(tx, launch, proposal, seen=launch.revision, actor=COMMAND, now=now)
        return proposal

    proposal = change(fill, dry_run=dry_run)
    print_one(
        {
            "taken_back": list(proposal.drops),
            "added": [draft.key for draft in proposal.drafts],
            "rules": proposal.tree or "as they are",
        },
        as_json,
    )
    if not as_json and dry_run:
        note("Nothing is saved. Leave --dry-run out to save it.")


def proposal_for(tx: Tx, launch: Launch, preset: str, wishes: Wishes, now: datetime) -> Proposal:
    """What this preset would change of the launch as it is."""
    rules = one(tx, gate_in_force(launch.id))
    assert rules is not None, "every launch has rules from its first day"
    return presetting.propose(preset, wishes, launch, some(tx, stages(launch.id)), rules.tree, now)


@commands.command()
@SLUG
@click.argument("key")
@DRY_RUN
@AS_JSON
def start(slug: str, key: str, dry_run: bool, as_json: bool) -> None:
    """Start a stage now: the same as `stage start`."""
    now = clock.now()
    started = change(
        lambda tx: staging.start(tx, launch_called(tx, slug), key, actor=COMMAND, now=now), dry_run=dry_run
    )
    print_one(facts(started), as_json)


@commands.command()
@SLUG
@REASON
@DRY_RUN
@AS_JSON
def halt(slug: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Halt all: no stage starts, no wave goes on, nobody new comes in. `launch resume` ends it."""
    now, level = clock.now(), Level.FREEZE
    hold = change(
        lambda tx: braking.brake(tx, launch_called(tx, slug), level, reason=reason, actor=COMMAND, now=now),
        dry_run=dry_run,
    )
    print_one({"slug": slug, "changed": hold is not None, "hold": hold}, as_json)


@commands.command()
@SLUG
@click.option("--days", default="", help="Weekdays as digits, 0 is Monday: 0123. Default: every day.")
@click.option("--from", "opens", default="", help="From this time of day, like 09:00. Default: midnight.")
@click.option("--to", "closes", default="", help="Until this time of day, like 16:00. Default: midnight.")
@DRY_RUN
@AS_JSON
def hours(slug: str, days: str, opens: str, closes: str, dry_run: bool, as_json: bool) -> None:
    """Invite people only on these days between these times, by the launch's clock; without options, at any time."""
    if set(days) - set("0123456"):
        raise click.BadParameter("write digits from 0 (Monday) to 6 (Sunday)", param_hint="--days")
    for text in (opens, closes):
        if text and not windowing.is_time(text):
            raise click.BadParameter(f"{text} is no time of day. Write it like 09:00.")
    now, week = clock.now(), "".join(sorted(set(days)))
    change(
        lambda tx: windowing.keep_hours(tx, launch_called(tx, slug), week, opens, closes, actor=COMMAND, now=now),
        dry_run=dry_run,
    )
    print_one({"days": week, "from": opens, "to": closes}, as_json)


@commands.command()
@SLUG
@click.option("--from", "starts_at", type=WHEN, required=True, help="From this moment.")
@click.option("--to", "ends_at", type=WHEN, required=True, help="Until this moment.")
@REASON
@DRY_RUN
@AS_JSON
def blackout(slug: str, starts_at: datetime, ends_at: datetime, reason: str, dry_run: bool, as_json: bool) -> None:
    """Invite nobody between two moments."""
    now = clock.now()
    made = change(
        lambda tx: windowing.black_out(
            tx, launch_called(tx, slug), starts_at, ends_at, reason=reason, actor=COMMAND, now=now
        ),
        dry_run=dry_run,
    )
    print_one({"id": made.id, "from": stamp(made.starts_at), "to": stamp(made.ends_at)}, as_json)


@commands.command("end-blackout")
@SLUG
@click.argument("number", type=int)
@DRY_RUN
@AS_JSON
def end_blackout(slug: str, number: int, dry_run: bool, as_json: bool) -> None:
    """Take a blackout back by its id."""
    now = clock.now()
    change(
        lambda tx: windowing.end_blackout(tx, launch_called(tx, slug), number, actor=COMMAND, now=now), dry_run=dry_run
    )
    print_one({"id": number, "ended": True}, as_json)
