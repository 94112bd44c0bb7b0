"""`invite ...`: links and typed codes for n people, or for one address."""

from datetime import datetime
from typing import Any

import click

from waitlist import addresses, applying, clock, codes, db
from waitlist.actors import COMMAND
from waitlist.cli.options import WHEN
from waitlist.cli.printing import note, print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, keys, launch_called, read, stamp
from waitlist.db import Tx
from waitlist.models import entry as entries
from waitlist.models import invite as invites
from waitlist.models import launch as launches
from waitlist.models.invite import Invite, InviteSource
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services import inviting
from waitlist.services.inviting import Order
from waitlist.tokens import Purpose

commands = group("invite", "Invites: create, revoke, send again and look up.")

INVITE = click.argument("invite")


@commands.command()
@SLUG
@click.option("--uses", type=click.IntRange(1, 1_000_000), default=1, show_default=True, help="For how many people.")
@click.option("--email", help="Bind it to this address; it holds a seat from now on.")
@click.option("--send", is_flag=True, help="Mail it to that address, too.")
@click.option("--days", type=click.IntRange(1, 3_650), help="How long it is good for.")
@click.option("--starts", type=WHEN, help="When it begins to work.")
@click.option("--ends", type=WHEN, help="When it ends.")
@click.option("--allowance", type=click.IntRange(0, 20), help="How many friends each may invite.")
@click.option("--note", "words", default="", help="A line for the invited, plain text.")
@click.option("--override-rules", is_flag=True, help="The rules do not apply to whoever uses it; the deny list does.")
@DRY_RUN
@AS_JSON
def create(slug: str, email: str | None, send: bool, dry_run: bool, as_json: bool, **wishes: Any) -> None:
    """Make an invite and print its link and typed code: the shown kind, which proves nobody's mailbox."""
    now = clock.now()
    if email is not None and wishes["uses"] != 1:
        raise click.UsageError("An invite bound to an address is for one person: leave --uses out.")
    if send and email is None:
        raise click.UsageError("--send needs --email: a link for everybody has nobody to write to.")

    def verb(tx: Tx) -> tuple[Launch, Invite]:
        launch = launch_called(tx, slug)
        order = _order(tx, launch, email, wishes)
        invite = inviting.issue(tx, launch, order, keys=keys(), actor=COMMAND, now=now)
        if send:
            inviting.send(tx, launch, invite, now=now)
        return launch, invite

    launch, invite = change(verb, dry_run=dry_run)
    print_one(_shown(launch, invite, now), as_json)
    if email and not send and not as_json:
        note("Nothing was mailed. Give the link to them yourself, or use --send.")


@commands.command()
@SLUG
@INVITE
@DRY_RUN
@AS_JSON
def revoke(slug: str, invite: str, dry_run: bool, as_json: bool) -> None:
    """End an invite. Who is in stays in; unused uses go back."""
    now = clock.now()

    def verb(tx: Tx) -> dict[str, Any]:
        launch = launch_called(tx, slug)
        ended = inviting.revoke(tx, launch, _called(tx, launch, invite), actor=COMMAND, now=now)
        return {"id": ended.public_id, "state": state_of(ended, now), "uses": ended.uses}

    print_one(change(verb, dry_run=dry_run), as_json)


@commands.command()
@SLUG
@INVITE
@DRY_RUN
@AS_JSON
def resend(slug: str, invite: str, dry_run: bool, as_json: bool) -> None:
    """Make a new link and code with a new end date, and mail it where it is bound. The old ones say so."""
    now = clock.now()

    def verb(tx: Tx) -> tuple[Launch, Invite]:
        launch = launch_called(tx, slug)
        return launch, inviting.resend(tx, launch, _called(tx, launch, invite), keys=keys(), actor=COMMAND, now=now)

    launch, newer = change(verb, dry_run=dry_run)
    print_one(_shown(launch, newer, now), as_json)


@commands.command()
@click.argument("code")
@AS_JSON
def verify(code: str, as_json: bool) -> None:
    """Say which invite a typed code belongs to, and whether it can be used. Changes nothing."""
    try:
        symbols = codes.read_code(code)
    except codes.BadCode:
        raise click.ClickException("Check the code: one character looks wrong.") from None
    hashed = codes.look_up_hash(runtime().secrets.pepper, symbols)
    print_one(read(lambda rx: _verified(rx, hashed)), as_json)


def state_of(invite: Invite, now: datetime) -> str:
    """The state that people are shown."""
    if invite.revoked_at is not None:
        return "revoked"
    if invite.declined_at is not None:
        return "declined"
    if invite.uses >= invite.max_uses:
        return "used"
    if invite.ended_at is not None or invite.expires_at <= now:
        return "expired"
    return "scheduled" if invite.starts_at is not None and invite.starts_at > now else "active"


def _order(tx: Tx, launch: Launch, email: str | None, wishes: dict[str, Any]) -> Order:
    to, entry = None, None
    if email is not None:
        address = addresses.canon(email)
        hashed = applying.hashed(address, salt=launch.salt, pepper=runtime().secrets.pepper)
        to = (hashed["email"], hashed["email_key"], hashed["abuse_key"])
        entry = db.one(tx, entries.by_address(launch.id, address.key))
    return Order(
        InviteSource.ADMIN,
        to=to,
        uses=wishes["uses"],
        days=wishes["days"],
        entry_id=entry.id if entry else None,
        note=wishes["words"],
        language=entry.language if entry else launch.language,
        allowance=wishes["allowance"],
        overrides_rules=wishes["override_rules"],
        starts_at=wishes["starts"],
        expires_at=wishes["ends"],
    )


def _called(tx: Tx, launch: Launch, public_id: str) -> Invite:
    invite = db.one(tx, invites.by_public_id(launch.id, public_id))
    if invite is None:
        raise click.ClickException(f"There is no invite {public_id} in {launch.slug}. `invite verify CODE` finds one.")
    return invite


def _shown(launch: Launch, invite: Invite, now: datetime) -> dict[str, Any]:
    stationery = runtime().stationery
    return {
        "id": invite.public_id,
        "code": stationery.typed_code(invite.prefix or launch.slug, invite.public_id, invite.version),
        "link": stationery.link(Purpose.INVITE_SHOWN, launch.public_id, invite.public_id, invite.version),
        "state": state_of(invite, now),
        "email": invite.email,
        "uses": invite.max_uses,
        "expires_at": stamp(invite.expires_at),
    }


def _verified(rx: Tx, hashed: str) -> dict[str, Any]:
    invite = db.one(rx, invites.by_code(hashed))
    if invite is None:
        raise click.ClickException("No invite has this code: it was replaced by a newer one, or is of another place.")
    launch = db.one(rx, launches.by_id(invite.launch_id))
    assert launch is not None, "the foreign key says so"
    return {
        "id": invite.public_id,
        "launch": launch.slug,
        "state": state_of(invite, clock.now()),
        "email": invite.email,
        "used": invite.uses,
        "uses": invite.max_uses,
        "expires_at": stamp(invite.expires_at),
    }
