"""Pictures: what somebody uploads, made small and clean; and the card that a shared link shows.

Whatever comes in is decoded and encoded again, so no metadata, script or second file inside it gets out.
"""

import io
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError

from waitlist.colours import palette

LARGEST = 5 * 1024 * 1024  # bytes that are looked at
MOST_PIXELS = 40_000_000  # a small file can unpack to anything
FORMATS = ("PNG", "JPEG", "WEBP")
LOGO = (480, 96)  # three times what the header shows
WIDE = (1120, 840)  # twice the column
CARD = (1200, 630)  # Open Graph's own proportion
PAPER, INK = "#ffffff", "#10143a"
LATIN = 0x250  # the font that Pillow brings draws what stands below


class BadPicture(Exception):
    """What was uploaded cannot be used; `code` is a sentence of the catalogue."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Encoded:
    """A picture as it is stored and sent."""

    mime: str
    width: int
    height: int
    data: bytes


def read(data: bytes, *, within: tuple[int, int]) -> Encoded:
    """A PNG, JPEG or WebP file, no larger than `within` in pixels, without anything but the picture.

    Raises BadPicture: picture_too_large, picture_unknown or picture_broken.
    """
    if len(data) > LARGEST:
        raise BadPicture("picture_too_large")
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise BadPicture("picture_too_large")
            upright = ImageOps.exif_transpose(opened)
            clear = upright.has_transparency_data
            plain = upright.convert("RGBA" if clear else "RGB")
    except UnidentifiedImageError as error:
        raise BadPicture("picture_unknown") from error
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadPicture("picture_broken") from error
    plain.thumbnail(within)
    out = io.BytesIO()
    plain.save(out, "WEBP", quality=82, method=4)
    return Encoded("image/webp", plain.width, plain.height, out.getvalue())


def card(name: str, headline: str, accent: str | None, logo: bytes | None = None) -> bytes:
    """A PNG of 1200 by 630 pixels for those who share the page: its name and headline on the brand's colour."""
    shades = palette(accent or "") or palette("#2f3fb0")
    assert shades is not None, "the colour of last resort is one"
    sheet = Image.new("RGB", CARD, PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((0, 0, 28, CARD[1]), fill=shades.brand)
    top = 96
    if logo is not None:
        with Image.open(io.BytesIO(logo)) as opened:
            mark = opened.convert("RGBA")
        mark.thumbnail((480, 120))
        sheet.paste(mark, (96, top), mark)
        top += mark.height + 48
    title = headline or name
    if _drawable(title):
        top = _write(draw, title, top, size=72, colour=INK, lines=4)
    if headline and _drawable(name):
        _write(draw, name, max(top + 24, CARD[1] - 136), size=40, colour=shades.brand, lines=1)
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _drawable(text: str) -> bool:
    """Whether the font has the letters; squares in their place would be worse than nothing."""
    return all(ord(letter) < LATIN or letter in "–—‘’“”…• " for letter in text)


def _write(draw: ImageDraw.ImageDraw, text: str, top: int, *, size: int, colour: str, lines: int) -> int:
    """Draw a text in lines that fit, the last one shortened where it must be; returns where it ends."""
    font = ImageFont.load_default(size)
    room = CARD[0] - 2 * 96
    rows: list[str] = []
    for word in text.split():
        longer = f"{rows[-1]} {word}" if rows else word
        if rows and draw.textlength(longer, font) <= room:
            rows[-1] = longer
        else:
            rows.append(word)
    for number, row in enumerate(rows[:lines]):
        cut = number == lines - 1 and len(rows) > lines
        shown = row + "…" if cut else row
        while draw.textlength(shown, font) > room:
            shown = shown.rstrip("…")[:-1] + "…"
        draw.text((96, top), shown, fill=colour, font=font)
        top += round(size * 1.25)
    return top
