"""Reports as their people and the team read them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models import report as nouns
from waitlist.models.entry import Entry
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Launch
from waitlist.models.report import STATES, Report, ReportAnswer, ReportPicture
from waitlist.models.wave import Wave

PAGE = 100


@dataclass(frozen=True)
class Shown:
    """A report with what belongs to it; `twins` are how many others say the same."""

    report: Report
    ref: str
    email: str
    name: str
    entry: str  # public id
    wave: Wave | None
    answers: Sequence[ReportAnswer]
    picture: bool
    twin: str  # what the report that says the same is called, or ""
    twins: int = 0


@dataclass(frozen=True)
class Wanted:
    """Which reports: of a state, a kind, a wave (by id); `before` is the id of the last one of the page before."""

    state: str = ""
    kind: str = ""
    wave_id: int | None = None
    before: int | None = None


def mine(rx: Tx, entry_id: int) -> list[Shown]:
    """Everything that one person reported, newest first."""
    return _shown(rx, some(rx, sa.select(Report).where(Report.entry_id == entry_id).order_by(Report.id.desc())))


def listed(rx: Tx, launch: Launch, wanted: Wanted, limit: int = PAGE) -> list[Shown]:
    """A page of a launch's reports, newest first."""
    return _shown(rx, some(rx, _matching(launch, wanted).order_by(Report.id.desc()).limit(limit)))


def every(rx: Tx, launch: Launch, wanted: Wanted) -> Iterator[Shown]:
    """All of them, a page at a time."""
    at = wanted
    while found := listed(rx, launch, at):
        yield from found
        at = Wanted(wanted.state, wanted.kind, wanted.wave_id, found[-1].report.id)


def called(rx: Tx, launch: Launch, public_id: str) -> Shown | None:
    """One report, or None."""
    found = one(rx, nouns.by_public_id(launch.id, public_id))
    return None if found is None else _shown(rx, [found])[0]


def picture_of(rx: Tx, report_id: int) -> ReportPicture | None:
    return one(rx, sa.select(ReportPicture).where(ReportPicture.report_id == report_id))


def counts(rx: Tx, launch: Launch) -> dict[str, int]:
    """How many reports are in each state."""
    rows = rx.execute(
        sa.select(Report.state, sa.func.count()).where(Report.launch_id == launch.id).group_by(Report.state)
    )
    found = {row[0]: row[1] for row in rows}
    return {state: found.get(state, 0) for state in STATES}


@dataclass(frozen=True)
class Health:
    """How a wave fares: people inside by it, those of them who reported a bug, and those whom one blocks."""

    people: int
    with_bugs: int
    blocked: int


def health(rx: Tx, wave_id: int) -> Health:
    """The reports of a wave beside its people."""
    inside = sa.select(sa.func.count()).where(Admission.wave_id == wave_id, Admission.state == AdmissionState.ACTIVE)
    bugs = sa.and_(Report.wave_id == wave_id, Report.kind == "bug")
    reporters = sa.func.count(Report.entry_id.distinct())
    row = rx.execute(sa.select(reporters, reporters.filter(Report.severity == "blocks")).where(bugs)).one()
    return Health(rx.scalar(inside) or 0, row[0], row[1])


def _matching(launch: Launch, wanted: Wanted) -> sa.Select[Report]:
    query = sa.select(Report).where(Report.launch_id == launch.id)
    for column, value in ((Report.state, wanted.state), (Report.kind, wanted.kind), (Report.wave_id, wanted.wave_id)):
        if value:
            query = query.where(column == value)
    return query if wanted.before is None else query.where(Report.id < wanted.before)


def _shown(rx: Tx, found: Sequence[Report]) -> list[Shown]:
    ids = [report.id for report in found]
    people: dict[int, Any] = {
        row.id: row for row in some(rx, sa.select(Entry).where(Entry.id.in_({report.entry_id for report in found})))
    }
    waves = {row.id: row for row in some(rx, sa.select(Wave).where(Wave.id.in_({one.wave_id for one in found})))}
    said: dict[int, list[ReportAnswer]] = {}
    for row in some(rx, sa.select(ReportAnswer).where(ReportAnswer.report_id.in_(ids)).order_by(ReportAnswer.id)):
        said.setdefault(row.report_id, []).append(row)
    pictures = set(rx.scalars(sa.select(ReportPicture.report_id).where(ReportPicture.report_id.in_(ids))))
    counted = sa.select(Report.twin_id, sa.func.count()).where(Report.twin_id.in_(ids)).group_by(Report.twin_id)
    twins = {row[0]: row[1] for row in rx.execute(counted)}
    return [
        Shown(
            report,
            nouns.ref(report.id),
            people[report.entry_id].email,
            people[report.entry_id].name,
            people[report.entry_id].public_id,
            waves.get(report.wave_id or 0),
            said.get(report.id, []),
            report.id in pictures,
            "" if report.twin_id is None else nouns.ref(report.twin_id),
            twins.get(report.id, 0),
        )
        for report in found
    ]
