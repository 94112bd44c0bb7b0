"""The people of a waitlist: filtered, searched, and a page at a time. The address of the page holds all of it."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from flask import Blueprint, Response, abort, redirect, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from waitlist import clock
from waitlist.db import Tx, one, reading
from waitlist.models.access import Role
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.looking import Filter
from waitlist.queries import people as queries
from waitlist.queries.people import SIZES, Row
from waitlist.services import exporting
from waitlist.tables import safe_cell
from waitlist.web.admin.frame import admin_page, desk, pressed_each_time, this_launch
from waitlist.web.admin.looking import COLUMNS, asked_for, choices, in_words, said
from waitlist.web.guards import Owner, Proof, guard
from waitlist.web.pages import Errors

blueprint = Blueprint("admin_people", __name__)
CELLS = (
    "place",
    "email",
    "name",
    "state",
    "friends",
    "points",
    "came_by",
    "joined",
    "line",
    "language",
    "source",
    "tags",
)


@blueprint.get("/admin/w/<slug>/people")
@guard(Owner.ADMIN, role=Role.ANALYST)
def people(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The table."""
    return people_page()


def people_page(errors: Errors = ()) -> ResponseReturnValue:
    """The table that the address asks for, with what was wrong with a choice among its people."""
    asked, launch = asked_for(), this_launch()
    wrong = [*asked.errors, *errors]
    try:
        with reading() as rx:
            found = queries.table(
                rx, launch.id, asked.filter, sort=asked.sort, after=asked.after, size=asked.size, now=clock.now()
            )
            offered = choices(rx)
    except ValueError:  # a cursor that somebody wrote by hand
        abort(404)
    return admin_page(
        "admin/people.html",
        status=422 if wrong else 200,
        errors=wrong,
        table=found,
        asked=asked,
        words=in_words(said(asked.filter, dict(offered["questions"]))),
        sizes=SIZES,
        all_columns={name: gettext(label) for name, label in COLUMNS.items()},
        **offered,
    )


@blueprint.post("/admin/w/<slug>/people/export")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export_people(slug: str) -> ResponseReturnValue:  # noqa: ARG001
    """A CSV of exactly this table, and an event that says so; a filter that cannot be read is told instead."""
    return people_page() if asked_for().errors else export_all("export")


def export_all(purpose: str) -> Response:
    """Everybody whom the address asks for, as a file; `purpose` is that of the form that was pressed."""
    asked, launch, now = asked_for(), this_launch(), clock.now()
    with reading() as rx:
        total = queries.count(rx, launch.id, asked.filter)
    return csv_of(_matching(launch.id, asked.filter, asked.sort, now), total, asked.filter.state, purpose, now)


def csv_of(rows: Iterable[Row], total: int, state: str, purpose: str, now: datetime) -> Response:
    """People as a file, written into the audit log first; cells that a sheet would run are made harmless."""
    launch, actor = this_launch(), desk().actor

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form="csv", rows=total, states=(state,) if state else (), actor=actor, now=now)

    pressed_each_time(purpose, act)
    name = f"{launch.slug}-{now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    return Response(stream_with_context(_lines(rows)), mimetype="text/csv", headers=headers)


def _matching(launch_id: int, looked_for: Filter, sort: str, now: datetime) -> Iterator[Row]:
    with reading() as rx:
        yield from queries.everybody(rx, launch_id, looked_for, sort=sort, now=now)


def _lines(rows: Iterable[Row]) -> Iterator[str]:
    yield "\ufeff" + csv_line(CELLS)
    for row in rows:
        cells = (row.place, row.email, row.name, row.state, row.friends, row.score, row.by, row.joined.isoformat())
        more = (row.line, row.language, row.source, ", ".join(row.tags))
        yield csv_line(["" if cell is None else safe_cell(str(cell)) for cell in (*cells, *more)])


def csv_line(cells: Sequence[str]) -> str:
    """One line of a file, as every sheet reads it."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerow(cells)
    return text.getvalue()


@blueprint.get("/admin/people/<entry_id>")
@guard(Owner.ADMIN)
def find_person(entry_id: str) -> ResponseReturnValue:
    """The page of a person whose waitlist one does not know."""
    with reading() as rx:
        query = sa.select(Launch).join(Entry, Entry.launch_id == Launch.id).where(Entry.public_id == entry_id)
        launch = one(rx, query)
    if launch is None or not desk().may(Role.ANALYST, launch):
        abort(404)  # whoever may not see the person does not learn where they are
    return redirect(url_for("admin_person.person", slug=launch.slug, entry_id=entry_id))
