"""`wave pause|resume|undo|send-now|stop|recall|revoke|restore`: a wave is held back, hurried, or taken back."""

from collections.abc import Callable
from typing import Any

import click

from waitlist import clock
from waitlist.actors import COMMAND
from waitlist.cli.printing import print_one
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, YES, change, launch_called
from waitlist.cli.wave import commands, facts_of, wave_called
from waitlist.db import Tx
from waitlist.models.launch import Launch
from waitlist.models.wave import Wave
from waitlist.services import restoring, revoking, steering

WAVE = click.argument("wave")
REASON = click.option("--reason", default="", help="Stands in the audit log.")
Step = Callable[[Tx, Launch, int], tuple[Wave, dict[str, Any]]]


@commands.command()
@SLUG
@WAVE
@REASON
@DRY_RUN
@AS_JSON
def pause(slug: str, wave: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Stop a wave before its next people; what is queued stays queued."""

    def step(tx: Tx, launch: Launch, wave_id: int) -> tuple[Wave, dict[str, Any]]:
        return steering.pause(tx, launch, wave_id, reason=reason, actor=COMMAND, now=clock.now()), {}

    _steer(slug, wave, dry_run, as_json, step)


@commands.command()
@SLUG
@WAVE
@DRY_RUN
@AS_JSON
def resume(slug: str, wave: str, dry_run: bool, as_json: bool) -> None:
    """Let a paused wave go on."""

    def step(tx: Tx, launch: Launch, wave_id: int) -> tuple[Wave, dict[str, Any]]:
        return steering.resume(tx, launch, wave_id, actor=COMMAND, now=clock.now()), {}

    _steer(slug, wave, dry_run, as_json, step)


@commands.command()
@SLUG
@WAVE
@DRY_RUN
@AS_JSON
def undo(slug: str, wave: str, dry_run: bool, as_json: bool) -> None:
    """Take a wave back while it waits: nobody was told, and nobody has lost their place."""

    def step(tx: Tx, launch: Launch, wave_id: int) -> tuple[Wave, dict[str, Any]]:
        return steering.undo(tx, launch, wave_id, actor=COMMAND, now=clock.now()), {}

    _steer(slug, wave, dry_run, as_json, step)


@commands.command("send-now")
@SLUG
@WAVE
@DRY_RUN
@AS_JSON
def send_now(slug: str, wave: str, dry_run: bool, as_json: bool) -> None:
    """End the holding window of a wave; the worker lets it go at once."""

    def step(tx: Tx, launch: Launch, wave_id: int) -> tuple[Wave, dict[str, Any]]:
        return steering.send_now(tx, launch, wave_id, actor=COMMAND, now=clock.now()), {}

    _steer(slug, wave, dry_run, as_json, step)


@commands.command()
@SLUG
@WAVE
@REASON
@DRY_RUN
@AS_JSON
def stop(slug: str, wave: str, reason: str, dry_run: bool, as_json: bool) -> None:
    """Let a wave go no further: who has no mail yet keeps their place, invites that left stay good."""

    def step(tx: Tx, launch: Launch, wave_id: int) -> tuple[Wave, dict[str, Any]]:
        stopped = steering.stop(tx, launch, wave_id, reason=reason, actor=COMMAND, now=clock.now())
        return stopped.wave, {"kept_in_line": stopped.people}

    _steer(slug, wave, dry_run, as_json, step)


@commands.command()
@SLUG
@WAVE
@REASON
@click.option("--tell", is_flag=True, help="Mail them, with the reason.")
@DRY_RUN
@AS_JSON
def recall(slug: str, wave: str, reason: str, tell: bool, dry_run: bool, as_json: bool) -> None:
    """Take back every invite of a wave that nobody has used; their people stand in line where they stood."""

    def step(tx: Tx, launch: Launch, wave_id: int) -> tuple[Wave, dict[str, Any]]:
        recalled = steering.recall(tx, launch, wave_id, tell=tell, reason=reason, actor=COMMAND, now=clock.now())
        return recalled.wave, {"recalled": recalled.people}

    _steer(slug, wave, dry_run, as_json, step)


@commands.command()
@SLUG
@WAVE
@REASON
@click.option("--tell", is_flag=True, help="Mail them, with the reason.")
@YES
@DRY_RUN
@AS_JSON
def revoke(slug: str, wave: str, reason: str, tell: bool, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Take a whole wave back, also from those who came in by it; they stand where they stood, first for the next wave.

    No wave goes out before the stage is resumed: `stage resume SLUG first`.
    """
    if not (yes or dry_run):
        raise click.ClickException("People who are in would be out. Look with --dry-run, then add --yes.")

    def step(tx: Tx, launch: Launch, wave_id: int) -> tuple[Wave, dict[str, Any]]:
        gone = revoking.revoke(tx, launch, wave_id, tell=tell, reason=reason, actor=COMMAND, now=clock.now())
        return gone.wave, {"revoked": gone.members, "recalled": gone.invites, "digest": gone.digest}

    _steer(slug, wave, dry_run, as_json, step)


@commands.command()
@SLUG
@WAVE
@DRY_RUN
@AS_JSON
def restore(slug: str, wave: str, dry_run: bool, as_json: bool) -> None:
    """Undo the recall or the revocation of a wave: everybody has the answer that they had."""

    def step(tx: Tx, launch: Launch, wave_id: int) -> tuple[Wave, dict[str, Any]]:
        back = restoring.restore(tx, launch, wave_id, actor=COMMAND, now=clock.now())
        return back.wave, {"members": back.members, "invites": back.invites, "elsewhere": back.elsewhere}

    _steer(slug, wave, dry_run, as_json, step)


def _steer(slug: str, name: str, dry_run: bool, as_json: bool, step: Step) -> None:
    def verb(tx: Tx) -> dict[str, Any]:
        launch = launch_called(tx, slug)
        wave, more = step(tx, launch, wave_called(tx, launch, name).id)
        return facts_of(wave) | more

    print_one(change(verb, dry_run=dry_run), as_json)
