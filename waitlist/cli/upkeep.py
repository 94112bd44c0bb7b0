"""`recount`: what an operator runs to see that the numbers are right."""

from typing import Any

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.printing import print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, launch_called, top
from waitlist.db import Tx
from waitlist.models.condition import main_line
from waitlist.services import ranking
from waitlist.services.recording import record


@top.command()
@SLUG
@DRY_RUN
@AS_JSON
def recount(slug: str, dry_run: bool, as_json: bool) -> None:
    """Count the line of a launch anew and print how many of its numbers were wrong; it must say 0."""
    now = clock.now()

    def verb(tx: Tx) -> dict[str, Any]:
        launch = launch_called(tx, slug)
        differences = ranking.recount(tx, main_line(tx, launch.id))
        record(tx, "ranking.recounted", launch.id, ("launch", launch.id), COMMAND, now, {"differences": differences})
        return {"slug": slug, "differences": differences}

    print_one(change(verb, dry_run=dry_run), as_json)
