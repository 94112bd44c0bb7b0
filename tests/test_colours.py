"""Whatever colour a brand has, its buttons and links can be read on both themes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waitlist.colours import DARK, LIGHT, contrast, palette


@given(st.integers(0, 0xFFFFFF))
def test_every_accent_can_be_read(number: int) -> None:
    found = palette(f"#{number:06x}")
    assert found is not None
    assert contrast(found.brand, LIGHT) >= 4.5
    assert contrast(found.brand_dark, DARK) >= 4.5
    assert contrast(found.brand, found.brand_text) >= 4.5
    assert contrast(found.brand_dark, found.brand_dark_text) >= 4.5


def test_a_colour_that_reads_well_is_kept() -> None:
    found = palette("#3442C8")
    assert found is not None
    assert (found.brand, found.brand_text) == ("#3442c8", "#ffffff")


def test_the_extremes_are_black_and_white() -> None:
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert contrast("#777777", "#777777") == 1.0


@pytest.mark.parametrize("wrong", ["red", "#fff", "#12345g", "", "#3442c8;}body{x:url(//x)"])
def test_what_is_no_colour_paints_nothing(wrong: str) -> None:
    assert palette(wrong) is None
