"""`people ...`: who is in a launch, and where."""

from typing import Any

import click

from waitlist import db
from waitlist.addresses import canon
from waitlist.cli.printing import print_one, print_rows
from waitlist.cli.shape import AS_JSON, SLUG, group, launch_called, read, stamp
from waitlist.db import Tx, reading
from waitlist.models import entry as entries
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.models.rank import standing_of
from waitlist.queries.roster import Person, roster
from waitlist.runtime import runtime

commands = group("people", "The people of a launch: list, show, move, hold, import and export them.")

STATE = click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([state.value for state in State]),
    help="Only people in this state.",
)
WHO = click.argument("who")


@commands.command("list")
@SLUG
@STATE
@click.option("--limit", type=click.IntRange(min=1), help="At most so many.")
@AS_JSON
def list_(slug: str, states: tuple[str, ...], limit: int | None, as_json: bool) -> None:
    """Print the people of a launch, first in line first."""
    with reading() as rx:
        launch = launch_called(rx, slug)
        rows = (_line(person, as_json) for person in roster(rx, launch.id, states=states, limit=limit))
        print_rows(rows, as_json, empty="No one has joined yet.")


@commands.command()
@SLUG
@WHO
@AS_JSON
def show(slug: str, who: str, as_json: bool) -> None:
    """Print one person, by address or id: their place and what explains it."""
    print_one(read(lambda rx: _facts(rx, launch_called(rx, slug), who)), as_json)


def person_called(tx: Tx, launch: Launch, who: str) -> Entry:
    """The person with this address or id; refuses with the way to the right one."""
    query = entries.by_public_id(launch.id, who)
    if "@" in who:
        query = entries.by_address(launch.id, canon(who).key)
    person = db.one(tx, query)
    if person is None:
        raise click.ClickException(f"{who} is not in {launch.slug}. `people list {launch.slug}` prints who is.")
    return person


def _line(person: Person, as_json: bool) -> dict[str, Any]:
    if not as_json:
        return {
            "place": person.position,
            "email": person.email,
            "name": person.name,
            "state": "on hold" if person.held else person.state,
            "score": person.score,
            "referrer": person.referrer_email,
            "joined": person.joined_at.strftime("%Y-%m-%d"),
        }
    return {
        "id": person.id,
        "email": person.email,
        "state": person.state,
        "position": person.position,
        "score": person.score,
        "referrer": person.referrer,
        "joined_at": stamp(person.joined_at),
        "referrer_email": person.referrer_email,
        "name": person.name,
        "friends": person.friends,
        "held": person.held,
    }


def _facts(rx: Tx, launch: Launch, who: str) -> dict[str, Any]:
    person = person_called(rx, launch, who)
    standing = standing_of(rx, person.id)
    referrer = db.one(rx, entries.by_id(person.referrer_id)) if person.referrer_id else None
    return {
        "id": person.public_id,
        "email": person.email,
        "name": person.name,
        "state": person.state,
        "held": person.held_by is not None,
        "position": standing.place if standing else None,
        "of": standing.total if standing else None,
        "by_order_of_confirmation": standing.arrival if standing else None,
        "moved_by_points": standing.points if standing else None,
        "score": person.score,
        "friends": person.friends,
        "referrer": referrer.public_id if referrer else None,
        "referrer_email": referrer.email if referrer else None,
        "referral_link": f"{runtime().settings.base_url}/r/{person.slug}",
        "invites_left": person.allowance_left,
        "language": person.language,
        "joined_at": stamp(person.created_at),
        "confirmed_at": stamp(person.confirmed_at),
        "state_at": stamp(person.state_at),
        "state_by": person.state_by,
    }
