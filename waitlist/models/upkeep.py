"""Rows that keep the service honest: presses remembered, tries counted, visits observed, imports and workers."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from waitlist.db import Base


class Once(Base):
    """The first outcome of a form or an idempotency key; whoever comes second is shown it."""

    __tablename__ = "once"
    __table_args__ = (sa.Index("ix_once_created_at", "created_at"),)

    key: Mapped[str] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    launch_id: Mapped[int | None]
    fingerprint: Mapped[str | None]
    outcome: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]


class Tally(Base):
    """How often something happened in one window of time; claimed by a conditional UPDATE, for unknown keys too."""

    __tablename__ = "tally"
    __table_args__ = (sa.Index("ix_tally_window_end", "window_end"),)

    key: Mapped[str] = mapped_column(primary_key=True)  # kind, launch, and a hash of what is counted
    n: Mapped[int]
    window_end: Mapped[datetime]


ASKED_FOR = "asked:"  # observations of people who ask for a domain: asked:other.edu


class Observation(Base):
    """A daily counter of what was seen (visits by source): about so many, and losing some is allowed."""

    __tablename__ = "observation"

    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"), primary_key=True)
    day: Mapped[date] = mapped_column(sa.Date(), primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    n: Mapped[int]


class DataExport(Base):
    """What a person asked to have of their own data: built by a job, encrypted, and gone after a week."""

    __tablename__ = "data_export"
    __table_args__ = (sa.Index("ix_data_export_entry", "entry_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    entry_id: Mapped[int] = mapped_column(sa.ForeignKey("entry.id"))
    sealed: Mapped[bytes | None] = mapped_column(sa.LargeBinary())  # the zip file, AES-GCM
    asked_at: Mapped[datetime]
    built_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    open_until: Mapped[datetime | None]  # a press opens the file for a few minutes


class WorkerBeat(Base):
    """When each worker was last alive."""

    __tablename__ = "worker_beat"

    worker: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class JobBeat(Base):
    """When each periodic job last ran, claimed so that N workers run it once."""

    __tablename__ = "job_beat"

    name: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


BACKUP = "backup"  # when the last one was made, a fact about the installation


class Installation(Base):
    """Facts about this installation: the pepper's fingerprint, whether set-up is done, the set-up link's version."""

    __tablename__ = "installation"

    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class ImportRun(Base):
    """One import: its file is staged as rows, and a cursor says how far it got."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    launch_id: Mapped[int] = mapped_column(sa.ForeignKey("launch.id"))
    file_name: Mapped[str]
    file_digest: Mapped[str]
    options: Mapped[dict[str, Any]]
    state: Mapped[str]  # uploaded, rereading, staging, staged, running, stopped, done, undoing, undone, discarded
    total: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    same: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    problems: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    created_by: Mapped[str]
    finished_at: Mapped[datetime | None]
    fault: Mapped[dict[str, Any] | None]  # the code, with its params, of why its file could not be read


class ImportRow(Base):
    """One row of the file with its verdict; problems keep their reason until the run is purged."""

    __tablename__ = "import_row"
    __table_args__ = (
        sa.Index("ix_import_row_next", "run_id", "outcome", "depth", "row_no"),
        sa.Index("ix_import_row_email", "run_id", "email_key", "outcome"),
        sa.Index("ix_import_row_referrer", "run_id", "referrer_key", "outcome"),
    )

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id"), primary_key=True)
    row_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[dict[str, Any] | None]
    email_key: Mapped[str | None]
    referrer_key: Mapped[str | None]
    order_no: Mapped[int | None]  # what a column of the file says about the order
    sequence: Mapped[int | None]  # the number in line, given in the file's order before anybody enters
    depth: Mapped[int] = mapped_column(default=0)  # how many referrers of the file enter before; -1: not known yet
    outcome: Mapped[str] = mapped_column(default="staged")  # staged, added, updated, same, duplicate, problem
    reason: Mapped[str] = mapped_column(default="")
    foreseen: Mapped[str] = mapped_column(default="")  # the outcome that a check saw: added, updated, same, problem
    foreseen_reason: Mapped[str] = mapped_column(default="")
    entry_id: Mapped[int | None]


class ImportPart(Base):
    """A piece of an uploaded file, packed and encrypted: there until its rows enter, a day at most."""

    __tablename__ = "import_part"

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id"), primary_key=True)
    part_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary())


def export_by_public_id(launch_id: int, public_id: str) -> sa.Select[DataExport]:
    """One person's file, of this launch alone."""
    return sa.select(DataExport).where(DataExport.launch_id == launch_id, DataExport.public_id == public_id)
