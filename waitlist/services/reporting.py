"""Reporting: a member tells the team of a problem, the team answers, and whoever said the same hears of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one, some
from waitlist.models import report as reports
from waitlist.models.entry import Entry, State, locked_in
from waitlist.models.invite import Admission
from waitlist.models.launch import Launch
from waitlist.models.report import STATES, Report, ReportAnswer, ReportPicture
from waitlist.pictures import Encoded
from waitlist.services import posting
from waitlist.services.recording import record

A_DAY = 20  # reports of one person


class NotInside(Exception):
    """Only members report: this person is not inside (any more)."""


class NoSuchReport(LookupError):
    """This launch has no such report."""


class BadTwin(ValueError):
    """A report says the same as another one of this launch, not as itself, and not as one that points back."""


@dataclass(frozen=True)
class TooMany:
    """Twenty a day were sent already."""


@dataclass(frozen=True)
class Said:
    """What somebody reports; `version` and `browser` are empty where they took them off."""

    kind: str
    severity: str
    happened: str
    expected: str = ""
    version: str = ""
    browser: str = ""
    wants_mail: bool = False


def report(
    tx: Tx, launch: Launch, entry_id: int, said: Said, picture: Encoded | None = None, *, actor: Actor, now: datetime
) -> Report | TooMany:
    """Keep what a member reports, with their wave and arm. Raises NotInside."""
    entry = one(tx, locked_in(launch.id, entry_id))
    if entry is None or entry.state != State.JOINED:
        raise NotInside
    today = sa.select(sa.func.count()).where(Report.entry_id == entry.id, Report.created_at > now - timedelta(days=1))
    if (tx.scalar(today) or 0) >= A_DAY:
        return TooMany()
    admission = one(tx, sa.select(Admission).where(Admission.entry_id == entry.id))
    row = vars(said) | {"public_id": codes.random_id("rep"), "launch_id": launch.id, "entry_id": entry.id}
    row |= {"state_at": now, "state_by": str(actor), "created_at": now}
    row |= {} if admission is None else {"wave_id": admission.wave_id, "arm": admission.arm}
    made = one(tx, sa.insert(Report).values(row).returning(Report))
    assert made is not None, "INSERT ... RETURNING answers with its row"
    if picture is not None:
        tx.execute(sa.insert(ReportPicture).values(report_id=made.id, **vars(picture)))
    data = {"report": made.id, "kind": made.kind, "severity": made.severity, "wave": made.wave_id}
    record(tx, "reporting.reported", launch.id, ("entry", entry.id), actor, now, data)
    return made


def answer(
    tx: Tx, launch: Launch, public_id: str, state: str, *, note: str = "", twin: str = "", actor: Actor, now: datetime
) -> Report:
    """Give a report another state, a note, or the report that says the same (FB-1042); who wants to hears of it.

    Raises NoSuchReport or BadTwin.
    """
    assert state in STATES, "the door offers these"
    found = one(tx, reports.by_public_id(launch.id, public_id).with_for_update())
    if found is None:
        raise NoSuchReport(public_id)
    twin_id = _twin(tx, launch, found, twin) if twin.strip() else None
    values = {"state": state, "state_at": now, "state_by": str(actor), "twin_id": twin_id}
    changed = one(tx, sa.update(Report).where(Report.id == found.id).values(values).returning(Report))
    assert changed is not None, "the row is locked"
    if state != found.state or note:
        row = {"report_id": found.id, "state": state, "note": note, "answered_at": now, "answered_by": str(actor)}
        answer_id: int = tx.execute(sa.insert(ReportAnswer).values(row).returning(ReportAnswer.id)).scalar_one()
        _tell(tx, launch, found, answer_id, now)
    data = {"report": found.id, "before": found.state, "after": state, "twin": twin_id}
    record(tx, "reporting.answered", launch.id, ("entry", found.entry_id), actor, now, data, {"note": note})
    return changed


def _twin(tx: Tx, launch: Launch, found: Report, typed: str) -> int:
    wanted = sa.select(Report).where(Report.launch_id == launch.id, Report.id == reports.id_of(typed))
    twin = one(tx, wanted)
    if twin is None or found.id in (twin.id, twin.twin_id):
        raise BadTwin(typed)
    return twin.twin_id or twin.id


def _tell(tx: Tx, launch: Launch, found: Report, answer_id: int, now: datetime) -> None:
    """A mail to the person of the report and of every report that says the same, if they want it."""
    same = sa.or_(Report.id == found.id, Report.twin_id == found.id)
    hears = sa.select(Report.id, Report.entry_id).where(same, Report.wants_mail)
    theirs = {row.entry_id: row.id for row in tx.execute(hears)}
    people = some(tx, sa.select(Entry).where(Entry.id.in_(theirs)).order_by(Entry.id))
    mails = [
        posting.Mail(
            f"{answer_id}:{person.id}",
            posting.to(person),
            {"launch_id": launch.id, "entry_id": person.id},
            {"report": theirs[person.id], "answer": answer_id},
        )
        for person in people
    ]
    posting.enqueue_all(tx, "report_news", mails, now)
