"""Everything a page says exists in French, with the same placeholders, and nothing is translated that no page says."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from waitlist import catalogues

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
SAID = cache(catalogues.extracted_messages)  # reading every file takes a second or two
LANGUAGES = [locale for locale in catalogues.locales() if locale != catalogues.SOURCE_LOCALE]


def forms(text: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def test_french_is_offered_beside_english() -> None:
    assert catalogues.locales() == ("en", "fr")


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_sentence_is_translated(locale: str) -> None:
    whole = catalogues.merged(locale)
    missing = [f"{where[0]}: {text!r}" for text, where in SAID().items() if text not in whole]
    assert not missing, f"add to waitlist/translations/{locale}/<area>.po:\n" + "\n".join(missing)


@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_translation_keeps_the_placeholders_of_its_sentence(locale: str) -> None:
    for message in catalogues.merged(locale):
        wanted = {name for form in forms(message.id) for name in PLACEHOLDER.findall(form)}
        for form in forms(message.string) if message.id else ():
            # a singular may write its number as a word; everything else is kept
            assert set(PLACEHOLDER.findall(form)) <= wanted, message.id
            assert wanted - set(PLACEHOLDER.findall(form)) <= ({"num"} if message.pluralizable else set()), message.id


@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_plural_has_the_forms_its_language_needs(locale: str) -> None:
    whole = catalogues.merged(locale)
    for message in whole:
        if message.pluralizable:
            assert len(forms(message.string)) == whole.num_plurals, message.id


@pytest.mark.parametrize("locale", LANGUAGES)
def test_no_translation_is_left_of_a_sentence_nobody_says(locale: str) -> None:
    said = set(SAID())
    unused = [
        f"{path.name}: {message.id!r}"
        for path, message in catalogues.entries(locale)
        if (message.id if isinstance(message.id, str) else tuple(message.id)) not in said
    ]
    assert not unused


@pytest.mark.parametrize("locale", LANGUAGES)
def test_catalogues_hold_neither_obsolete_nor_fuzzy_nor_repeated_entries(locale: str) -> None:
    for path in sorted((catalogues.FOLDER / locale).glob("*.po")):
        with path.open("rb") as file:
            read = read_po(file, locale=locale)
        assert not read.obsolete, path.name
        assert not [message.id for message in read if message.id and message.fuzzy], path.name
        ids = re.findall(r"^msgid (?!\"\"$)(.+)$", path.read_text("utf-8"), re.MULTILINE)
        assert len(ids) == len(set(ids)), path.name


def test_two_areas_that_disagree_stop_the_start(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    for area, word in (("public", "Place"), ("admin", "Rang")):
        (tmp_path / "fr" / f"{area}.po").write_text(f'msgid "Position"\nmsgstr "{word}"\n', "utf-8")
    with pytest.raises(catalogues.CatalogueError, match=r"'Position' differs between admin\.po and public\.po"):
        catalogues.translations("fr", tmp_path)


def test_two_areas_that_agree_are_one_catalogue(tmp_path: Path) -> None:
    (tmp_path / "fr").mkdir()
    for area in ("public", "admin"):
        (tmp_path / "fr" / f"{area}.po").write_text('msgid "Leave"\nmsgstr "Quitter"\n', "utf-8")
    assert catalogues.translations("fr", tmp_path).ugettext("Leave") == "Quitter"


def test_extraction_finds_what_code_and_templates_say(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(
        "{{ _('One') }}{% trans count=n %}{{ count }} friend{% pluralize %}{{ count }} friends{% endtrans %}", "utf-8"
    )
    (tmp_path / "verbs.py").write_text('TEXT = N_("Two")\n', "utf-8")
    found = catalogues.extracted_messages(tmp_path)
    assert set(found) == {"One", ("%(count)s friend", "%(count)s friends"), "Two"}
