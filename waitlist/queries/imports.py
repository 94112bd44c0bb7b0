"""Imports: how far each run is, and which of its rows want a word."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models.upkeep import ImportPart, ImportRow, ImportRun
from waitlist.sentences import SENTENCES

SHOWN = 100
AT_ONCE = 1_000
REMARKED = ("problem", "duplicate", "added", "updated", "same", "kept")
REFUSED = ("problem", "duplicate")
# While a run is only looked at, what was foreseen stands in for what happened.
_OUTCOME = sa.case((ImportRow.outcome == "staged", ImportRow.foreseen), else_=ImportRow.outcome)
_REASON = sa.case((ImportRow.outcome == "staged", ImportRow.foreseen_reason), else_=ImportRow.reason)


@dataclass(frozen=True)
class Remark:
    """What there is to say of one row of the file: why it did not enter, or what was left out of it."""

    row: int
    outcome: str
    reason: str  # a code
    email: str

    @property
    def code(self) -> str:
        """The code whose sentence says so. A refusal of the rules needs the facts that filled it, which are gone."""
        sentence = SENTENCES.get(self.reason, "%(")
        return "row_rules" if "%(" in sentence and "limit" not in sentence else self.reason

    @property
    def words(self) -> str:
        """The English sentence; pages translate it."""
        return SENTENCES[self.code] % LIMITS


LIMITS = {"limit": 254}  # what a sentence about an address may name


def of_launch(rx: Tx, launch_id: int) -> Sequence[ImportRun]:
    """The runs of a launch, newest first."""
    kept = (ImportRun.launch_id == launch_id, ImportRun.state != "discarded")
    return some(rx, sa.select(ImportRun).where(*kept).order_by(ImportRun.id.desc()))


def run_called(rx: Tx, launch_id: int, public_id: str) -> ImportRun | None:
    return one(rx, sa.select(ImportRun).where(ImportRun.launch_id == launch_id, ImportRun.public_id == public_id))


def of_same_file(rx: Tx, run: ImportRun) -> ImportRun | None:
    """The newest other run of the same bytes that has begun, if any has."""
    same = (ImportRun.launch_id == run.launch_id, ImportRun.file_digest == run.file_digest, ImportRun.id != run.id)
    begun = ImportRun.state.in_(("running", "stopped", "done"))
    return one(rx, sa.select(ImportRun).where(*same, begun).order_by(ImportRun.id.desc()).limit(1))


def remarks(
    rx: Tx, run_id: int, outcomes: Sequence[str] = REMARKED, *, after: int = 0, limit: int = SHOWN
) -> list[Remark]:
    """The next rows with these outcomes that have a reason, in the order of the file."""
    rows = rx.execute(
        sa.select(ImportRow.row_no, _OUTCOME, _REASON, ImportRow.email_key)
        .where(ImportRow.run_id == run_id, ImportRow.row_no > after, _REASON != "", _OUTCOME.in_(outcomes))
        .order_by(ImportRow.row_no)
        .limit(limit)
    )
    return [Remark(number, outcome, reason, email or "") for number, outcome, reason, email in rows]


def every_refusal(rx: Tx, run_id: int) -> Iterator[Remark]:
    """All rows that did not enter, or would not, a page at a time."""
    after = 0
    while found := remarks(rx, run_id, REFUSED, after=after, limit=AT_ONCE):
        yield from found
        after = found[-1].row


def forecast(rx: Tx, run: ImportRun) -> dict[str, int]:
    """What a run would do that was looked at to its end, by outcome: the five add up to its total."""
    counted = sa.select(_OUTCOME, sa.func.count()).where(ImportRow.run_id == run.id).group_by(_OUTCOME)
    found: dict[str, int] = {row[0]: row[1] for row in rx.execute(counted)}
    names = {"new": "added", "updated": "updated", "same": "same", "duplicate": "duplicate", "problems": "problem"}
    return {name: found.get(outcome, 0) for name, outcome in names.items()}


def reasons(rx: Tx, run_id: int) -> list[tuple[str, str, int]]:
    """How many rows did not enter, or would not, for which reason: (outcome, code, how many), the commonest first."""
    where = (ImportRow.run_id == run_id, _OUTCOME.in_((*REFUSED, "kept")))
    counted = sa.select(_OUTCOME, _REASON, sa.func.count()).where(*where).group_by(_OUTCOME, _REASON)
    return [(row[0], row[1], row[2]) for row in rx.execute(counted.order_by(sa.func.count().desc(), _REASON))]


def file_of(rx: Tx, run: ImportRun, opens: Callable[[str, int, bytes], bytes], *, most: int | None = None) -> BytesIO:
    """The uploaded file, or its first `most` parts; `opens` reads a part by the run's public id and its number."""
    parts = rx.execute(
        sa.select(ImportPart.part_no, ImportPart.sealed)
        .where(ImportPart.run_id == run.id)
        .order_by(ImportPart.part_no)
        .limit(most)
    )
    return BytesIO(b"".join(opens(run.public_id, number, sealed) for number, sealed in parts))


def read_so_far(rx: Tx, run_id: int) -> int:
    """How many rows of the file were read."""
    return rx.scalar(sa.select(sa.func.count()).where(ImportRow.run_id == run_id)) or 0


def undone(rx: Tx, run_id: int) -> dict[str, int]:
    """How many whom a run added have gone again, were kept, and are still looked at: undone, kept, added."""
    named = (ImportRow.run_id == run_id, ImportRow.outcome.in_(("undone", "kept", "added")))
    counted = rx.execute(sa.select(ImportRow.outcome, sa.func.count()).where(*named).group_by(ImportRow.outcome))
    return {"undone": 0, "kept": 0, "added": 0} | {row[0]: row[1] for row in counted}


def left_to_do(rx: Tx, run_id: int) -> int:
    """How many rows have not entered yet."""
    staged = sa.select(sa.func.count()).where(ImportRow.run_id == run_id, ImportRow.outcome == "staged")
    return rx.scalar(staged) or 0
