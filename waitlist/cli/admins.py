"""`create-admin` and `reset-admin`: accounts for the team, without any mail."""

import sys
from typing import Any

import click

from waitlist import addresses, clock, db, passwords
from waitlist.actors import COMMAND
from waitlist.cli.printing import note, print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, change, launch_called, top
from waitlist.db import Tx
from waitlist.models.access import Role, User, user_by_email
from waitlist.runtime import runtime
from waitlist.services import appointing, installing, securing
from waitlist.tokens import Purpose


@top.command("create-admin")
@click.argument("email")
@click.option("--name", default="", help="How the team calls them.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.OWNER.value, show_default=True)
@click.option("--launch", "slug", help="The role counts on this launch only; without it, on all.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@DRY_RUN
@AS_JSON
def create_admin(
    email: str, name: str, role: str, slug: str | None, password_stdin: bool, dry_run: bool, as_json: bool
) -> None:
    """Make an admin. Without a password it prints a link, good for ten minutes, by which they choose their own."""
    key = addresses.canon(email).key
    hashed = _hashed(sys.stdin.readline().rstrip("\n")) if password_stdin else None
    facts = change(lambda tx: _create(tx, key, name, Role(role), slug, hashed), dry_run=dry_run)
    print_one(facts, as_json)


@top.command("reset-admin")
@click.argument("email")
@click.option("--lost-device", is_flag=True, help="Forget the second step and the passkeys of this admin, too.")
@DRY_RUN
@AS_JSON
def reset_admin(email: str, lost_device: bool, dry_run: bool, as_json: bool) -> None:
    """Print a link, good for ten minutes and one use, by which an admin chooses a new password."""
    key = addresses.canon(email).key

    def verb(tx: Tx) -> dict[str, Any]:
        user = db.one(tx, user_by_email(key))
        if user is None:
            raise click.ClickException(f"{email} is no admin. `create-admin` makes one.")
        if lost_device:
            securing.forget_devices(tx, user.id, actor=COMMAND, now=clock.now())
        return {"email": user.email, "link": _reset_link(tx, user)}

    print_one(change(verb, dry_run=dry_run), as_json)


def first_owner() -> bool:
    """Make the owner whom the settings name, when there is nobody yet; says whether it did."""
    settings = runtime().settings
    if settings.admin_email is None or settings.admin_password is None:
        return False
    key = addresses.canon(settings.admin_email).key
    hashed = _hashed(settings.admin_password)

    def verb(tx: Tx) -> bool:
        if installing.set_up_version(tx) is None:
            return False
        installing.claim(tx, None)
        _create(tx, key, "", Role.OWNER, None, hashed)
        return True

    made = change(verb)
    if made:
        note(f"{key} is the first owner and may sign in at {runtime().settings.base_url}/admin")
    return made


def _create(tx: Tx, key: str, name: str, role: Role, slug: str | None, hashed: str | None) -> dict[str, Any]:
    launch_id = launch_called(tx, slug).id if slug else None
    now = clock.now()
    user = appointing.create(tx, email=key, name=name, password_hash=hashed, actor=COMMAND, now=now)
    appointing.grant(tx, user.id, role, launch_id=launch_id, actor=COMMAND, now=now)
    link = None if hashed else _reset_link(tx, user)
    return {"email": user.email, "role": role.value, "launch": slug, "link": link}


def _reset_link(tx: Tx, user: User) -> str:
    version = appointing.offer_reset(tx, user.id, actor=COMMAND, now=clock.now())
    token = runtime().tokens.sign(Purpose.ADMIN_RESET, "", str(user.id), version)
    return f"{runtime().settings.base_url}/admin/reset/{token}"


def _hashed(password: str) -> str:
    """What is kept of a password; refuses one that is too short or too long."""
    if passwords.fault_in(password) is not None:
        raise click.ClickException(
            f"A password has {passwords.SHORTEST} to {passwords.LONGEST} characters. Choose another one."
        )
    return passwords.hashed(password)
