"""`people move|hold|release`: what the team does by hand, each with a reason."""

import click

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.people import WHO, commands, person_called
from waitlist.cli.printing import print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, launch_called
from waitlist.db import Tx
from waitlist.services import holding, moving

REASON = click.option("--reason", required=True, help="Stands in the audit log.")


@commands.command()
@SLUG
@WHO
@click.option("--to", type=click.IntRange(min=1), required=True, help="The place, 1 is the first.")
@REASON
@DRY_RUN
@AS_JSON
def move(slug: str, who: str, to: int, reason: str, dry_run: bool, as_json: bool) -> None:
    """Put somebody at a place in line."""

    def verb(tx: Tx) -> dict[str, object]:
        launch = launch_called(tx, slug)
        person = person_called(tx, launch, who)
        place = moving.move(tx, launch, person.id, to=to, reason=reason, actor=COMMAND, now=clock.now())
        return {"id": person.public_id, "email": person.email, "position": place}

    print_one(change(verb, dry_run=dry_run), as_json)


@commands.command()
@SLUG
@WHO
@click.option("--subtree", is_flag=True, help="Everybody whom they brought, too.")
@REASON
@DRY_RUN
@AS_JSON
def hold(slug: str, who: str, subtree: bool, reason: str, dry_run: bool, as_json: bool) -> None:
    """Take somebody out of the line until `people release` gives them their place back."""

    def verb(tx: Tx) -> dict[str, object]:
        launch = launch_called(tx, slug)
        person = person_called(tx, launch, who)
        held = holding.hold(tx, launch, person.id, reason=reason, subtree=subtree, actor=COMMAND, now=clock.now())
        return {"id": person.public_id, "email": person.email, "hold": held}

    print_one(change(verb, dry_run=dry_run), as_json)


@commands.command()
@SLUG
@click.argument("hold")
@DRY_RUN
@AS_JSON
def release(slug: str, hold: str, dry_run: bool, as_json: bool) -> None:
    """End a hold, by its id; everybody whom it took out stands where they stood."""
    people = change(
        lambda tx: holding.release(tx, launch_called(tx, slug), hold, actor=COMMAND, now=clock.now()), dry_run=dry_run
    )
    print_one({"hold": hold, "people": people}, as_json)
