"""`guard ...`: rates that no wave may pass, and what happens when one does."""

from typing import Any

import click

from waitlist import clock, splits
from waitlist.actors import COMMAND
from waitlist.cli.printing import print_one, print_rows
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, launch_called, read, stamp
from waitlist.db import Tx
from waitlist.models.guard import ACTIONS, METRICS
from waitlist.queries import guards
from waitlist.services import guarding

commands = group("guard", "Guardrails: stop a wave by itself when it goes wrong.")
METRIC = click.argument("metric", type=click.Choice(METRICS))


@commands.command("set")
@SLUG
@METRIC
@click.option("--limit", required=True, help="The tolerated share of a wave's people, in percent: 5 or 0.1.")
@click.option("--do", "action", type=click.Choice(ACTIONS), default="pause", show_default=True, help="What is done.")
@DRY_RUN
@AS_JSON
def set_(slug: str, metric: str, limit: str, action: str, dry_run: bool, as_json: bool) -> None:
    """Act once a wave surely has more of its people in this trouble than is tolerated."""

    def verb(tx: Tx) -> dict[str, Any]:
        ppm = splits.ppm(limit)
        guarding.guard(tx, launch_called(tx, slug), metric, ppm, action, actor=COMMAND, now=clock.now())
        return {"metric": metric, "limit_ppm": ppm, "action": action}

    print_one(change(verb, dry_run=dry_run), as_json)


@commands.command()
@SLUG
@METRIC
@DRY_RUN
@AS_JSON
def off(slug: str, metric: str, dry_run: bool, as_json: bool) -> None:
    """Watch this trouble no more."""

    def verb(tx: Tx) -> dict[str, Any]:
        gone = guarding.drop(tx, launch_called(tx, slug), metric, actor=COMMAND, now=clock.now())
        return {"metric": metric, "watched_before": gone}

    print_one(change(verb, dry_run=dry_run), as_json)


@commands.command("list")
@SLUG
@AS_JSON
def list_(slug: str, as_json: bool) -> None:
    """Print what is watched, and what was stopped by it."""

    def found(rx: Tx) -> list[dict[str, Any]]:
        launch = launch_called(rx, slug)
        rails = [
            {"metric": one.metric, "limit_ppm": one.limit_ppm, "action": one.action}
            for one in guards.guardrails(rx, launch)
        ]
        acted = [
            {"metric": one.metric, "limit_ppm": one.limit_ppm, "action": one.action, "wave": one.wave_id}
            | {"k": one.k, "n": one.n, "e": one.e, "at": stamp(one.tripped_at)}
            for one in guards.trips(rx, launch)
        ]
        return rails + acted

    print_rows(read(found), as_json, empty="Nothing is watched. `guard set` begins to.")
