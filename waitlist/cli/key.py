"""`key ...`: keys that products ask with."""

from typing import Any

import click

from waitlist import clock
from waitlist import keys as key_texts
from waitlist.actors import COMMAND
from waitlist.cli.options import WHEN
from waitlist.cli.printing import note, print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, group, launch_called, stamp
from waitlist.db import Tx
from waitlist.models.access import ApiKey
from waitlist.runtime import runtime
from waitlist.services import keying


class Scope(click.Choice[str]):
    """One of the scopes, or `fact:` and the name of a fact that the product may vouch for."""

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        return value if key_texts.is_scope(value) else super().convert(value, param, ctx)


SCOPE = Scope(key_texts.SCOPES)
commands = group("key", "API keys: create and revoke.")


@commands.command()
@SLUG
@click.option("--name", default="", help="What the team calls it.")
@click.option("--public", is_flag=True, help="For browsers; it may only ask what everybody may know.")
@click.option("--scope", "scopes", multiple=True, type=SCOPE, help="What it may do. Default: all.")
@click.option("--origin", "origins", multiple=True, help="A site whose pages may ask with it: https://shop.example.")
@click.option("--expires", type=WHEN, help="When it ends.")
@DRY_RUN
@AS_JSON
def create(slug: str, public: bool, dry_run: bool, as_json: bool, **wishes: Any) -> None:
    """Make a key and print it, once: it is kept as a hash only."""
    kind = "public" if public else "secret"
    text = key_texts.make(kind)
    scopes = wishes["scopes"] or (() if public else key_texts.SCOPES)

    def verb(tx: Tx) -> ApiKey:
        return keying.create(
            tx,
            launch_called(tx, slug),
            kind=kind,
            name=wishes["name"],
            key_hash=key_texts.key_hash(runtime().secrets.pepper, text),
            key_end=key_texts.end(text),
            scopes=scopes,
            origins=wishes["origins"],
            expires_at=wishes["expires"],
            actor=COMMAND,
            now=clock.now(),
        )

    key = change(verb, dry_run=dry_run)
    print_one(
        {"id": key.public_id, "key": text, "kind": kind, "scopes": list(key.scopes), "origins": list(key.origins)},
        as_json,
    )
    if not as_json:
        note("You will not be able to see it again.")


@commands.command()
@SLUG
@click.argument("key")
@DRY_RUN
@AS_JSON
def revoke(slug: str, key: str, dry_run: bool, as_json: bool) -> None:
    """End a key at once, by its id."""
    gone = change(
        lambda tx: keying.revoke(tx, launch_called(tx, slug), key, actor=COMMAND, now=clock.now()), dry_run=dry_run
    )
    print_one({"id": gone.public_id, "revoked_at": stamp(gone.revoked_at)}, as_json)
