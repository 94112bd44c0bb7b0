"""`wave ...`: look at who would be invited, invite them, and see how it went."""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from waitlist import addresses, applying, clock, db
from waitlist.actors import COMMAND
from waitlist.cli.options import WHEN
from waitlist.cli.people import person_called
from waitlist.cli.printing import note, print_one, print_rows, progress
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, YES, change, group, keys, launch_called, read, stamp
from waitlist.db import Tx, reading
from waitlist.domains import rule_domain
from waitlist.models import wave as wave_rows
from waitlist.models.launch import LapsePolicy, Launch
from waitlist.models.wave import Wave, WaveState
from waitlist.queries import waves
from waitlist.runtime import runtime
from waitlist.services import delivering, releasing
from waitlist.services.gathering import Audience

commands = group("wave", "Waves: preview, release, watch, pause and take them back.")

AUDIENCE = (
    click.option("--first", type=click.IntRange(min=1), help="The first N in line."),
    click.option("--domain", "domains", multiple=True, help="Everybody with an address at this domain."),
    click.option("--min-friends", type=click.IntRange(min=1), help="Everybody with so many counted friends."),
    click.option("--joined-from", type=WHEN, help="Everybody who joined at or after this moment."),
    click.option("--joined-to", type=WHEN, help="Everybody who joined before this moment."),
    click.option("--who", multiple=True, help="These people, by address or id; may be repeated."),
    click.option("--list", "listed", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A list of "
                 "addresses, who need not be in line."),
    click.option("--include-lapsed", is_flag=True, help="People who let an invite expire, too."),
    click.option("--days", type=click.IntRange(1, 365), help="How long the invites are good for."),
    click.option("--allowance", type=click.IntRange(0, 20), help="How many friends each may invite."),
    click.option("--lapse", type=click.Choice([policy.value for policy in LapsePolicy]), help="What becomes of the "
                 "place of somebody who lets the invite expire."),
)  # fmt: skip


