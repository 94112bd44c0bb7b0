"""An animal's name for whoever is counted in public and does not want to be named."""

from __future__ import annotations

import re

from waitlist.pseudonyms import _ENGLISH, _FRENCH, pseudonym


def test_it_is_stable_keyed_and_the_same_animal_in_both_languages() -> None:
    english, french = pseudonym("salt", "ent_1", "en"), pseudonym("salt", "ent_1", "fr_FR")
    assert pseudonym("salt", "ent_1", "en") == english
    assert re.fullmatch(r"[A-Z][a-z]+ [A-Z][a-z]+ [1-9]\d?", english)
    _, animal, number = english.split()
    beast, *_, same = french.split()
    assert number == same
    assert _FRENCH[1].split().index(beast) == _ENGLISH[1].split().index(animal)


def test_another_person_and_another_launch_give_another_name() -> None:
    names = {pseudonym("salt", f"ent_{n}", "en") for n in range(200)}
    assert len(names) > 190
    assert pseudonym("salt", "ent_1", "en") != pseudonym("pepper", "ent_1", "en")


def test_every_word_has_its_partner() -> None:
    assert [len(words.split()) for words in _ENGLISH] == [len(words.split()) for words in _FRENCH] == [32, 32]
