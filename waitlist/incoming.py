"""Incoming: one row of a table as the person it tells of, read, checked and drawn outside any transaction."""

import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from waitlist import addresses, columns
from waitlist.addresses import Address, BadAddress
from waitlist.applying import Hashed
from waitlist.tables import Table, TableRow, plain_cell

LONGEST_NAME = 100  # characters
LANGUAGES = ("en", "fr")


@dataclass(frozen=True)
class Incoming:
    """A person as a row tells of them, or the code of what is wrong with the row."""

    number: int
    address: Address | None = None
    fault: str | None = None
    name: str = ""
    language: str | None = None
    referrer: str = ""  # the key of an address, or a referral code as typed
    joined_at: datetime | None = None
    order: int | None = None
    hashed: Hashed | None = None


Hash = Callable[[Address], Hashed]


def people(table: Table, said: Mapping[str, str], order_by: str | None, hashes: Hash) -> Iterator[Incoming]:
    """Everybody a table tells of, row by row; `said` names columns by hand. Raises BadColumn at once."""
    places = columns.mapped(table.header, said)
    order = columns.column(table.header, order_by) if order_by else None
    return (read(row, places, hashes, order=order) for row in table)


def read(row: TableRow, places: Mapping[str, int], hashes: Hash, *, order: int | None = None) -> Incoming:
    """The person in a row. `places` says where each field stands, `order` which column sorts the line."""
    if row.fault is not None:
        return Incoming(row.number, fault=row.fault)
    cells = {name: _cell(row, index) for name, index in places.items()}
    try:
        address = addresses.canon(cells["email"])
        return Incoming(
            row.number,
            address,
            name=_name(cells),
            language=_language(cells.get("language", "")),
            referrer=_referrer(cells.get("referrer", "")),
            joined_at=_moment(cells["joined_at"]) if cells.get("joined_at") else None,
            order=None if order is None else _order(_cell(row, order)),
            hashed=hashes(address),
        )
    except BadAddress as fault:
        return Incoming(row.number, fault=fault.code)
    except _Unreadable as fault:
        return Incoming(row.number, fault=str(fault))


class _Unreadable(ValueError):
    """A cell says something that is no date or no number; the text is the code."""


def _cell(row: TableRow, index: int) -> str:
    return plain_cell(row.cells[index]).strip() if index < len(row.cells) else ""


def _name(cells: Mapping[str, str]) -> str:
    given = cells.get("name") or f"{cells.get('first_name', '')} {cells.get('last_name', '')}"
    visible = "".join(" " if unicodedata.category(letter).startswith("C") else letter for letter in given)
    return " ".join(visible.split())[:LONGEST_NAME]


def _language(cell: str) -> str | None:
    short = cell[:2].lower()
    return short if short in LANGUAGES else None


def _referrer(cell: str) -> str:
    """The key of the address, where it is one; a wrong address finds nobody, which is told as such."""
    if "@" not in cell:
        return cell
    try:
        return addresses.canon(cell).key
    except BadAddress:
        return cell


def _moment(cell: str) -> datetime:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError as fault:
        raise _Unreadable("row_date") from fault
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _order(cell: str) -> int:
    """A whole or broken number, or a moment; equal ones keep the order of the file."""
    try:
        return round(float(cell) * 1_000)
    except (ValueError, OverflowError):
        pass
    try:
        return int(_moment(cell).timestamp() * 1_000)
    except _Unreadable as fault:
        raise _Unreadable("row_order") from fault
