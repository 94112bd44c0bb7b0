"""Reports: what members of a beta tell the team, with a picture, and what the team answered."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base

KINDS = ("bug", "idea", "question")
SEVERITIES = ("blocks", "hinders", "small")
STATES = ("new", "seen", "planned", "fixed", "wont_fix")
FIRST_REF = 1000


class Report(Base):
    """One report of one member. Its wave and arm are those of its person when it was sent."""

    __tablename__ = "report"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('bug', 'idea', 'question')", name="kind"),
        sa.CheckConstraint("severity IN ('blocks', 'hinders', 'small')", name="severity"),
        sa.CheckConstraint("state IN ('new', 'seen', 'planned', 'fixed', 'wont_fix')", name="state"),
        sa.Index("ix_report_launch", "launch_id", "id"),
        sa.Index("ix_report_entry", "entry_id", "id"),
        sa.Index("ix_report_wave", "wave_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    kind: Mapped[str]
    severity: Mapped[str]
    happened: Mapped[str]
    expected: Mapped[str] = mapped_column(default="")
    version: Mapped[str] = mapped_column(default="")  # of the product, as its link said
    browser: Mapped[str] = mapped_column(default="")
    wave_id: Mapped[int | None] = mapped_column(sa.ForeignKey("wave.id"))
    arm: Mapped[str] = mapped_column(default="control")
    twin_id: Mapped[int | None] = mapped_column(sa.ForeignKey("report.id"))  # the report that says the same
    wants_mail: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(default="new")
    state_at: Mapped[datetime]
    state_by: Mapped[str]
    created_at: Mapped[datetime]


class ReportPicture(Base):
    """The picture of a report, decoded and encoded again."""

    __tablename__ = "report_picture"

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"), unique=True)
    mime: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    data: Mapped[bytes] = mapped_column(sa.LargeBinary())


class ReportAnswer(Base):
    """What the team said of a report, and the state it gave it; its person reads both."""

    __tablename__ = "report_answer"
    __table_args__ = (sa.Index("ix_report_answer_report", "report_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(sa.ForeignKey("report.id"))
    state: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime]
    answered_by: Mapped[str]


def ref(report_id: int) -> str:
    """What people call a report: FB-1042."""
    return f"FB-{FIRST_REF + report_id}"


def id_of(text: str) -> int | None:
    """The id behind what people call a report, or None."""
    digits = text.strip().upper().removeprefix("FB-")
    return int(digits) - FIRST_REF if digits.isascii() and digits.isdigit() and len(digits) < 18 else None


def by_public_id(launch_id: int, public_id: str) -> sa.Select[Report]:
    return sa.select(Report).where(Report.launch_id == launch_id, Report.public_id == public_id)
