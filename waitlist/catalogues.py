"""The translation catalogues, read from their .po files as they stand: there is no compile step to forget.

Each language is a folder of areas (`translations/fr/public.po`, `member.po`, ...), merged into one catalogue.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

SOURCE_LOCALE = "en"
HERE = Path(__file__).parent
FOLDER = HERE / "translations"

# A string marked with N_() is only collected here and translated where it is shown.
KEYWORDS = {"_": None, "gettext": None, "N_": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2)}
METHODS = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
# French puts a space before : ; ? ! » and after «, and a line never ends there.
_APART = re.compile(r" (?=[:;?!»])|(?<=«) ")


class CatalogueError(Exception):
    """Two areas of one language translate the same sentence differently."""


@lru_cache(maxsize=32)  # asked for every sentence of a page, and a folder is no cheap thing to ask
def locales(folder: Path = FOLDER) -> tuple[str, ...]:
    """The languages pages exist in, the source language first."""
    found = sorted(path.name for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
    return (SOURCE_LOCALE, *(name for name in found if name != SOURCE_LOCALE))


@lru_cache(maxsize=32)
def translations(locale: str, folder: Path = FOLDER) -> Translations:
    """What gettext needs for a language, all areas merged; read once per process.

    Raises CatalogueError when two areas disagree about a sentence.
    """
    compiled = BytesIO()
    write_mo(compiled, merged(locale, folder))
    compiled.seek(0)
    return Translations(compiled)


def merged(locale: str, folder: Path = FOLDER) -> Catalog:
    """One catalogue of every area of a language, without fuzzy and empty entries."""
    whole = Catalog(locale=locale)
    origin: dict[object, str] = {}
    for path, message in entries(locale, folder):
        if message.fuzzy or not _translated(message):
            continue
        words = _bound(message.string) if locale == "fr" else message.string
        known = whole.get(message.id, message.context)
        if known is not None and known.string != words:
            raise CatalogueError(f"{message.id!r} differs between {origin[_key(message)]} and {path.name} ({locale})")
        origin[_key(message)] = path.name
        whole.add(message.id, words, context=message.context)
    return whole


def entries(locale: str, folder: Path = FOLDER) -> Iterator[tuple[Path, Message]]:
    """Every entry of a language beside the file it stands in; headers left out."""
    for path in sorted((folder / locale).glob("*.po")):
        with path.open("rb") as file:
            yield from ((path, message) for message in read_po(file, locale=locale) if message.id)


def extracted_messages(*roots: Path) -> dict[str | tuple[str, ...], list[str]]:
    """Every sentence that code and templates ask to be translated, with the places that ask ("file:line").

    A sentence with a plural is the tuple (singular, plural). The roots default to the package and the templates.
    """
    found: dict[str | tuple[str, ...], list[str]] = {}
    for root in roots or (HERE, templates_folder()):
        for name, line, message, _, _ in extract_from_dir(
            root, METHODS, {"**": {"encoding": "utf-8", "silent": "false"}}, keywords=KEYWORDS
        ):
            found.setdefault(message, []).append(f"{root.name}/{name}:{line}")
    return found


def templates_folder() -> Path:
    """Where the templates are: beside the package in a repository, inside it in a wheel."""
    inside = HERE / "templates"
    return inside if inside.is_dir() else HERE.parent / "templates"


def _bound(string: Any) -> Any:
    return _APART.sub("\N{NO-BREAK SPACE}", string) if isinstance(string, str) else tuple(map(_bound, string))


def _translated(message: Message) -> bool:
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    return all(strings)


def _key(message: Message) -> object:
    return (message.context, message.id if isinstance(message.id, str) else tuple(message.id))
