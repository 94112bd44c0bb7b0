"""Uploading: the file of an import that begins on a page. It is kept encrypted until its rows enter, a day at most."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.incoming import Incoming
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ImportPart, ImportRow, ImportRun
from waitlist.services import importing
from waitlist.services.importing import Options, Upload, advance
from waitlist.services.recording import record
from waitlist.services.shelving import refuse_archived

KEPT = timedelta(days=1)  # what was uploaded and never begun
REMEMBERED = timedelta(days=30)  # whom a row that did not enter was about
CLEARS = 1_000  # rows of one step
BEFORE = ("uploaded", "rereading", "staging", "staged")  # nobody has entered


def receive(
    tx: Tx, launch: Launch, public_id: str, upload: Upload, parts: Iterable[bytes], *, actor: Actor, now: datetime
) -> ImportRun:
    """Keep an uploaded file, sealed in parts, until its columns are chosen. Raises LaunchArchived."""
    refuse_archived(tx, launch)
    row = {
        "public_id": public_id,
        "launch_id": launch.id,
        "file_name": upload.name,
        "file_digest": upload.digest,
        "options": {},
        "state": "uploaded",
        "created_at": now,
        "created_by": str(actor),
    }
    run = one(tx, sa.insert(ImportRun).values(row).returning(ImportRun))
    assert run is not None, "INSERT ... RETURNING answers with its row"
    for number, part in enumerate(parts):
        tx.execute(sa.insert(ImportPart).values(run_id=run.id, part_no=number, sealed=part))
    record(tx, "importing.uploaded", launch.id, ("import", run.id), actor, now, {"digest": upload.digest})
    return run


def choose(tx: Tx, run_id: int, options: Options) -> ImportRun:
    """Have the worker read the file by these columns; what it read by others is forgotten first.

    Raises WrongImportState while it is being read, and once people enter.
    """
    fresh = {"total": 0, "duplicate": 0, "problems": 0, "fault": None}
    return advance(tx, run_id, ("uploaded", "staged"), state="rereading", options=options.to_json(), **fresh)


def refuse(tx: Tx, run_id: int, fault: dict[str, Any]) -> None:
    """The file cannot be read to its end: say why on its page, where another may be chosen."""
    advance(tx, run_id, ("staging",), state="uploaded", fault=fault)


def discard(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> None:
    """Throw away a file that nobody entered from. Raises WrongImportState once people enter."""
    advance(tx, run_id, BEFORE, state="discarded")
    tx.execute(sa.delete(ImportPart).where(ImportPart.run_id == run_id))
    record(tx, "importing.discarded", launch.id, ("import", run_id), actor, now)


def unread(rx: Tx) -> Sequence[ImportRun]:
    """What waits for the worker: files to read, and rows to forget; oldest first. A command reads its file itself."""
    uploaded = sa.exists().where(ImportPart.run_id == ImportRun.id)
    waiting = sa.or_(ImportRun.state.in_(("rereading", "discarded")), sa.and_(ImportRun.state == "staging", uploaded))
    return some(rx, sa.select(ImportRun).where(waiting).order_by(ImportRun.id))


def read_so_far(rx: Tx, run_id: int) -> int:
    """The number of the last row that was read."""
    return rx.scalar(sa.select(sa.func.max(ImportRow.row_no)).where(ImportRow.run_id == run_id)) or 0


def stage(tx: Tx, run: ImportRun, people: Sequence[Incoming]) -> None:
    """The next rows of the file, while it is still wanted. Raises WrongImportState when it is not."""
    importing.stage(tx, advance(tx, run.id, ("staging",), state="staging"), people)


def clear(tx: Tx, run_id: int) -> bool:
    """Forget the next rows of a run that is read anew or thrown away; says whether more may be left."""
    some_rows = sa.select(ImportRow.row_no).where(ImportRow.run_id == run_id).limit(CLEARS)
    gone = sa.delete(ImportRow).where(ImportRow.run_id == run_id, ImportRow.row_no.in_(list(tx.scalars(some_rows))))
    if tx.execute(gone).rowcount == CLEARS:
        return True
    again = sa.update(ImportRun).where(ImportRun.id == run_id, ImportRun.state == "rereading")
    tx.execute(again.values(state="staging"))
    tx.execute(sa.delete(ImportRun).where(ImportRun.id == run_id, ImportRun.state == "discarded"))
    return False


def purge(tx: Tx, now: datetime, limit: int) -> int:
    """Throw away files that were uploaded a day ago and never begun; returns how many."""
    late = sa.and_(ImportRun.state.in_(BEFORE), ImportRun.created_at <= now - KEPT)
    due = sa.select(ImportRun.id).where(late).order_by(ImportRun.id).limit(limit)
    # Claimed by the state once more: who begins one of them in this moment keeps it.
    claimed = sa.update(ImportRun).where(ImportRun.id.in_(due), late).values(state="discarded").returning(ImportRun.id)
    gone = tx.scalars(claimed).all()
    tx.execute(sa.delete(ImportPart).where(ImportPart.run_id.in_(gone)))
    return len(gone)


def forget_rows(tx: Tx, now: datetime, limit: int) -> int:
    """Forget whom rows that did not enter were about, 30 days after the end; their reasons stay. Returns how many."""
    over = sa.and_(ImportRun.id == ImportRow.run_id, ImportRun.finished_at <= now - REMEMBERED)
    named = sa.and_(ImportRow.outcome == "problem", ImportRow.email_key.is_not(None))
    due = sa.select(ImportRow.run_id, ImportRow.row_no).join(ImportRun, over).where(named).limit(limit)
    rows = [row._asdict() for row in tx.execute(due)]
    for row in rows:
        here = sa.and_(ImportRow.run_id == row["run_id"], ImportRow.row_no == row["row_no"])
        tx.execute(sa.update(ImportRow).where(here).values(data=None, email_key=None, referrer_key=None))
    return len(rows)
