"""`launch verify-draw`: recompute a launch's draw from its secret, as anybody can once it is published."""

import hashlib

import click
import sqlalchemy as sa

from waitlist.addresses import Address, canon, ticket
from waitlist.cli.launch import commands
from waitlist.cli.printing import print_one
from waitlist.cli.shape import AS_JSON, SLUG, launch_called
from waitlist.db import reading
from waitlist.models.entry import ERASED, Entry


@commands.command("verify-draw")
@SLUG
@click.option("--salt", help="The published secret, in hex. Default: the one that is kept.")
@click.option("--email", help="Print the tickets of this address, too.")
@AS_JSON
def verify_draw(slug: str, salt: str | None, email: str | None, as_json: bool) -> None:
    """Check that the secret is the one that was promised, and that every ticket follows from it."""
    with reading() as rx:
        launch = launch_called(rx, slug)
        drawn = _bytes(salt or launch.salt)
        promised = hashlib.sha256(drawn).hexdigest() == launch.salt_commitment
        people = sa.select(Entry.email, Entry.ticket, Entry.arm_ticket).where(Entry.launch_id == launch.id)
        checked, wrong = 0, 0
        for row in rx.execute(people.where(Entry.email != ERASED).execution_options(yield_per=1_000)):
            checked += 1
            wrong += tickets(canon(row.email), drawn) != (row.ticket, row.arm_ticket)
    found: dict[str, object] = {
        "promised": launch.salt_commitment,
        "kept": promised,
        "checked": checked,
        "wrong": wrong,
    }
    if email is not None:
        found |= dict(zip(("ticket", "arm_ticket"), tickets(canon(email), drawn), strict=True))
    print_one(found, as_json)
    if not promised or wrong:
        raise click.ClickException("The draw does not follow from the secret that was promised.")


def tickets(address: Address, salt: bytes) -> tuple[int, int]:
    """The tickets of an address: the order of waves, and the arm."""
    return ticket(address.mailbox, salt, "wave"), ticket(address.mailbox, salt, "arm")


def _bytes(salt: str) -> bytes:
    try:
        return bytes.fromhex(salt)
    except ValueError:
        raise click.ClickException("The secret is no hexadecimal number.") from None
