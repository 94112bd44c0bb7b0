"""Pictures come out small and with nothing in them but the picture."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from waitlist import pictures
from waitlist.pictures import BadPicture


def picture(form: str = "PNG", size: tuple[int, int] = (60, 20), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 128 if mode == "L" else (200, 30, 30, 0)[: len(mode)]).save(out, form, **options)
    return out.getvalue()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_made_to_fit(form: str) -> None:
    read = pictures.read(picture(form, (3_000, 1_000)), within=pictures.WIDE)
    assert (read.mime, read.width, read.height) == ("image/webp", 1_120, 373)
    with Image.open(io.BytesIO(read.data)) as again:
        assert again.size == (1_120, 373)


def test_a_small_one_keeps_its_size_and_its_holes() -> None:
    read = pictures.read(picture(mode="RGBA"), within=pictures.LOGO)
    with Image.open(io.BytesIO(read.data)) as again:
        assert (again.size, again.mode) == ((60, 20), "RGBA")


def test_where_a_photograph_was_taken_is_forgotten_and_it_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "Carol at home, 48.2 N 16.4 E"  # orientation, description
    sent = picture("JPEG", (60, 20), exif=exif)
    assert b"Carol at home" in sent
    read = pictures.read(sent, within=pictures.WIDE)
    assert b"Carol" not in read.data
    assert (read.width, read.height) == (20, 60)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "picture_unknown"),
        (b"GIF89a" + bytes(40), "picture_unknown"),
        (b"", "picture_unknown"),
        (picture(size=(900, 900))[:300], "picture_broken"),
        (bytes(pictures.LARGEST + 1), "picture_too_large"),
        (picture(size=(8_000, 5_001), mode="L"), "picture_too_large"),
    ],
)
def test_what_is_no_picture_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(BadPicture) as refused:
        pictures.read(data, within=pictures.WIDE)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "headline"),
    [
        ("Campus", ""),
        ("Campus", "Study rooms for everybody"),
        ("校园", "校园"),
        ("C" * 80, "A headline that is far too long for one card, " * 6),
    ],
)
def test_a_card_has_the_size_that_sharers_expect(name: str, headline: str) -> None:
    logo = pictures.read(picture(mode="RGBA"), within=pictures.LOGO).data
    for mark in (None, logo):
        with Image.open(io.BytesIO(pictures.card(name, headline, "#aa3300", mark))) as card:
            assert (card.format, card.size) == ("PNG", (1_200, 630))
            assert len(card.getcolors(1_000_000) or ()) > 1
