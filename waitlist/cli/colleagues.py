"""`team`: who may do what, from a terminal. A command may do all that an owner may; the last owner stays one."""

from typing import Any

import click

from waitlist import addresses, clock, db
from waitlist.actors import COMMAND
from waitlist.cli.printing import print_one, print_rows
from waitlist.cli.shape import AS_JSON, DRY_RUN, change, group, launch_called, read, stamp
from waitlist.db import Tx
from waitlist.models.access import Role, User, user_by_email
from waitlist.queries import team as teams
from waitlist.services import regrading

team = group("team", "Admins: list, change a role, remove.")
LAUNCH = click.option("--launch", "slug", help="Roles on this launch only; without it, those that count on all.")


@team.command("list")
@LAUNCH
@AS_JSON
def list_colleagues(slug: str | None, as_json: bool) -> None:
    """Everybody with a role: their sign-in, and when they were last seen."""
    found = read(lambda rx: teams.colleagues(rx, _scope(rx, slug)))
    rows = [
        {
            "email": one.email,
            "name": one.name,
            "role": one.role.value,
            "on_all": one.everywhere,
            "two_steps": one.two_steps,
            "last_seen": stamp(one.seen_at),
        }
        for one in found
    ]
    print_rows(rows, as_json, empty="Nobody has a role yet. `create-admin` makes an admin.")


@team.command("role")
@click.argument("email")
@click.argument("role", type=click.Choice([role.value for role in Role]))
@LAUNCH
@DRY_RUN
@AS_JSON
def change_role(email: str, role: str, slug: str | None, dry_run: bool, as_json: bool) -> None:
    """Give somebody on the team another role, and tell them by mail."""

    def verb(tx: Tx) -> dict[str, Any]:
        user, scope = _user(tx, email), _scope(tx, slug)
        changed = regrading.regrade(tx, user.id, Role(role), launch_id=scope, actor=COMMAND, now=clock.now())
        return {"email": user.email, "role": role, "launch": slug, "changed": changed}

    print_one(change(verb, dry_run=dry_run), as_json)


@team.command("remove")
@click.argument("email")
@LAUNCH
@DRY_RUN
@AS_JSON
def remove(email: str, slug: str | None, dry_run: bool, as_json: bool) -> None:
    """Take a role away and tell its holder by mail. The account stays, and its other roles."""

    def verb(tx: Tx) -> dict[str, Any]:
        user, scope = _user(tx, email), _scope(tx, slug)
        regrading.dismiss(tx, user.id, launch_id=scope, actor=COMMAND, now=clock.now())
        return {"email": user.email, "launch": slug, "removed": True}

    print_one(change(verb, dry_run=dry_run), as_json)


def _scope(tx: Tx, slug: str | None) -> int | None:
    return launch_called(tx, slug).id if slug else None


def _user(tx: Tx, email: str) -> User:
    user = db.one(tx, user_by_email(addresses.canon(email).key))
    if user is None:
        raise click.ClickException(f"{email} is no admin. `team list` names them.")
    return user
