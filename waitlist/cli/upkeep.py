"""`recount` and `audit verify`: what an operator runs to see that the numbers and the log are right."""

from typing import Any

import click

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.printing import print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, launch_called, read, stamp, top
from waitlist.db import Tx
from waitlist.models.condition import main_line
from waitlist.services import ranking, sealing, seating
from waitlist.services.recording import record

audit = group("audit", "The audit log.")


@top.command()
@SLUG
@DRY_RUN
@AS_JSON
def recount(slug: str, dry_run: bool, as_json: bool) -> None:
    """Count the line of a launch anew and print how many of its numbers were wrong; it must say 0.

    `seats` is how far the seat counter is from the offers and members that hold seats; it must say 0 too.
    """
    now = clock.now()

    def verb(tx: Tx) -> dict[str, Any]:
        launch = launch_called(tx, slug)
        differences = ranking.recount(tx, main_line(tx, launch.id))
        record(tx, "ranking.recounted", launch.id, ("launch", launch.id), COMMAND, now, {"differences": differences})
        return {"slug": slug, "differences": differences, "seats": seating.difference(tx, launch.id)}

    print_one(change(verb, dry_run=dry_run), as_json)


@audit.command()
@AS_JSON
def verify(as_json: bool) -> None:
    """Walk the sealed chain of the audit log; exit code 1 when something in it was changed or is missing."""
    found = read(sealing.verify)
    facts = {"position": found.position, "digest": found.digest, "broken_at": found.broken_at}
    print_one(facts | {"verified_up_to": stamp(found.sealed_at)}, as_json)
    if found.broken_at is not None:
        raise click.ClickException(f"The log does not hold from position {found.broken_at} on: restore a backup.")