def audience(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that say whom a wave is for and what it offers."""
    for option in reversed(AUDIENCE):
        command = option(command)
    return command


@commands.command()
@SLUG
@audience
@YES
@AS_JSON
def preview(slug: str, as_json: bool, yes: bool, **wishes: Any) -> None:
    """Say who would be invited, and why everybody else would not. Changes nothing."""
    del yes  # a preview asks nothing; the same line may be turned into a release
    with reading() as rx:
        launch = launch_called(rx, slug)
        found = releasing.preview(rx, launch, _audience(rx, launch, wishes), _offer(launch, wishes), now=clock.now())
    print_one(_facts_of_cut(found), as_json)


@commands.command()
@SLUG
@audience
@click.option("--name", default="", help="What the team calls this wave.")
@click.option("--hold", type=click.IntRange(0, 3_600), help="Seconds to wait before it goes; 0 sends now.")
@click.option("--at", "starts_at", type=WHEN, help="When it goes.")
@click.option("--digest", help="Release only what a preview showed, by its digest.")
@YES
@DRY_RUN
@AS_JSON
def release(slug: str, as_json: bool, dry_run: bool, yes: bool, **wishes: Any) -> None:
    """Invite people. It waits for the holding window, unless --hold 0 is given, and the worker goes on."""
    now = clock.now()
    with reading() as rx:
        launch = launch_called(rx, slug)
        whom, offer = _audience(rx, launch, wishes), _offer(launch, wishes)
        found = releasing.preview(rx, launch, whom, offer, now=now)
    terms = _terms(found, wishes, ask=not (yes or dry_run))
    wave = change(
        lambda tx: releasing.confirm(tx, launch, whom, offer, terms, actor=COMMAND, now=clock.now()), dry_run=dry_run
    )
    if not dry_run and wishes["hold"] == 0 and terms.starts_at is None:
        _deliver(launch, wave)
        wave = read(lambda rx: wave_called(rx, launch, wave.public_id))
    passed = sum(len(ids) for ids in found.cut.skipped.values())
    print_one(
        facts_of(wave) | {"skipped": wave.skipped + passed, "planned": wave.planned, "digest": wave.digest}, as_json
    )


@commands.command()
@SLUG
@click.argument("wave", required=False)
@AS_JSON
def status(slug: str, wave: str | None, as_json: bool) -> None:
    """Print the waves of a launch, or how far one of them got."""
    with reading() as rx:
        launch = launch_called(rx, slug)
        if wave is not None:
            print_one(_progress(waves.progress(rx, wave_called(rx, launch, wave))), as_json)
            return
        found = waves.all_waves(rx, launch, limit=1_000)
        print_rows([_progress(one) for one in found], as_json, empty="No wave was released yet.")


def wave_called(tx: Tx, launch: Launch, name: str) -> Wave:
    """A wave by its id or its number."""
    query = wave_rows.by_public_id(launch.id, name)
    if name.isdigit():
        query = wave_rows.by_number(launch.id, int(name))
    wave = db.one(tx, query)
    if wave is None:
        raise click.ClickException(f"There is no wave {name}. `wave status {launch.slug}` prints them.")
    return wave


def _audience(rx: Tx, launch: Launch, wishes: dict[str, Any]) -> Audience:
    filters = ("domains", "min_friends", "joined_from", "joined_to")
    kinds = [bool(wishes["first"]), any(wishes[name] for name in filters), bool(wishes["who"]), bool(wishes["listed"])]
    if sum(kinds) != 1:
        raise click.UsageError("Say whom it is for in one way: --first N, filters, --who, or --list FILE.")
    lapsed = wishes["include_lapsed"]
    if wishes["first"]:
        return Audience("first", n=wishes["first"], include_lapsed=lapsed)
    if wishes["who"]:
        ids = tuple(person_called(rx, launch, who).id for who in wishes["who"])
        return Audience("selected", entry_ids=ids, include_lapsed=lapsed)
    if wishes["listed"]:
        return Audience("listed", listed=_listed(launch, wishes["listed"]), include_lapsed=lapsed)
    return Audience(
        "filter",
        domains=tuple(rule_domain(typed).domain for typed in wishes["domains"]),
        min_friends=wishes["min_friends"] or 0,
        joined_from=wishes["joined_from"],
        joined_to=wishes["joined_to"],
        include_lapsed=lapsed,
    )


def _listed(launch: Launch, path: Path) -> tuple[dict[str, Any], ...]:
    pepper = runtime().secrets.pepper
    people = []
    for item in addresses.parse_pasted(path.read_text("utf-8-sig")):
        if item.address is None:
            note(f"Passed over {item.typed!r}: it is no address.")
        elif not item.duplicate:
            people.append(dict(applying.hashed(item.address, salt=launch.salt, pepper=pepper)))
    return tuple(people)


def _offer(launch: Launch, wishes: dict[str, Any]) -> releasing.Offer:
    return releasing.Offer(
        days=wishes["days"] or launch.invite_days,
        allowance=launch.allowance if wishes["allowance"] is None else wishes["allowance"],
        lapse_policy=wishes["lapse"] or launch.lapse_policy,
    )


def _terms(found: releasing.Preview, wishes: dict[str, Any], *, ask: bool) -> releasing.Terms:
    """How it is confirmed: by a digest, by a yes in advance, or by a yes to what is shown now."""
    digest = wishes["digest"]
    if ask and digest is None:
        people = len(found.cut.chosen) + len(found.cut.newcomers)
        if not sys.stdin.isatty():
            raise click.ClickException(f"This invites {people} people. Add --yes, or --digest from a preview.")
        click.confirm(f"Invite {people} people?", abort=True)
        digest = found.digest
    hold = runtime().settings.hold_seconds if wishes["hold"] is None else wishes["hold"]
    return releasing.Terms(digest, timedelta(seconds=hold), name=wishes["name"], starts_at=wishes["starts_at"])


def _deliver(launch: Launch, wave: Wave) -> None:
    change(lambda tx: releasing.start(tx, launch, wave.id, actor=COMMAND, now=clock.now()))
    with progress("Inviting", wave.planned) as bar:
        more = True
        while more:
            more = change(
                lambda tx: delivering.deliver_chunk(tx, launch, wave.id, keys=keys(), actor=COMMAND, now=clock.now())
            )
            here = read(lambda rx: wave_called(rx, launch, wave.public_id))
            bar.reached(here.invited + here.skipped)


def _facts_of_cut(found: releasing.Preview) -> dict[str, Any]:
    reasons = {reason: len(ids) for reason, ids in found.cut.skipped.items()}
    return {
        "wave": None,
        "state": "preview",
        "invited": len(found.cut.chosen) + len(found.cut.newcomers),
        "skipped": sum(reasons.values()),
        "checked": found.cut.checked,
        "reasons": reasons,
        "digest": found.digest,
    }


def facts_of(wave: Wave) -> dict[str, Any]:
    return {"wave": wave.public_id, "number": wave.seq, "state": wave.state, "invited": wave.invited}


def _progress(found: waves.Progress) -> dict[str, Any]:
    wave = found.wave
    waiting = wave.state in (WaveState.SCHEDULED, WaveState.HOLDING)
    return facts_of(wave) | {
        "name": wave.name,
        "planned": wave.planned,
        "skipped": wave.skipped,
        "left": found.left,
        "sent": found.sent,
        "failed": found.failed,
        "accepted": found.accepted,
        "declined": found.declined,
        "due_at": stamp(wave.due_at) if waiting else None,
        "digest": wave.digest,
    }
