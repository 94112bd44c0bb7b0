"""`decide`: may this person in, and why; the same answer that products and pages get."""

from typing import Any

import click

from waitlist import clock
from waitlist.addresses import canon
from waitlist.cli.printing import print_one
from waitlist.cli.shape import AS_JSON, SLUG, Command, launch_called, read, stamp, top
from waitlist.db import Tx
from waitlist.gates.deciding import Subject, decide
from waitlist.models.launch import Launch
from waitlist.queries import deciding
from waitlist.queries.whom import entry_called
from waitlist.runtime import runtime


@top.command("decide", cls=Command)
@SLUG
@click.argument("who")
@click.option("--revision", type=click.IntRange(min=1), help="By these older rules, with what is known today.")
@AS_JSON
def decide_one(slug: str, who: str, revision: int | None, as_json: bool) -> None:
    """Say whether somebody may in now, by address, entry id or your own user id, and why. Changes nothing."""
    print_one(read(lambda rx: _decided(rx, launch_called(rx, slug), who, revision)), as_json)


def _decided(rx: Tx, launch: Launch, who: str, revision: int | None) -> dict[str, Any]:
    now = clock.now()
    try:
        plan = deciding.plan_of(rx, launch, revision=revision)
    except LookupError:
        raise click.ClickException(f"{launch.slug} never had rules of revision {revision}.") from None
    decision = decide(plan, _subject(rx, launch, who), now)
    return {
        "admitted": decision.admitted,
        "state": decision.verdict.value,
        "stage": decision.stage,
        "revision": decision.revision,
        "arm": decision.arm,
        "rule": decision.admission.via if decision.admission else ("rule" if decision.admitted else ""),
        "needs": decision.needs,
        "refusal": decision.refusal.code if decision.refusal else "",
        "hold": decision.brake.public_id if decision.brake else "",
        "decided_at": stamp(now),
    }


def _subject(rx: Tx, launch: Launch, who: str) -> Subject:
    now = clock.now()
    entry = entry_called(rx, launch, who)
    if entry is not None:
        return deciding.subject(rx, launch, entry, now)
    if "@" not in who:
        raise click.ClickException(f"{who} is not in {launch.slug}. `people list {launch.slug}` prints who is.")
    address = canon(who)
    return deciding.stranger(rx, launch, domain=address.domain, abuse_key=runtime().abuse_key(address), now=now)
