"""Which column of an uploaded file holds what: guessed, shown with its first rows, and said by hand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

from flask import request
from flask_babel import gettext

from waitlist import columns, envelopes
from waitlist.columns import BadColumn
from waitlist.db import reading
from waitlist.models.upkeep import ImportRun
from waitlist.queries import imports
from waitlist.runtime import runtime
from waitlist.sentences import N_
from waitlist.services.importing import Options
from waitlist.tables import Table
from waitlist.web.admin.fields import Fields

SHOWN = 5  # rows
LONGEST = 60  # letters of a cell
FIELDS = {
    "email": N_("E-mail address"),
    "name": N_("Name"),
    "first_name": N_("First name"),
    "last_name": N_("Last name"),
    "referrer": N_("Who brought them (address or referral code)"),
    "joined_at": N_("When they joined"),
    "language": N_("Language"),
}


@dataclass(frozen=True)
class Sample:
    """The beginning of a file: `columns` are (value of a choice, its words), `rows` the first cells of each."""

    header: tuple[str, ...]
    columns: Sequence[tuple[str, str]]
    rows: Sequence[Sequence[str]]


def sample_of(run: ImportRun) -> Sample:
    """The first rows of an uploaded file."""
    opens = partial(envelopes.read_part, runtime().sealing_key)
    with reading() as rx:
        table = Table(imports.file_of(rx, run, opens, most=1))
    rows = [row.cells for row in islice(table, SHOWN)]
    width = max([len(table.header), *map(len, rows)])
    words = [_column_words(table.header, number) for number in range(width)]
    shown = [[*map(_short, row), *[""] * (width - len(row))] for row in rows]
    return Sample(table.header, [(f"#{number}", text) for number, text in enumerate(words, 1)], shown)


def chosen(run: ImportRun, sample: Sample) -> dict[str, Any]:
    """What the form shows: what was sent just now, what was chosen before, or the guess."""
    if request.method == "POST":
        return dict(request.form.items())
    options = Options.of(run)
    shown: dict[str, Any] = {field: f"#{at + 1}" for field, at in _places(options, sample).items()}
    shown |= {"order_by": options.order_by or "", "source": options.source, "only_add": options.only_add}
    return shown | {"where": "before" if options.first else "behind", "enter": "ask" if options.ask else "now"}


def read(fields: Fields, sample: Sample) -> Options:
    """How the rows are to be taken, as the form says; what is wrong stands in `fields`."""
    offered = [value for value, _ in sample.columns]
    said = {field: fields.choice(field, offered) for field in FIELDS}
    if not said["email"]:
        fields.wrong("email", gettext("Select the column with the e-mail addresses"))
    ask = fields.choice("enter", ("now", "ask"), missing=gettext("Select whether they are asked")) == "ask"
    first = fields.choice("where", ("behind", "before"), missing=gettext("Select where they stand")) == "before"
    agreed = None if ask else gettext("Say where these people agreed to hear from you")
    return Options(
        first=first,
        ask=ask,
        only_add=fields.tick("only_add"),
        source=fields.text("source", most=200, missing=agreed),
        maps=tuple(f"{field}={value}" for field, value in said.items()),
        order_by=fields.choice("order_by", offered) or None,
    )


def _places(options: Options, sample: Sample) -> Mapping[str, int]:
    try:
        return columns.mapped(sample.header, columns.said(options.maps))
    except BadColumn:  # no column is called so: nothing is guessed
        return columns.guess(sample.header)


def _column_words(header: tuple[str, ...], number: int) -> str:
    name = _short(header[number]) if number < len(header) else ""
    return name or gettext("Column %(number)s", number=number + 1)


def _short(cell: str) -> str:
    plain = " ".join(cell.replace("\0", "").split())
    return plain if len(plain) <= LONGEST else f"{plain[:LONGEST]}…"
