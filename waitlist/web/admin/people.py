"""The people of a waitlist: filtered, searched, and a page at a time. The address of the page holds all of it."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, abort, redirect, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue

from waitlist import addresses, clock
from waitlist.addresses import BadAddress
from waitlist.db import Tx, one, reading
from waitlist.hostnames import BadHost, host
from waitlist.models.access import Role
from waitlist.models.entry import Entry, State
from waitlist.models.launch import Launch
from waitlist.queries import people as queries
from waitlist.queries.people import SIZES, Filter
from waitlist.services import exporting
from waitlist.tables import safe_cell
from waitlist.web.admin.frame import admin_page, desk, pressed, this_launch
from waitlist.web.guards import Owner, Proof, guard

blueprint = Blueprint("admin_people", __name__)
COLUMNS = ("place", "email", "name", "state", "friends", "points", "came_by", "joined")
STATES = (*map(str, State), "on_hold", "interest")


@blueprint.get("/admin/w/<slug>/people")
@guard(Owner.ADMIN, role=Role.ANALYST)
def people(slug: str) -> ResponseReturnValue:  # noqa: ARG001 - the frame reads it
    """The table."""
    asked = request.args
    sort = "joined" if asked.get("sort") == "joined" else "place"
    size = next((size for size in SIZES if str(size) == asked.get("size")), SIZES[1])
    looked_for = _filter(asked.get("q", ""), asked.get("state", ""))
    try:
        with reading() as rx:
            found = queries.table(
                rx,
                this_launch().id,
                looked_for,
                sort=sort,
                after=asked.get("after", ""),
                size=size,
                now=clock.now(),
            )
    except ValueError:  # a cursor that somebody wrote by hand
        abort(404)
    kept = {"q": asked.get("q", ""), "state": looked_for.state, "size": size}
    return admin_page(
        "admin/people.html", table=found, looked_for=looked_for, sort=sort, size=size, sizes=SIZES, link=_link(kept)
    )


@blueprint.post("/admin/w/<slug>/people/export")
@guard(Owner.ADMIN, Proof.CSRF, role=Role.ANALYST)
def export_people(slug: str) -> ResponseReturnValue:
    """A CSV of exactly this table, and an event that says so; cells that a sheet would run are made harmless."""
    asked, launch, now = request.form, this_launch(), clock.now()
    sort = "joined" if asked.get("sort") == "joined" else "place"
    looked_for = _filter(asked.get("q", ""), asked.get("state", ""))
    with reading() as rx:
        found = queries.table(rx, launch.id, looked_for, sort=sort, after="", size=1, now=now)
    states = (looked_for.state,) if looked_for.state else ()
    actor = desk().actor

    def act(tx: Tx) -> None:
        exporting.note(tx, launch, form="csv", rows=found.total, states=states, actor=actor, now=now)

    pressed("export", act)
    name = f"{slug}-{now:%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f"attachment; filename={name}", "Cache-Control": "no-store"}
    lines = stream_with_context(_lines(launch.id, looked_for, sort, now))
    return Response(lines, mimetype="text/csv", headers=headers)


def _lines(launch_id: int, looked_for: Filter, sort: str, now: datetime) -> Iterator[str]:
    yield "\ufeff" + _line(COLUMNS)
    with reading() as rx:
        for row in queries.everybody(rx, launch_id, looked_for, sort=sort, now=now):
            cells = (row.place, row.email, row.name, row.state, row.friends, row.score, row.by, row.joined.isoformat())
            yield _line(["" if cell is None else safe_cell(str(cell)) for cell in cells])


def _line(cells: Sequence[str]) -> str:
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


def _filter(typed: str, state: str) -> Filter:
    """What was typed as what it is: `@college.edu` a domain, a whole address that person, anything else words."""
    words = typed.strip()[:254]
    state = state if state in STATES else ""
    if words.startswith("@"):
        try:
            return Filter(state, domain=host(words[1:]).ascii)
        except BadHost:
            return Filter(state, words=words)
    try:
        return Filter(state, address=addresses.canon(words).key)
    except BadAddress:
        return Filter(state, words=words)


def _link(kept: dict[str, Any]) -> Any:
    """Makes the address of this table with something changed; what is empty is left out of it."""

    def link(**changed: Any) -> str:
        values = {name: value for name, value in (kept | changed).items() if value not in ("", None)}
        return url_for("admin_people.people", slug=this_launch().slug, **values)

    return link
