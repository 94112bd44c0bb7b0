"""Importing: a file becomes rows of a run; checked, they enter the line chunk by chunk (`entering`), and may go again.

Every row ends as exactly one of added, updated, same, duplicate or problem, so the counts add up to the total. A row
that entered forgets what the file said of its person; a problem keeps it until the run is purged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.incoming import Incoming
from waitlist.models.condition import main_line
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch, locked
from waitlist.models.upkeep import ImportPart, ImportRow, ImportRun
from waitlist.services import ordering
from waitlist.services.recording import record
from waitlist.services.shelving import refuse_archived


class WrongImportState(Exception):
    """The run is past (or before) the point where this is possible; `state` is where it is."""

    def __init__(self, state: str) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Options:
    """How the rows are taken. `source` is where these people agreed to be written to."""

    first: bool = False  # they stand before everybody who joined
    ask: bool = False  # each is asked by mail, and stands in line once confirmed
    only_add: bool = False  # whoever is there already stays as they are
    source: str = ""
    maps: tuple[str, ...] = ()  # which column holds a field, where the header does not say it: "name=Nickname"
    order_by: str | None = None  # the column that sorts them

    def to_json(self) -> dict[str, Any]:
        return vars(self) | {"maps": list(self.maps)}

    @classmethod
    def of(cls, run: ImportRun) -> "Options":
        """Those of a run; the usual ones until somebody chooses."""
        return cls(**(run.options | {"maps": tuple(run.options.get("maps", ()))}))


@dataclass(frozen=True)
class Upload:
    """A file to import: its name and the SHA-256 of its bytes in hex."""

    name: str
    digest: str


def imported_before(tx: Tx, launch_id: int, digest: str) -> ImportRun | None:
    """The last run that took the same bytes into this launch, if any did."""
    return one(
        tx,
        sa.select(ImportRun)
        .where(ImportRun.launch_id == launch_id, ImportRun.file_digest == digest, ImportRun.state == "done")
        .order_by(ImportRun.id.desc())
        .limit(1),
    )


def interrupted(rx: Tx, launch_id: int, upload: Upload, options: Options) -> ImportRun | None:
    """The run of the same bytes with the same options that did not come to its end, if there is one: `resume` it."""
    begun = sa.select(ImportRun).where(
        ImportRun.launch_id == launch_id,
        ImportRun.file_digest == upload.digest,
        ImportRun.state.in_(("running", "stopped")),
    )
    found = some(rx, begun.order_by(ImportRun.id.desc()))
    return next((run for run in found if run.options == options.to_json()), None)


def running(rx: Tx) -> Sequence[ImportRun]:
    """The runs that are under way, oldest first, whoever works on them."""
    begun = sa.select(ImportRun).join(Launch, Launch.id == ImportRun.launch_id).where(ImportRun.state == "running")
    return some(rx, begun.where(Launch.archived_at.is_(None)).order_by(ImportRun.id))


def start(tx: Tx, launch: Launch, upload: Upload, options: Options, *, actor: Actor, now: datetime) -> ImportRun:
    """A new run, ready for its rows (`stage`). Raises LaunchArchived."""
    refuse_archived(tx, launch)
    row = {
        "public_id": codes.random_id("imp"),
        "launch_id": launch.id,
        "file_name": upload.name,
        "file_digest": upload.digest,
        "options": options.to_json(),
        "state": "staging",
        "created_at": now,
        "created_by": str(actor),
    }
    run = one(tx, sa.insert(ImportRun).values(row).returning(ImportRun))
    assert run is not None, "INSERT ... RETURNING answers with its row"
    record(tx, "importing.started", launch.id, ("import", run.id), actor, now, {"digest": upload.digest})
    return run


def stage(tx: Tx, run: ImportRun, people: Sequence[Incoming]) -> None:
    """Write the next rows of the file. Who stands in it twice counts once, where they stand first."""
    keys = [person.address.key for person in people if person.address]
    seen = set(
        tx.scalars(sa.select(ImportRow.email_key).where(ImportRow.run_id == run.id, ImportRow.email_key.in_(keys)))
    )
    referrers = _by_code(tx, run.launch_id, people)
    rows = [_row(run.id, person, seen, referrers) for person in people]
    if rows:
        tx.execute(sa.insert(ImportRow), rows)


def settle(tx: Tx, run_id: int) -> ImportRun:
    """The whole file is staged: put referrers before their friends, report those who form a circle, and count it."""
    sort(tx, run_id)
    return count(tx, run_id)


def sort(tx: Tx, run_id: int) -> None:
    """Put referrers before their friends, and report the rows that form a circle."""
    ordering.sort(tx, run_id)


def count(tx: Tx, run_id: int) -> ImportRun:
    """Write down how many rows there are, and let them be looked at."""
    by_outcome = sa.select(ImportRow.outcome, sa.func.count()).where(ImportRow.run_id == run_id)
    counted = {row[0]: row[1] for row in tx.execute(by_outcome.group_by(ImportRow.outcome))}
    values = {
        "state": "staged",
        "total": sum(counted.values()),
        "duplicate": counted.get("duplicate", 0),
        "problems": counted.get("problem", 0),
    }
    return advance(tx, run_id, ("staging",), **values)


def begin(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> ImportRun:
    """Let the rows enter: everybody gets their number in line, in the order of the file (or of its column).

    Raises LaunchArchived, or WrongImportState unless the run is staged.
    """
    tx.execute(locked(launch.id))
    refuse_archived(tx, launch)
    run = advance(tx, run_id, ("staged",), state="running")
    front = main_line(tx, launch.id) if run.options["first"] else None
    tx.execute(sa.delete(ImportPart).where(ImportPart.run_id == run_id))  # every row has been read
    ordering.number(tx, run_id, n=run.total - run.duplicate - run.problems, front_of=front)
    agreed = {"source": run.options["source"]} if run.options["source"] else None
    record(tx, "importing.begun", launch.id, ("import", run_id), actor, now, {"rows": run.total}, personal=agreed)
    return run


def stop(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> ImportRun:
    """No further chunk enters; what has entered stays. Raises WrongImportState unless it is running."""
    run = advance(tx, run_id, ("running",), state="stopped")
    record(tx, "importing.stopped", launch.id, ("import", run_id), actor, now)
    return run


def resume(tx: Tx, launch: Launch, run_id: int, *, actor: Actor, now: datetime) -> ImportRun:
    """Go on where the run was stopped, or where its process died.

    Raises LaunchArchived, or WrongImportState when it is over.
    """
    refuse_archived(tx, launch)
    run = advance(tx, run_id, ("stopped", "running"), state="running")
    record(tx, "importing.resumed", launch.id, ("import", run_id), actor, now)
    return run


def discard(tx: Tx, run_id: int) -> None:
    """Forget a run that never began, with all its rows. Raises WrongImportState when it has."""
    advance(tx, run_id, ("staging", "staged"), state="staging")
    tx.execute(sa.delete(ImportRow).where(ImportRow.run_id == run_id))
    tx.execute(sa.delete(ImportRun).where(ImportRun.id == run_id))


def advance(tx: Tx, run_id: int, wanted: tuple[str, ...], **values: Any) -> ImportRun:
    """Change a run that is in one of these states, or raise WrongImportState."""
    changed = one(
        tx,
        sa.update(ImportRun)
        .where(ImportRun.id == run_id, ImportRun.state.in_(wanted))
        .values(**values)
        .returning(ImportRun),
    )
    if changed is None:
        raise WrongImportState(tx.scalar(sa.select(ImportRun.state).where(ImportRun.id == run_id)) or "unknown")
    return changed


def _by_code(tx: Tx, launch_id: int, people: Sequence[Incoming]) -> dict[str, str]:
    """The address keys behind the referral codes of these rows."""
    typed = {person.referrer: _slug(person.referrer) for person in people if "@" not in person.referrer}
    rows = tx.execute(
        sa.select(Entry.slug, Entry.email_key).where(
            Entry.launch_id == launch_id, Entry.slug.in_([slug for slug in typed.values() if slug])
        )
    )
    keys = {row[0]: row[1] for row in rows}
    return {cell: keys[slug] for cell, slug in typed.items() if slug in keys}


def _slug(cell: str) -> str | None:
    try:
        return codes.read_slug(cell.rpartition("/")[2])
    except codes.BadCode:
        return None


def _row(run_id: int, person: Incoming, seen: set[str | None], referrers: dict[str, str]) -> dict[str, Any]:
    row: dict[str, Any] = {
        "run_id": run_id,
        "row_no": person.number,
        "data": None,
        "email_key": None,
        "referrer_key": None,
        "order_no": person.order,
        "sequence": None,
        "depth": 0,
        "outcome": "problem",
        "reason": person.fault or "",
        "entry_id": None,
    }
    if person.address is None:
        return row
    key = person.address.key
    row |= {"email_key": key, "data": _data(person)}
    if key in seen:
        return row | {"outcome": "duplicate", "reason": "row_duplicate"}
    seen.add(key)
    referrer = referrers.get(person.referrer, person.referrer) or None
    if referrer == key:
        return row | {"outcome": "staged", "reason": "row_own_referrer"}
    return row | {"outcome": "staged", "referrer_key": referrer, "depth": 0 if referrer is None else -1}


def _data(person: Incoming) -> dict[str, Any]:
    return {
        **(person.hashed or {}),
        "name": person.name,
        "language": person.language,
        "joined_at": None if person.joined_at is None else person.joined_at.isoformat(),
    }
