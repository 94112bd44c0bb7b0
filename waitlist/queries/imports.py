"""Imports: how far each run is, and which of its rows want a word."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ImportRow, ImportRun
from waitlist.sentences import SENTENCES

SHOWN = 100
REMARKED = ("problem", "duplicate", "added", "updated", "same")


@dataclass(frozen=True)
class Remark:
    """What there is to say of one row of the file: why it did not enter, or what was left out of it."""

    row: int
    outcome: str
    reason: str  # a code
    email: str

    @property
    def words(self) -> str:
        """The English sentence; pages translate it."""
        sentence = SENTENCES.get(self.reason, "%(")
        # A refusal of the rules needs the facts that filled it, which are gone by now.
        return SENTENCES["row_rules"] if "%(" in sentence and "limit" not in sentence else sentence % {"limit": 254}


def of_launch(rx: Tx, launch_id: int) -> Sequence[ImportRun]:
    """The runs of a launch, newest first."""
    return some(rx, sa.select(ImportRun).where(ImportRun.launch_id == launch_id).order_by(ImportRun.id.desc()))


def run_called(rx: Tx, launch_id: int, public_id: str) -> ImportRun | None:
    return one(rx, sa.select(ImportRun).where(ImportRun.launch_id == launch_id, ImportRun.public_id == public_id))


def remarks(rx: Tx, run_id: int, *, limit: int = SHOWN) -> list[Remark]:
    """The first rows that have a reason, in the order of the file."""
    rows = rx.execute(
        sa.select(ImportRow.row_no, ImportRow.outcome, ImportRow.reason, ImportRow.email_key)
        .where(ImportRow.run_id == run_id, ImportRow.reason != "", ImportRow.outcome.in_(REMARKED))
        .order_by(ImportRow.row_no)
        .limit(limit)
    )
    return [Remark(number, outcome, reason, email or "") for number, outcome, reason, email in rows]


def forecast(rx: Tx, launch: Launch, run: ImportRun) -> dict[str, int]:
    """What a staged run would do, by outcome, before the rules are asked: they are asked when the rows enter."""
    known = rx.scalar(
        sa.select(sa.func.count())
        .select_from(ImportRow)
        .join(Entry, sa.and_(Entry.launch_id == launch.id, Entry.email_key == ImportRow.email_key))
        .where(ImportRow.run_id == run.id, ImportRow.outcome == "staged")
    )
    fresh = run.total - run.duplicate - run.problems - (known or 0)
    return {"new": fresh, "known": known or 0, "duplicate": run.duplicate, "problems": run.problems}


def left_to_do(rx: Tx, run_id: int) -> int:
    """How many rows have not entered yet."""
    staged = sa.select(sa.func.count()).where(ImportRow.run_id == run_id, ImportRow.outcome == "staged")
    return rx.scalar(staged) or 0
