"""`experiment ...`: ask which arm does better, and read what they answer."""

from datetime import datetime
from typing import Any

import click

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.options import WHEN
from waitlist.cli.printing import print_one, print_rows
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, launch_called, read, stamp
from waitlist.db import Tx
from waitlist.queries import experiments
from waitlist.services import experimenting

commands = group(
    "experiment", "Experiments: compare the arms by an outcome, with an end that is fixed before the start."
)
KEY = click.argument("key")


@commands.command()
@SLUG
@KEY
@click.option("--outcome", required=True, help="The outcome that counts, as the product names it.")
@click.option("--people", type=click.IntRange(min=1), help="It ends after so many people saw it.")
@click.option("--until", type=WHEN, help="Or it ends at this moment.")
@DRY_RUN
@AS_JSON
def start(
    slug: str, key: str, outcome: str, people: int | None, until: datetime | None, dry_run: bool, as_json: bool
) -> None:
    """Ask which arm does better."""

    def verb(tx: Tx) -> dict[str, Any]:
        asked = experimenting.Question(key, outcome, people, until)
        made = experimenting.start(tx, launch_called(tx, slug), asked, actor=COMMAND, now=clock.now())
        return {"key": made.key, "outcome": made.outcome, "people": made.min_people, "until": stamp(made.ends_at)}

    print_one(change(verb, dry_run=dry_run), as_json)


@commands.command()
@SLUG
@KEY
@click.option("--ship", default="", help="Give everybody new this arm from now on.")
@DRY_RUN
@AS_JSON
def stop(slug: str, key: str, ship: str, dry_run: bool, as_json: bool) -> None:
    """Ask no more; what was counted stays."""

    def verb(tx: Tx) -> dict[str, Any]:
        ended = experimenting.stop(tx, launch_called(tx, slug), key, ship=ship, actor=COMMAND, now=clock.now())
        return {"key": ended.key, "shipped": ended.shipped, "stopped_at": stamp(ended.stopped_at)}

    print_one(change(verb, dry_run=dry_run), as_json)


@commands.command()
@SLUG
@AS_JSON
def show(slug: str, as_json: bool) -> None:
    """Print what the arms answer: people, outcomes, the difference to control with its 95 % interval, who won."""

    def rows(rx: Tx) -> list[dict[str, Any]]:
        found = experiments.all_of(rx, launch_called(rx, slug), clock.now())
        return [
            {"key": one.experiment.key, "arm": arm.name, "people": arm.exposed, "outcomes": arm.outcomes}
            | {"low": arm.difference.low if arm.difference else None}
            | {"high": arm.difference.high if arm.difference else None}
            | {"over": one.is_over, "mismatch": one.mismatch, "winner": one.winner.name if one.winner else None}
            for one in found
            for arm in one.arms
        ]

    print_rows(read(rows), as_json, empty="Nothing was asked yet. `experiment start` does.")
