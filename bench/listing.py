"""The people table: every filter, every order, each with its exact count, as one page of 50."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from bench.measuring import Figure, alone
from waitlist import db
from waitlist.models.entry import Entry
from waitlist.models.looking import Filter
from waitlist.queries import people
from waitlist.queries.people import SORTS

FILTERS: dict[str, Filter] = {
    "nothing": Filter(),
    "state waiting": Filter(state="waiting"),
    "state left (1 %)": Filter(state="left"),
    "on hold (1 %)": Filter(state="on_hold"),
    "interest line (nobody)": Filter(state="interest"),
    "an address": Filter(address="person777@mail27.example"),
    "a domain (60 %)": Filter(domain="college.edu"),
    "a domain (rare)": Filter(domain="rare.example"),
    "an address begins": Filter(prefix="person77"),
    "words in name or address (few)": Filter(words="lovelace"),
    "words in name or address (all)": Filter(words="person"),
    "words of nobody": Filter(words="zzzzzz"),
    "end of a code": Filter(code="WXYZ"),
    "friends at least 1": Filter(friends=1),
    "friends at least 10": Filter(friends=10),
    "invited by a wave (7 %)": Filter(wave=1),
    "mail sent (all)": Filter(mail="sent"),
    "mail failed (few)": Filter(mail="failed"),
    "mail bounced (0.1 %)": Filter(mail="bounced"),
    "brought by somebody": Filter(referrer="person1@college.edu"),
    "an answer (3 %)": Filter(question="role", answer="staff"),
    "a tag (2 %)": Filter(tag="beta"),
    "with a note (0.5 %)": Filter(noted=True),
}


def measure(app: Flask, **_: object) -> list[Figure]:
    """The first page by place under each filter, and by each order, with the count that stands above it."""
    with app.app_context(), db.reading() as rx:
        newest = rx.scalar(sa.select(sa.func.max(Entry.created_at)))
        assert newest is not None
        asked = FILTERS | {
            "joined in the last week": Filter(joined_from=newest - timedelta(days=7)),
            "joined in one week long ago": Filter(
                joined_from=newest - timedelta(days=50), joined_to=newest - timedelta(days=43)
            ),
        }
        pages = [(name, looked_for, "place") for name, looked_for in asked.items()]
        pages += [("nothing", Filter(), sort) for sort in SORTS[1:]]
        pages += [("a domain (60 %)", FILTERS["a domain (60 %)"], sort) for sort in SORTS[1:]]

        def page(looked_for: Filter, sort: str) -> people.Table:
            return people.table(rx, 1, looked_for, sort=sort, after="", size=50, now=newest)

        figures = []
        for name, looked_for, sort in pages:
            seconds = alone(lambda: page(looked_for, sort), rounds=3)  # noqa: B023
            total = page(looked_for, sort).total
            figures.append(Figure("people table", seconds, variant=f"{name}, by {sort}", checked=f"{total} people"))
    return figures
