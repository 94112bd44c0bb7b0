"""The jobs of imports that began on a page: a file is read and looked at, in small steps, until somebody starts it.

Between two steps the power may go: whoever reads on skips the rows that were read before.
"""

import io
import threading
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from itertools import islice

from waitlist import applying, clock, columns, envelopes, failpoints, incoming
from waitlist.columns import BadColumn
from waitlist.db import Tx, one, reading
from waitlist.incoming import Incoming
from waitlist.jobs.loop import step
from waitlist.models.launch import Launch
from waitlist.models.launch import by_id as launch_by_id
from waitlist.models.upkeep import ImportRun
from waitlist.queries import imports
from waitlist.runtime import runtime
from waitlist.services import foreseeing, importing, uploading
from waitlist.services.importing import Options, WrongImportState
from waitlist.tables import BadTable, Table

AT_ONCE = 250  # rows of one step


def files_due(rx: Tx, _now: datetime) -> bool:
    return bool(uploading.unread(rx))


def read_files(stop: threading.Event) -> int:
    """Read files whose columns were chosen, and forget the rows of those that are not wanted any more."""
    with reading() as rx:
        waiting = uploading.unread(rx)
    return sum(_do(run, stop) for run in waiting)


def _do(run: ImportRun, stop: threading.Event) -> int:
    if run.state != "staging":
        while not stop.is_set() and step(lambda tx: uploading.clear(tx, run.id)):
            pass
        if run.state == "discarded" or stop.is_set():
            return 1
    try:
        return _read(run, stop)
    except WrongImportState:  # thrown away meanwhile, or read by another worker
        return 0
    except BadTable as refused:
        fault = {"code": refused.code, "params": refused.params}
        step(lambda tx: uploading.refuse(tx, run.id, fault))
    except BadColumn as refused:
        named = {"code": "table_no_column", "params": {"column": refused.name}}
        step(lambda tx: uploading.refuse(tx, run.id, named))
    return 1


def _read(run: ImportRun, stop: threading.Event) -> int:
    with reading() as rx:
        launch = one(rx, launch_by_id(run.launch_id))
        file = imports.file_of(rx, run, partial(envelopes.read_part, runtime().sealing_key))
        done = uploading.read_so_far(rx, run.id)
    assert launch is not None, "the foreign key says so"
    people = (person for person in _people(file, launch, run) if person.number > done)
    steps = 0
    while not stop.is_set() and (some := list(islice(people, AT_ONCE))):
        step(lambda tx: uploading.stage(tx, run, some))
        failpoints.reached("import.after_stage")
        steps += 1
    if not stop.is_set():
        step(lambda tx: importing.sort(tx, run.id))
        look_ahead(launch, run, stop)
    if not stop.is_set():
        step(lambda tx: importing.count(tx, run.id))
    return steps + 1


def _people(file: io.BytesIO, launch: Launch, run: ImportRun) -> Iterator[Incoming]:
    options = Options.of(run)
    hashes = partial(applying.hashed, salt=launch.salt, pepper=runtime().secrets.pepper)
    return incoming.people(Table(file), columns.said(options.maps), options.order_by, hashes)


def look_ahead(launch: Launch, run: ImportRun, stop: threading.Event) -> None:
    """Look at every row that was read: what it would do if it entered now."""
    with reading() as rx:
        sight = foreseeing.begin(rx, launch, run, clock.now())
    while not stop.is_set():
        with reading() as rx:
            verdicts = foreseeing.look(rx, sight, clock.now())
        if not verdicts:
            return
        step(lambda tx: foreseeing.note(tx, run.id, verdicts))  # noqa: B023
