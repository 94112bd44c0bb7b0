"""Codes that people type: forgiving about case and hyphens, and strict about a slip."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waitlist import codes
from waitlist.codes import ALPHABET, CODE_SYMBOLS, BadCode

KEY = b"k" * 32
symbols = st.text(ALPHABET, min_size=1, max_size=CODE_SYMBOLS)


@given(symbols, st.data())
def test_one_wrong_symbol_is_always_noticed(text: str, data: st.DataObject) -> None:
    whole = text + codes.check_symbol(text)
    place = data.draw(st.integers(0, len(whole) - 1))
    wrong = data.draw(st.sampled_from([symbol for symbol in ALPHABET if symbol != whole[place]]))
    slip = whole[:place] + wrong + whole[place + 1 :]
    assert codes.check_symbol(slip[:-1]) != slip[-1]


@given(symbols)
def test_two_swapped_neighbours_are_always_noticed(text: str) -> None:
    whole = text + codes.check_symbol(text)
    for place, (one, other) in enumerate(itertools.pairwise(whole)):
        if one != other:
            slip = whole[:place] + other + one + whole[place + 2 :]
            assert codes.check_symbol(slip[:-1]) != slip[-1]


@given(st.text(max_size=20), st.integers(1, 5))
def test_a_code_is_read_however_it_is_typed(row: str, version: int) -> None:
    derived = codes.derive_code(KEY, row, version)
    shown = codes.show_code("campus", derived)
    assert shown.startswith("CAMPUS-")
    for typed in (
        shown,
        shown.lower(),
        f"  {shown.replace('-', ' ')} ",
        derived,
        shown.replace("0", "o").replace("1", "l"),
    ):
        assert codes.read_code(typed) == derived
    assert codes.show_code("", derived).replace("-", "") == derived


def test_a_code_belongs_to_its_key_row_and_version() -> None:
    derived = {codes.derive_code(key, row, version) for key in (KEY, b"x") for row in ("a", "b") for version in (1, 2)}
    assert len(derived) == 8
    assert codes.look_up_hash(b"pepper", "A") != codes.look_up_hash(b"other", "A") != codes.look_up_hash(b"other", "B")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "length"),
        ("7K2P", "length"),
        ("A" * 100, "length"),
        ("CAMPUS-7K2P-M9QX-4TB8-WZ", "check"),
        ("7K!PM9QX4TB8WZ", "symbol"),
    ],
)
def test_a_slip_never_reaches_the_database(typed: str, why: str) -> None:
    with pytest.raises(BadCode, match=why):
        codes.read_code(typed)


def test_a_symbol_outside_the_alphabet_is_no_code() -> None:
    with pytest.raises(BadCode):
        codes.check_symbol("U")


def test_a_referral_slug_is_short_random_and_checked() -> None:
    slugs = {codes.random_slug() for _ in range(100)}
    assert len(slugs) == 100
    for slug in slugs:
        assert codes.read_slug(f" {slug[:4].lower()}-{slug[4:]} ") == slug
    with pytest.raises(BadCode):
        codes.read_slug("00000001")


def test_public_names_say_what_they_name() -> None:
    name = codes.random_id("ent")
    assert (name[:4], len(name), name) == ("ent_", 24, name.lower())
    assert codes.random_id("ent") != name


def test_six_digits_are_six_digits() -> None:
    found = {codes.six_digits(KEY, "att_1", version) for version in range(1, 200)}
    assert len(found) > 190
    assert all(len(code) == 6 and code.isdigit() for code in found)
    assert (codes.same("123456", "123456"), codes.same("123456", "123457"), codes.same("é", "e")) == (
        True,
        False,
        False,
    )
