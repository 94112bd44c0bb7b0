"""`people import`: a file becomes people in line, in steps that may be stopped, resumed and taken back."""

import hashlib
import threading
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import click

from waitlist import applying, clock, columns, incoming
from waitlist.actors import COMMAND
from waitlist.cli.people import commands
from waitlist.cli.printing import note, print_one, print_rows, progress
from waitlist.cli.shape import AS_JSON, DRY_RUN, SLUG, change, launch_called, read, stamp
from waitlist.incoming import Incoming
from waitlist.jobs.imports import look_ahead
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ImportRun
from waitlist.queries import imports
from waitlist.runtime import runtime
from waitlist.services import entering, importing, undoing
from waitlist.tables import Table

AT_ONCE = 250


@commands.command("import")
@SLUG
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--map", "maps", multiple=True, metavar="FIELD=COLUMN", help="Say which column holds a field.")
@click.option("--order-by", metavar="COLUMN", help="The column that sorts them; without it, the file's own order.")
@click.option("--first", is_flag=True, help="They stand before everybody who joined.")
@click.option("--ask", is_flag=True, help="Ask each by mail; they stand in line once they confirm.")
@click.option("--only-add", is_flag=True, help="Leave everybody who is there already as they are.")
@click.option("--source", default="", help="Where these people agreed; it stands in the audit log.")
@click.option("--resume", metavar="ID", help="Go on with a stopped import.")
@click.option("--undo", metavar="ID", help="Take out whom an import added, where nothing has happened to them since.")
@DRY_RUN
@AS_JSON
def import_(slug: str, file: Path | None, resume: str | None, undo: str | None, as_json: bool, **wishes: Any) -> None:
    """Bring people in from a CSV or TSV file. The same file twice changes nothing; an interrupted one goes on."""
    if sum(1 for given in (file, resume, undo) if given) != 1:
        raise click.UsageError("Give a file to import, or --resume ID, or --undo ID.")
    launch = read(lambda rx: launch_called(rx, slug))
    if undo:
        _undo(launch, _called(launch, undo), as_json, dry_run=wishes["dry_run"])
        return
    if file is None:
        run = _resumed(launch, _called(launch, resume or ""))
    elif wishes["dry_run"]:
        _try_out(launch, file, _options(wishes), as_json)
        return
    else:
        run = _begun(launch, file, _options(wishes))
    _enter(launch, run)
    _print_report(launch, run.public_id, as_json)


@commands.command("imports")
@SLUG
@AS_JSON
def imports_(slug: str, as_json: bool) -> None:
    """Print the imports of a launch, newest first."""
    runs = read(lambda rx: imports.of_launch(rx, launch_called(rx, slug).id))
    print_rows([_counts(run) for run in runs], as_json, empty="Nothing was imported yet.")


def _called(launch: Launch, public_id: str) -> ImportRun:
    run = read(lambda rx: imports.run_called(rx, launch.id, public_id))
    if run is None:
        raise click.ClickException(f"There is no import {public_id}. `people imports {launch.slug}` prints them.")
    return run


def _options(wishes: Mapping[str, Any]) -> importing.Options:
    names = ("first", "ask", "only_add", "source", "maps", "order_by")
    return importing.Options(**{name: wishes[name] for name in names})


def _begun(launch: Launch, path: Path, options: importing.Options) -> ImportRun:
    """A run whose rows may enter: a new one, or the one of the same file that was interrupted."""
    upload = _upload(path)
    before = read(lambda rx: importing.interrupted(rx, launch.id, upload, options))
    if before is not None:
        note(f"The import {before.public_id} of this file was interrupted; it goes on where it was.")
        return _resumed(launch, before)
    run = _staged(launch, path, upload, options)
    return change(lambda tx: importing.begin(tx, launch, run.id, actor=COMMAND, now=clock.now()))


def _resumed(launch: Launch, run: ImportRun) -> ImportRun:
    return change(lambda tx: importing.resume(tx, launch, run.id, actor=COMMAND, now=clock.now()))


def _try_out(launch: Launch, path: Path, options: importing.Options, as_json: bool) -> None:
    run = _staged(launch, path, _upload(path), options)
    look_ahead(launch, run, threading.Event())
    _print_forecast(run, as_json)
    change(lambda tx: importing.discard(tx, run.id))


def _upload(path: Path) -> importing.Upload:
    with path.open("rb") as file:
        return importing.Upload(path.name, hashlib.file_digest(file, "sha256").hexdigest())


