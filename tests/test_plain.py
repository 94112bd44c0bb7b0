"""What people typed, as strangers may read it in a mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waitlist import plain


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Ada", "Ada"),
        ("Ada  \t Lovelace\n", "Ada Lovelace"),
        ("see https://evil.example/x?y=1 now", "see … now"),
        ("see HTTP://EVIL.EXAMPLE now", "see … now"),
        ("www.evil.example", "…"),
        ("evil.com", "…"),
        ("Evil.COM/path", "…"),
        ("mail ada@evil.org", "mail …"),
        ("ｅｖｉｌ．ｃｏｍ", "…"),
        ("javascript:alert(1)", "…"),
        ("J.R.R. Tolkien", "J.R.R. Tolkien"),
        ("version 1.2.3", "version 1.2.3"),
        ("e.g. this", "e.g. this"),
        ("Ada\u202e\u200bBcc:\r\nx", "Ada Bcc: x"),
        ("x" * 200, "x" * 119 + "…"),
        ("", ""),
    ],
)
def test_one_line_keeps_words_and_drops_links(typed: str, shown: str) -> None:
    assert plain.one_line(typed) == shown


def test_a_note_keeps_its_lines() -> None:
    assert plain.paragraphs("Hi!\n\n\n\nCome to\u00a0evil.com\nAda\x07 ") == "Hi!\n\nCome to …\nAda"


def test_the_teams_own_names_may_hold_a_dot() -> None:
    assert plain.clean("Campus.io\r\nBcc: x") == "Campus.io Bcc: x"


@pytest.mark.parametrize(
    ("name", "first"), [("Ada Lovelace", "Ada"), ("", ""), (" \u200b ", ""), ("evil.com Ada", "…")]
)
def test_a_greeting_uses_the_first_word(name: str, first: str) -> None:
    assert plain.first_name(name) == first


@given(st.text(max_size=200))
def test_nothing_makes_a_second_line_or_a_link(typed: str) -> None:
    shown = plain.one_line(typed)
    assert len(shown.splitlines()) <= 1
    assert "://" not in shown or "http" not in shown.lower()
    assert plain.one_line(shown) == shown
