"""Colours: a brand's one accent, in shades that can be read on both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from dataclasses import dataclass

LEAST = 4.5  # contrast of text with its ground
LIGHT, DARK = "#ffffff", "#191c23"  # the cards of the two themes
INK, PAPER = "#10143a", "#ffffff"  # words on a button: dark or light
_HEX = re.compile(r"#[0-9a-f]{6}")


@dataclass(frozen=True)
class Palette:
    """The accent and the words on it, on the light and on the dark theme."""

    brand: str
    brand_text: str
    brand_dark: str
    brand_dark_text: str


def palette(accent: str) -> Palette | None:
    """The shades of an accent (#rrggbb), corrected until each can be read; None for what is no colour."""
    accent = accent.lower()
    if not _HEX.fullmatch(accent):
        return None
    light = readable(accent, LIGHT, towards="#000000")
    dark = readable(accent, DARK, towards="#ffffff")
    return Palette(light, _words_on(light), dark, _words_on(dark))


def readable(colour: str, ground: str, *, towards: str) -> str:
    """The colour itself, or the nearest mixture with `towards` that can be read on this ground."""
    for part in range(0, 101, 4):
        mixed = _mixed(colour, towards, part / 100)
        if contrast(mixed, ground) >= LEAST and max(contrast(mixed, INK), contrast(mixed, PAPER)) >= LEAST:
            return mixed
    return towards


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21 (WCAG 2.2, "relative luminance")."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _words_on(colour: str) -> str:
    return max((PAPER, INK), key=lambda words: contrast(colour, words))


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    linear: float = value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
    return linear


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(one: str, other: str, part: float) -> str:
    pairs = zip(_parts(one), _parts(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * part):02x}" for a, b in pairs)
