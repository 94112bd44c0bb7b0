"""`arms ...`: split whoever is admitted among the arms of an experiment, and see how many are in each."""

from typing import Any

import click

from waitlist import clock, splits
from waitlist.actors import COMMAND
from waitlist.cli.printing import print_one, print_rows
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, launch_called, read
from waitlist.db import Tx
from waitlist.queries import arms as queries
from waitlist.services import splitting

commands = group("arms", "Arms: split new members among the arms of an experiment.")


@commands.command("set")
@SLUG
@click.argument("weights", nargs=-1)
@DRY_RUN
@AS_JSON
def set_(slug: str, weights: tuple[str, ...], dry_run: bool, as_json: bool) -> None:
    """Split whoever is admitted from now on: `new=50 other=12.5` are percent, and the rest is control.

    Without any arm everybody new is control. Who has an arm keeps it.
    """
    arms = [(name, splits.ppm(percent)) for name, _, percent in (word.partition("=") for word in weights)]

    def verb(tx: Tx) -> dict[str, Any]:
        made = splitting.set_arms(tx, launch_called(tx, slug), arms, actor=COMMAND, now=clock.now())
        return {"version": made.version} | splits.weights(splits.read(made.arms))

    print_one(change(verb, dry_run=dry_run), as_json)


@commands.command()
@SLUG
@AS_JSON
def show(slug: str, as_json: bool) -> None:
    """Print each arm, its weight in parts per million, and how many people it has."""
    found = read(lambda rx: queries.arms(rx, launch_called(rx, slug)))
    rows = [{"arm": arm.name, "ppm": arm.weight, "people": arm.people} for arm in found]
    print_rows(rows, as_json, empty="There are no arms. `arms set` makes some.")
