"""Takeouts: one person's data as one zip file, each table as CSV that sheets open, and all of them as JSON."""

import csv
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from waitlist.tables import safe_cell

Tables = Mapping[str, Sequence[Mapping[str, Any]]]
ABOUT = """What {name} holds about {email}, as of {at}.

data.json         everything, by table
<table>.csv       the same, one table a file, for spreadsheets
(no file)         these tables hold nothing about you: {empty}

Times are UTC. Left out: secrets, what the team wrote for itself, and who other people are.
"""


def pack(tables: Tables, *, name: str, email: str, now: datetime) -> bytes:
    """The file. The same rows at the same moment give the same bytes."""
    packed = io.BytesIO()
    stamp = now.timetuple()[:6]
    empty = ", ".join(sorted(table for table, rows in tables.items() if not rows))
    about = ABOUT.format(name=name, email=email, at=now.isoformat(timespec="seconds"), empty=empty)
    files = {"README.txt": about, "data.json": json.dumps(tables, default=str, indent=1, ensure_ascii=False)}
    files |= {f"{table}.csv": _sheet(rows) for table, rows in sorted(tables.items()) if rows}
    with zipfile.ZipFile(packed, "w") as file:
        for called, text in files.items():
            file.writestr(zipfile.ZipInfo(called, stamp), text, compress_type=zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _sheet(rows: Sequence[Mapping[str, Any]]) -> str:
    text = io.StringIO()
    text.write("\ufeff")  # the mark that Excel knows UTF-8 by
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(rows[0].keys())
    writer.writerows([_cell(value) for value in row.values()] for row in rows)
    return text.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (dict, list)):
        return safe_cell(json.dumps(value, default=str, ensure_ascii=False))
    return safe_cell(str(value))
