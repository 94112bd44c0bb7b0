"""`launch ...`: make a launch, look at it, pause and resume it, open and close it."""

import sys
import zoneinfo
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import click

from waitlist import branding, clock
from waitlist.actors import COMMAND
from waitlist.addresses import canon
from waitlist.branding import Branding
from waitlist.cli.printing import note, print_one, print_rows
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, YES, change, group, launch_called, read, stamp
from waitlist.db import Tx, reading
from waitlist.domains import rule_domain
from waitlist.models.condition import circumstances
from waitlist.models.launch import Launch
from waitlist.queries import launches
from waitlist.runtime import runtime
from waitlist.sentences import SENTENCES
from waitlist.services import launching, planning

commands = group("launch", "Launches: make, look at, pause, open and close them.")


@commands.command("create")
@SLUG
@click.option("--name", required=True, help="What people call it.")
@click.option("--domain", "domains", multiple=True, help="A domain people's addresses must be at; may be repeated.")
@click.option("--subdomains", is_flag=True, help="Addresses below those domains are welcome too.")
@click.option("--invite-only", is_flag=True, help="Only people with an invite get in.")
@click.option("--referral-only", is_flag=True, help="Only people who come by somebody's link, or with an invite.")
@click.option("--capacity", type=click.IntRange(min=0), help="Seats: how many may be admitted. Default: no limit.")
@click.option("--line-limit", type=click.IntRange(min=0), help="How many may stand in line. Default: no limit.")
@click.option("--product-url", help="Where new members go.")
@click.option("--contact", help="The address that people may write to.")
@click.option("--tz", default="UTC", show_default=True, help="The time zone of its dates.")
@click.option("--language", type=click.Choice(["en", "fr"]), default="en", show_default=True, help="Of its first page.")
@click.option("--points", type=click.IntRange(0, 1_000), help="Points for each counted friend. Default: 1.")
@click.option("--cap", type=click.IntRange(0, 10_000), help="How many friends count. Default: 10.")
@click.option("--no-cap", is_flag=True, help="Every friend counts.")
@click.option("--fixed", is_flag=True, help="A fixed order: friends add no points.")
@click.option("--no-confirm", is_flag=True, help="Ask for no confirmation by mail.")
@click.option("--draft", is_flag=True, help="Do not open it yet; `launch open` does.")
@YES
@DRY_RUN
@AS_JSON
def create(slug: str, as_json: bool, dry_run: bool, yes: bool, **wishes: Any) -> None:
    """Make a launch. It is open at once, unless --draft is given."""
    now = clock.now()
    _check(wishes)
    for typed in wishes["domains"]:
        _ask_again(typed, yes)
    wish = planning.Wish(
        slug=slug,
        name=wishes["name"],
        domains=wishes["domains"],
        subdomains=wishes["subdomains"],
        invite_only=wishes["invite_only"],
        friends_only=wishes["referral_only"],
        opens_at=None if wishes["draft"] else now,
        columns=_columns(wishes),
    )
    plan = planning.plan(wish)
    launch = change(lambda tx: launching.create(tx, plan, actor=COMMAND, now=now), dry_run=dry_run)
    if not dry_run:
        branding.remember(runtime().settings.instance, Branding(slug, launch.name, launch.contact_email))
    facts = {"id": launch.public_id, "slug": slug, "name": launch.name, "url": _url(slug), "preset": plan.preset}
    print_one(facts, as_json)
    if not as_json:
        note("Nothing was changed." if dry_run else f"Next: open {_url(slug)} and join it yourself.")


@commands.command("list")
@click.option("--archived", is_flag=True, help="Archived ones too.")
@AS_JSON
def list_(archived: bool, as_json: bool) -> None:
    """Print every launch with its condition and how many stand in line."""
    with reading() as rx:
        rows = (_line(rx, launch, clock.now()) for launch in launches.all_launches(rx, archived=archived))
        print_rows(rows, as_json, empty="There is no launch yet. `flask --app app launch create` makes one.")


@commands.command()
@SLUG
@AS_JSON
def show(slug: str, as_json: bool) -> None:
    """Print one launch: its condition, its rules, its seats and its people."""
    now = clock.now()
    print_one(read(lambda rx: _facts(launches.summary(rx, launch_called(rx, slug), now))), as_json)


@commands.command()
@SLUG
@click.option("--reason", required=True, help="For the team; it stands in the audit log.")
@click.option("--say", "public_reason", default="", help="For everybody; it stands on the page.")
@DRY_RUN
@AS_JSON
def pause(slug: str, reason: str, public_reason: str, dry_run: bool, as_json: bool) -> None:
    """Stop joins, releases and redemptions; people keep their places."""
    now = clock.now()

    def verb(tx: Tx) -> str | None:
        launch = launch_called(tx, slug)
        return launching.pause(tx, launch, reason=reason, public_reason=public_reason, actor=COMMAND, now=now)

    hold = change(verb, dry_run=dry_run)
    print_one({"slug": slug, "changed": hold is not None, "hold": hold}, as_json)


