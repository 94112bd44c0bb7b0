"""Tables: a CSV or TSV file as people's programs write it, row by row, each with the number it has in a sheet."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

LONGEST_CELL = 10_000  # characters that anybody means to import in one cell
LONGEST_ROW = 16 * 1024 * 1024  # characters; more is a quote that was never closed, or no table at all
SAMPLE = 64 * 1024
DELIMITERS = ",;\t"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # a sheet would run a cell that starts so (OWASP, CSV injection)
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # how Excel's and LibreOffice's own files begin
LOST = "\ufffd"  # what stands for bytes that are no text

# The limit is one for the whole process, and small by default: a larger cell would end the file instead of its row.
csv.field_size_limit(LONGEST_ROW)


class BadTable(ValueError):
    """A file that is no table we read. `code` names the sentence in `waitlist/sentences.py`."""

    def __init__(self, code: str, **params: int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class TableRow:
    """One row. `fault` is the code of what makes its cells unreadable, if anything does."""

    number: int  # as a sheet counts, the header included
    cells: tuple[str, ...]
    fault: str | None = None


class Table:
    """A file being read: its header (empty where the first row holds an address already), then its rows, once."""

    def __init__(self, file: BinaryIO) -> None:
        """Raises BadTable for a file that is empty or no text."""
        sample = file.read(SAMPLE)
        file.seek(0)
        text = io.TextIOWrapper(file, encoding=_encoding(sample), errors="replace", newline="")
        self._text = text  # keeps the file open as long as its table
        first = _first_line(text)
        self._skipped = 1 if first.lower().startswith("sep=") else 0
        if not self._skipped:
            text.seek(0)
        self._rows = _rows(text, _delimiter(first), self._skipped)
        self._ahead = next(self._rows, None)
        if self._ahead is None:
            raise BadTable("table_empty")
        if any("@" in cell for cell in self._ahead.cells):
            self.header: tuple[str, ...] = ()
        else:
            if self._ahead.fault is not None:
                raise BadTable("table_not_text")
            self.header = tuple(cell.strip() for cell in self._ahead.cells)
            self._ahead = None

    def __iter__(self) -> Iterator[TableRow]:
        """The rows below the header that are not empty. Raises BadTable for one without an end."""
        if self._ahead is not None:
            yield self._ahead
            self._ahead = None
        yield from self._rows


def safe_cell(text: str) -> str:
    """The text as a cell that no sheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text


def plain_cell(cell: str) -> str:
    """What `safe_cell` made safe, as it was."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def _encoding(sample: bytes) -> str:
    if sample.startswith(WORKBOOKS):
        raise BadTable("table_workbook")
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if sample.startswith(mark):
            return name
    # UTF-16 without its mark: every other byte of plain text is a zero.
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    if odd > len(sample) // 4 and even < odd // 8:
        return "utf-16-le"
    if even > len(sample) // 4 and odd < even // 8:
        return "utf-16-be"
    if sample and sample.count(0) > len(sample) // 10:
        raise BadTable("table_not_text")
    return "utf-8"


def _first_line(text: io.TextIOWrapper) -> str:
    line = ""
    while not line.strip():
        line = text.readline(SAMPLE)
        if not line:
            raise BadTable("table_empty")
    return line.strip("\r\n")


def _delimiter(first: str) -> str:
    if first.lower().startswith("sep=") and len(first) > 4:
        return first[4]
    plain = "".join(first.split('"')[::2])  # what stands outside quotes
    return max(DELIMITERS, key=plain.count)


def _rows(text: io.TextIOWrapper, delimiter: str, skipped: int) -> Iterator[TableRow]:
    reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
    number = skipped
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield TableRow(number, (), _fault_of(error, number))
            continue
        if any(cell.strip() for cell in cells):
            yield TableRow(number, tuple(cells), _fault_in(cells))


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    while line := text.readline(LONGEST_ROW):
        yield line


def _fault_of(error: csv.Error, number: int) -> str:
    words = str(error)
    if "field larger" in words:
        raise BadTable("table_row_too_long", row=number) from error
    return "row_quote_open" if "end of data" in words else "row_quotes"


def _fault_in(cells: Sequence[str]) -> str | None:
    if any("\0" in cell for cell in cells):
        return "row_nul"
    if any(len(cell) > LONGEST_CELL for cell in cells):
        return "row_cell_too_long"
    return "row_not_text" if any(LOST in cell for cell in cells) else None
