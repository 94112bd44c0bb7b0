"""What a mail says of an answer to somebody's report."""

from typing import Any

import sqlalchemy as sa

from waitlist import plain
from waitlist.db import Tx, one
from waitlist.models.report import Report, ReportAnswer, ref
from waitlist.queries.letter_subject import Subject, kept


def report_news(rx: Tx, subject: Subject, feedback_url: str) -> dict[str, Any]:
    """The answer that the mail is of, and where all of them stand."""
    said = subject.message.params
    row = kept(one(rx, sa.select(Report).where(Report.id == said["report"])))
    told = kept(one(rx, sa.select(ReportAnswer).where(ReportAnswer.id == said["answer"])))
    note = plain.paragraphs(told.note)
    return {"ref": ref(row.id), "state": told.state, "note": note, "feedback_url": feedback_url}