@commands.command()
@SLUG
@DRY_RUN
@AS_JSON
def resume(slug: str, dry_run: bool, as_json: bool) -> None:
    """End a pause; every invite is good for as much longer as the pause took."""
    now = clock.now()

    def verb(tx: Tx) -> int | None:
        try:
            return launching.resume(tx, launch_called(tx, slug), actor=COMMAND, now=now)
        except launching.NotPaused:
            return None

    moved = change(verb, dry_run=dry_run)
    print_one({"slug": slug, "changed": moved is not None, "invites_extended": moved or 0}, as_json)


@commands.command("open")
@SLUG
@DRY_RUN
@AS_JSON
def open_(slug: str, dry_run: bool, as_json: bool) -> None:
    """Let people join from now on, for the first time or again."""
    _turn(slug, launching.open_now, dry_run, as_json)


@commands.command()
@SLUG
@DRY_RUN
@AS_JSON
def close(slug: str, dry_run: bool, as_json: bool) -> None:
    """Let nobody join any more; the line stays, and invites go on."""
    _turn(slug, launching.close, dry_run, as_json)


@commands.command()
@SLUG
@YES
@DRY_RUN
@AS_JSON
def archive(slug: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Put a launch away for good: its pages and invites are over, its data stays."""
    if not yes and not dry_run:
        if not sys.stdin.isatty():
            raise click.ClickException("An archived launch does not come back. Add --yes if you mean it.")
        click.confirm(f"Archive {slug}? It does not come back.", abort=True)
    _turn(slug, launching.archive, dry_run, as_json)


def _turn(slug: str, verb: Callable[..., Launch], dry_run: bool, as_json: bool) -> None:
    now = clock.now()
    changed = change(lambda tx: verb(tx, launch_called(tx, slug), actor=COMMAND, now=now), dry_run=dry_run)
    around = "archived" if changed.archived_at else read(lambda rx: circumstances(rx, changed, now)).condition.value
    print_one({"slug": slug, "condition": around}, as_json)


def _check(wishes: dict[str, Any]) -> None:
    """Refuse options that contradict each other or cannot be read (exit code 2)."""
    if wishes["tz"] not in zoneinfo.available_timezones():
        raise click.UsageError(f"{wishes['tz']} is no time zone. Name one like Europe/Paris.")
    if wishes["product_url"] and urlsplit(wishes["product_url"]).scheme not in ("http", "https"):
        raise click.UsageError("--product-url is a whole address, like https://example.org/welcome.")
    if wishes["fixed"] and (wishes["points"] or wishes["cap"] is not None or wishes["no_cap"]):
        raise click.UsageError("--fixed adds no points, so it goes without --points, --cap and --no-cap.")
    if wishes["no_cap"] and wishes["cap"] is not None:
        raise click.UsageError("Give --cap or --no-cap, not both.")
    if wishes["invite_only"] and wishes["referral_only"]:
        raise click.UsageError("Give --invite-only or --referral-only, not both.")
    if wishes["no_confirm"] and (wishes["domains"] or wishes["invite_only"]):
        raise click.UsageError(
            "--no-confirm proves no mailbox, and a domain or invite rule rests on one. Leave --no-confirm out."
        )


def _ask_again(typed: str, yes: bool) -> None:
    """Some domains hand addresses to anybody: they are typed twice, or --yes says so."""
    rule = rule_domain(typed)
    if rule.confirm is None or yes:
        return
    question = str(SENTENCES[rule.confirm]) % {"domain": rule.shown}
    if not sys.stdin.isatty():
        raise click.ClickException(f"{question} Add --yes if you mean it.")
    if click.prompt(question) != typed:
        raise click.ClickException("That was another domain. Nothing was changed.")


def _columns(wishes: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "seats": wishes["capacity"],
        "line_limit": wishes["line_limit"],
        "product_url": wishes["product_url"],
        "contact_email": canon(wishes["contact"]).email if wishes["contact"] else None,
        "tz": wishes["tz"],
        "language": wishes["language"],
        "double_opt_in": not wishes["no_confirm"],
    }
    if wishes["fixed"]:
        columns["points"] = 0
    elif wishes["points"] is not None:
        columns["points"] = wishes["points"]
    if wishes["no_cap"] or wishes["cap"] is not None:
        columns["points_cap"] = wishes["cap"]
    return columns


def _line(rx: Tx, launch: Launch, now: datetime) -> dict[str, Any]:
    around = circumstances(rx, launch, now)
    return {
        "slug": launch.slug,
        "name": launch.name,
        "condition": around.condition.value,
        "in_line": around.in_line,
        "seats_left": around.seats_left,
    }


def _facts(found: launches.Summary) -> dict[str, Any]:
    launch = found.launch
    return {
        "id": launch.public_id,
        "slug": launch.slug,
        "name": launch.name,
        "url": _url(launch.slug),
        "condition": found.now.condition.value,
        "in_line": found.now.in_line,
        "seats": launch.seats,
        "seats_left": found.now.seats_left,
        "line_limit": launch.line_limit,
        "points": launch.points,
        "cap": launch.points_cap,
        "confirm": launch.double_opt_in,
        "revision": launch.revision,
        "rules": found.rules.tree,
        "opens_at": stamp(launch.opens_at),
        "closes_at": stamp(launch.closes_at),
        "launched_at": stamp(launch.launched_at),
        "archived_at": stamp(launch.archived_at),
        "salt_commitment": launch.salt_commitment,
        "people": found.people,
    }


def _url(slug: str) -> str:
    return f"{runtime().settings.base_url}/w/{slug}"
