"""What every command shares: its exit codes, its refusals, its --json and its --dry-run."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from waitlist import db
from waitlist.cli.refusals import sentence_for
from waitlist.db import Tx, reading, writing
from waitlist.models import launch as launches
from waitlist.models.launch import Launch
from waitlist.runtime import runtime
from waitlist.services.inviting import Keys

R = TypeVar("R")

SLUG = click.argument("slug")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON, one object a line.")
DRY_RUN = click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
YES = click.option("--yes", is_flag=True, help="Do not ask; for scripts.")


class Command(click.Command):
    """A command whose refusals are one sentence on stderr with exit code 1 (2 for wrong use)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except DBAPIError as error:
            raise click.ClickException(_database_sentence(error)) from error
        except Exception as outcome:
            sentence = sentence_for(outcome)
            if sentence is None:
                raise
            raise click.ClickException(sentence) from outcome


class Group(AppGroup):
    """A group of commands that run in the app's context."""

    command_class = Command


top = Group("waitlist")


def group(name: str, words: str) -> Group:
    """A new group of commands on the top level."""
    made = Group(name, help=words, short_help=words)
    top.add_command(made)
    return made


def read(query: Callable[[Tx], R]) -> R:
    """The answer of one query."""
    with reading() as rx:
        return query(rx)


def change(verb: Callable[[Tx], R], *, dry_run: bool = False) -> R:
    """One verb in one transaction, run again when it met another one. A dry run does it all and takes it back."""

    def once() -> R:
        outcome: list[R] = []
        try:
            with writing() as tx:
                outcome.append(verb(tx))
                if dry_run:
                    raise _TakenBackError
        except _TakenBackError:
            pass
        return outcome[0]

    return db.retried(once)


def keys() -> Keys:
    """What typed codes are derived and looked up with."""
    return Keys(runtime().codes_key, runtime().secrets.pepper)


def launch_called(tx: Tx, slug: str) -> Launch:
    """The launch with this slug; refuses with the way to the right one."""
    launch = db.one(tx, launches.by_slug(slug))
    if launch is None:
        raise click.ClickException(f"There is no launch {slug!r}. `flask --app app launch list` names them.")
    return launch


def stamp(moment: datetime | None) -> str | None:
    """A moment as JSON has it: RFC 3339, UTC, whole seconds."""
    return None if moment is None else moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _database_sentence(error: DBAPIError) -> str:
    first = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else type(error.orig).__name__
    if "no such table" in first or "does not exist" in first:
        return "The database has no tables yet. Run `flask --app app init` first."
    return f"The database cannot be used ({first}). `flask --app app doctor` looks for the cause."


class _TakenBackError(Exception):
    """Ends a dry run: the transaction rolls back."""
