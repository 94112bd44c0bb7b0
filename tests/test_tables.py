"""Tables as Excel, Numbers and other people's scripts write them."""

from __future__ import annotations

import io

import pytest

from waitlist.tables import LONGEST_ROW, BadTable, Table, TableRow, plain_cell, safe_cell

PEOPLE = "email,name\nada@college.edu,Ada\nbob@college.edu,Bób\n"
ROWS = [TableRow(2, ("ada@college.edu", "Ada")), TableRow(3, ("bob@college.edu", "Bób"))]


def table(content: str | bytes) -> Table:
    return Table(io.BytesIO(content if isinstance(content, bytes) else content.encode()))


@pytest.mark.parametrize(
    "content",
    [
        PEOPLE.encode(),
        b"\xef\xbb\xbf" + PEOPLE.encode(),
        PEOPLE.encode("utf-16"),
        b"\xfe\xff" + PEOPLE.encode("utf-16-be"),
        PEOPLE.encode("utf-16-le"),
        PEOPLE.encode("utf-16-be"),
        PEOPLE.replace(",", ";").encode(),
        PEOPLE.replace(",", "\t").encode(),
        PEOPLE.replace("\n", "\r\n").encode(),
        PEOPLE.replace("\n", "\r").encode(),
        ('"email","name"\n' + PEOPLE.partition("\n")[2].replace("Ada", '"Ada"')).encode(),
    ],
)
def test_the_same_people_however_the_file_was_saved(content: bytes) -> None:
    read = table(content)
    assert read.header == ("email", "name")
    assert list(read) == ROWS


def test_excels_own_separator_line_is_obeyed_and_counted() -> None:
    read = table("sep=;\nemail;name\nada@college.edu;Lovelace, Ada\n")
    assert read.header == ("email", "name")
    assert list(read) == [TableRow(3, ("ada@college.edu", "Lovelace, Ada"))]


def test_a_table_without_a_header_starts_with_its_first_person() -> None:
    read = table("ada@college.edu,Ada\nbob@college.edu,Bob\n")
    assert read.header == ()
    assert [row.number for row in read] == [1, 2]


def test_empty_rows_are_passed_over_and_still_counted() -> None:
    assert [row.number for row in table("email,name\n\n,\nada@college.edu,Ada\n")] == [4]


def test_a_cell_may_span_lines_and_the_next_row_keeps_its_number() -> None:
    rows = list(table('email,name\nada@college.edu,"A\nd\na"\nbob@college.edu,Bob\n'))
    assert rows == [TableRow(2, ("ada@college.edu", "A\nd\na")), TableRow(3, ("bob@college.edu", "Bob"))]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ("a\0da@college.edu,Ada", "row_nul"),
        (f"ada@college.edu,{'x' * 5_000_000}", "row_cell_too_long"),
        (b"ada@college.edu,Ad\xe9", "row_not_text"),
        ('ada@college.edu,"Ada" L', "row_quotes"),
    ],
)
def test_a_row_that_cannot_be_read_leaves_the_others_alone(row: str | bytes, fault: str) -> None:
    line = row if isinstance(row, bytes) else row.encode()
    found = list(table(b"email,name\n" + line + b"\nbob@college.edu,Bob\n"))
    assert [(one.number, one.fault) for one in found] == [(2, fault), (3, None)]


def test_a_quote_that_is_never_closed_is_told_at_its_row() -> None:
    found = list(table('email,name\nada@college.edu,Ada\n"bob@college.edu,Bob\n'))
    assert [(row.number, row.fault) for row in found] == [(2, None), (3, "row_quote_open")]


def test_a_cell_without_an_end_stops_the_reading() -> None:
    endless = table(b'email,name\n"' + b"x" * (LONGEST_ROW + 5))
    with pytest.raises(BadTable) as refused:
        list(endless)
    assert (refused.value.code, refused.value.params) == ("table_row_too_long", {"row": 2})


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table_empty"),
        (b"\n\n", "table_empty"),
        (b"\xef\xbb\xbf", "table_empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\0", "table_not_text"),
        (b"\x89PNG\r\n\x1a\nlong after it", "table_not_text"),
    ],
)
def test_what_is_no_table_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(BadTable) as refused:
        list(table(content))
    assert refused.value.code == code


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx"])
def test_a_formula_is_written_as_text_and_read_back_as_it_was(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert plain_cell(safe_cell(text)) == text


@pytest.mark.parametrize("text", ["Ada", "'tis", "O'Brien", ""])
def test_a_plain_cell_stays_as_it_is(text: str) -> None:
    assert plain_cell(safe_cell(text)) == text
