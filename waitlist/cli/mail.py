"""`mail ...`: read the outbox, and see whether the relay works."""

import threading
from collections.abc import Iterator
from typing import Any

import click

from waitlist import addresses, clock, codes
from waitlist.cli.printing import note, print_one, print_rows
from waitlist.cli.shape import AS_JSON, change, group, launch_called, read, stamp
from waitlist.db import Tx, reading
from waitlist.jobs import mails
from waitlist.models.message import MessageState
from waitlist.queries import outbox as outboxes
from waitlist.queries.outbox import Item, Opened, Wanted
from waitlist.runtime import runtime
from waitlist.services import posting

commands = group("mail", "Mails: the outbox, and a test of the relay.")

AT_ONCE = 200


@commands.command("outbox")
@click.option("--launch", "slug", help="Only mails of this launch.")
@click.option("--to", help="Only mails to this address.")
@click.option("--state", "states", multiple=True, type=click.Choice([state.value for state in MessageState]))
@click.option("--template", help="Only mails of this kind, such as confirm or invite.")
@click.option("--limit", type=click.IntRange(min=1), help="The newest so many; without it, all.")
@AS_JSON
def outbox_(as_json: bool, limit: int | None, **wishes: Any) -> None:
    """Print the mails, oldest first, each with its subject and its links."""
    with reading() as rx:
        rows = (_line(item, as_json) for item in _items(rx, wishes, limit))
        print_rows(rows, as_json, empty="The outbox is empty.")


@commands.command()
@click.argument("mail")
def show(mail: str) -> None:
    """Print one mail as it left, or as it would leave now."""
    opened = read(lambda rx: outboxes.opened(rx, mail, runtime().stationery, now=clock.now()))
    if opened is None:
        raise click.ClickException(f"There is no mail {mail}. `mail outbox` prints them.")
    _print_opened(opened)


@commands.command()
@click.argument("address")
@AS_JSON
def test(address: str, as_json: bool) -> None:
    """Send a mail to an address and say how it went."""
    to = addresses.canon(address)
    about: dict[str, int | None] = {"launch_id": None}
    made = change(
        lambda tx: posting.enqueue(
            tx, "test", codes.random_id("tst") + ":1", posting.To(to.email, to.key, "en"), clock.now(), about=about
        )
    )
    if runtime().settings.smtp_url is None:
        note("No relay is set, so it stays in the outbox. Set WAITLIST_SMTP_URL, for example smtp://localhost:25.")
    else:
        mails.send(threading.Event())
    item = read(lambda rx: _newest(rx, to.key))
    print_one({"id": item.id, "to": item.to, "state": item.state, "why": item.why}, as_json)
    assert made == item.row, "nobody tests the same address at the same moment"
    if item.state != MessageState.SENT and runtime().settings.smtp_url is not None:
        raise click.ClickException("The relay did not take it; `doctor` looks at the connection.")


def _items(rx: Tx, wishes: dict[str, Any], limit: int | None) -> Iterator[Item]:
    """Oldest first; with a limit, the newest so many of them."""
    wanted = Wanted(
        launch_id=launch_called(rx, wishes["slug"]).id if wishes["slug"] else None,
        states=wishes["states"],
        kind=wishes["template"],
        to=addresses.canon(wishes["to"]).key if wishes["to"] else None,
        newest_first=limit is not None,
    )
    if limit is not None:
        newest = outboxes.listed(rx, wanted, runtime().stationery, now=clock.now(), limit=limit)
        yield from reversed(newest)
        return
    while page := outboxes.listed(rx, wanted, runtime().stationery, now=clock.now(), limit=AT_ONCE):
        yield from page
        wanted = Wanted(**(vars(wanted) | {"beyond": page[-1].row}))


def _newest(rx: Tx, key: str) -> Item:
    wanted = Wanted(to=key, kind="test")
    return outboxes.listed(rx, wanted, runtime().stationery, now=clock.now(), limit=1)[0]


def _line(item: Item, as_json: bool) -> dict[str, Any]:
    facts = {
        "id": item.id,
        "to": item.to,
        "template": item.template,
        "state": item.state,
        "subject": item.subject,
        "links": list(item.links),
    }
    if as_json:
        return facts | {"why": item.why, "created_at": stamp(item.created_at), "sent_at": stamp(item.sent_at)}
    del facts["links"]
    return facts


def _print_opened(opened: Opened) -> None:
    for name, value in opened.headers:
        click.echo(f"{name}: {value}")
    click.echo()
    click.echo(opened.text)
    if not opened.kept:
        note("This mail has not left yet: it may read otherwise when it does.")
