"""Erasing: everything personal of one person goes, in one transaction."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from flask import Flask

from bench.ground import raw
from bench.measuring import Figure, paired
from waitlist import db
from waitlist.actors import WORKER
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.services import forgetting

WORK = "a person is erased from every table"


def measure(app: Flask, environ: dict[str, str]) -> list[Figure]:
    """One verb and its commit; the floor blanks the person's own row with the bare driver, and commits."""
    connection = raw(environ)
    with app.app_context(), db.reading() as rx:
        launch = db.one(rx, sa.select(Launch))
        ids = iter(rx.scalars(sa.select(Entry.id).where(Entry.referrer_id.is_not(None)).limit(60)).all())
        others = iter(rx.scalars(sa.select(Entry.id).where(Entry.referrer_id.is_(None)).limit(60)).all())
    assert launch is not None
    blank = "UPDATE entry SET name = '', email = 'erased', email_key = '~' || id WHERE id = " + (
        "?" if "sqlite3" in type(connection).__module__ else "%s"
    )

    def erase() -> None:
        with app.app_context(), db.writing() as tx:
            forgetting.erase(tx, launch, next(ids), never_again=False, actor=WORKER, now=datetime.now(UTC))

    sides = paired(erase, lambda: connection.execute(blank, (next(others),)), calls=1)
    with app.app_context(), db.reading() as rx:
        left = rx.scalar(
            sa.select(sa.func.count()).where(
                Entry.erased_at.is_not(None), sa.or_(Entry.name != "", Entry.email != "erased")
            )
        )
    return [Figure(WORK, *sides, checked=f"{left} left", wrong=bool(left))]
