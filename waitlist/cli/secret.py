"""`secret rotate`: a new key for links; the old ones stay good for a while."""

from datetime import timedelta

import click

from waitlist import clock, secret_files
from waitlist.cli.printing import note, print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, group, stamp
from waitlist.runtime import runtime

commands = group("secret", "The key files.")


@commands.command()
@click.option(
    "--keep-days",
    type=click.IntRange(1, 3_650),
    default=60,
    show_default=True,
    help="How long links that the old keys signed go on working.",
)
@DRY_RUN
@AS_JSON
def rotate(keep_days: int, dry_run: bool, as_json: bool) -> None:  # fmt: skip
    """Sign new links with a new key. Typed codes and look-ups do not change."""
    now = clock.now()
    keep_until = now + timedelta(days=keep_days)
    valid = len(runtime().secrets.signing) + 1
    if not dry_run:
        valid = secret_files.rotate(runtime().settings.instance, keep_until=keep_until, now=now)
    print_one({"keys": valid, "old_until": stamp(keep_until)}, as_json)
    if not dry_run:
        note("Restart `serve` and the workers, on every machine, with the same key files.")
