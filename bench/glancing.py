"""One launch at a glance: the overview page with its counts, its 30 days and what waits for the team."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Flask

from bench.ground import raw
from bench.measuring import Figure, paired
from waitlist import db
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.queries import launches, trends

WORK = "overview: states, 30 days of trends, what waits"


def measure(app: Flask, environ: dict[str, str]) -> list[Figure]:
    """The reads of one page; the floor counts the people by state once, as every dashboard does at least."""
    connection = raw(environ)
    with app.app_context(), db.reading() as rx:
        now = rx.scalar(sa.select(sa.func.max(Entry.created_at)))
        launch = db.one(rx, sa.select(Launch))
        assert launch is not None
        assert now is not None

        def page() -> None:
            launches.summary(rx, launch, now)
            trends.trends(rx, launch, now, days=30)
            trends.needs(rx, launch)

        counting = "SELECT state, count(*) FROM entry WHERE launch_id = 1 GROUP BY state"
        sides = paired(page, lambda: connection.execute(counting).fetchall(), calls=1, rounds=3)
    return [Figure(WORK, *sides)]