def _staged(launch: Launch, path: Path, upload: importing.Upload, options: importing.Options) -> ImportRun:
    """The file as rows of a new run."""
    with path.open("rb") as file:
        table = Table(file)
        people = _people(table, launch, options)
        _remind(launch, upload, options)
        run = change(lambda tx: importing.start(tx, launch, upload, options, actor=COMMAND, now=clock.now()))
        with progress("Reading", None) as bar:
            done = 0
            while some := list(islice(people, AT_ONCE)):
                _stage(run, some)
                done += len(some)
                bar.reached(done)
    return change(lambda tx: importing.settle(tx, run.id))


def _remind(launch: Launch, upload: importing.Upload, options: importing.Options) -> None:
    before = read(lambda rx: importing.imported_before(rx, launch.id, upload.digest))
    if before is not None:
        note(f"This file was imported before, at {stamp(before.finished_at)}. Nobody is added twice.")
    if not options.source and not options.ask:
        note("Say where these people agreed to hear from you with --source; the audit log keeps it.")


def _stage(run: ImportRun, some: Sequence[Incoming]) -> None:
    change(lambda tx: importing.stage(tx, run, some))


def _people(table: Table, launch: Launch, options: importing.Options) -> Iterator[Incoming]:
    wrong = [given for given in options.maps if "=" not in given]
    if wrong:
        raise click.UsageError(f"--map {wrong[0]}: write FIELD=COLUMN, like name=Nickname.")
    pepper = runtime().secrets.pepper
    hashes = partial(applying.hashed, salt=launch.salt, pepper=pepper)
    return incoming.people(table, columns.said(options.maps), options.order_by, hashes)


def _enter(launch: Launch, run: ImportRun) -> None:
    left = read(lambda rx: imports.left_to_do(rx, run.id))
    try:
        with progress("Importing", left) as bar:
            while change(lambda tx: entering.enter_chunk(tx, launch, run.id, actor=COMMAND, now=clock.now())):
                bar.reached(left - read(lambda rx: imports.left_to_do(rx, run.id)))
    except KeyboardInterrupt:
        change(lambda tx: importing.stop(tx, launch, run.id, actor=COMMAND, now=clock.now()))
        raise click.ClickException(
            f"Stopped. `people import {launch.slug} --resume {run.public_id}` goes on, --undo takes it back."
        ) from None


def _undo(launch: Launch, run: ImportRun, as_json: bool, *, dry_run: bool) -> None:
    gone = 0
    with progress("Undoing", run.added) as bar:
        more = True
        while more:
            went, more = change(
                lambda tx: undoing.undo_chunk(tx, launch, run.id, actor=COMMAND, now=clock.now()),
                dry_run=dry_run,
            )
            gone += went
            bar.reached(gone)
            more = more and not dry_run
    print_one({"import": run.public_id, "removed": gone, "kept": run.added - gone}, as_json)


def _counts(run: ImportRun) -> dict[str, Any]:
    return {
        "import": run.public_id,
        "file": run.file_name,
        "state": run.state,
        "total": run.total,
        "added": run.added,
        "updated": run.updated,
        "same": run.same,
        "duplicate": run.duplicate,
        "problems": run.problems,
    }


def _print_report(launch: Launch, public_id: str, as_json: bool) -> None:
    run = _called(launch, public_id)
    _print_with_rows(_counts(run), run, as_json)


def _print_forecast(run: ImportRun, as_json: bool) -> None:
    seen = read(lambda rx: imports.forecast(rx, run))
    known = seen["updated"] + seen["same"]
    facts = {"total": run.total, "new": seen["new"], "known": known}
    facts |= {"duplicate": seen["duplicate"], "problems": seen["problems"]}
    _print_with_rows(facts, run, as_json)


def _print_with_rows(facts: dict[str, Any], run: ImportRun, as_json: bool) -> None:
    rows = [
        {"row": remark.row, "outcome": remark.outcome, "reason": remark.reason, "says": remark.words}
        for remark in read(lambda rx: imports.remarks(rx, run.id))
    ]
    if as_json:
        print_one(facts | {"rows": rows}, as_json)
        return
    print_one(facts, as_json)
    if rows:
        click.echo()
        print_rows([{"row": row["row"], "outcome": row["outcome"], "why": row["says"]} for row in rows], as_json)
