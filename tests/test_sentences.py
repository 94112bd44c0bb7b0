"""Every code that addresses and domains are refused with has its sentence, in English and in French."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import waitlist.sentences
from waitlist.sentences import SENTENCES

PACKAGE = Path(waitlist.sentences.__file__).parent
FRENCH = PACKAGE / "translations" / "fr" / "refusals.po"


def said_in(module: str) -> set[str]:
    """The texts in a module that look like a code of its family: email_format, domain_typo."""
    texts = (
        node.value for node in ast.walk(ast.parse((PACKAGE / module).read_text())) if isinstance(node, ast.Constant)
    )
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"(email|domain|subdomain)_\w+", text)}


def fill_ins(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.mark.parametrize("module", ["addresses.py", "domains.py"])
def test_every_code_of_a_refusal_has_its_sentence(module: str) -> None:
    said = said_in(module)
    assert len(said) > 5
    assert said - SENTENCES.keys() == set()


def codes_of_the_gates() -> set[str]:
    """Every code that a gate answers with, describes itself by, or refuses a stored rule for."""
    calls = (
        node
        for path in (PACKAGE / "gates").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("Refuses", "Sentence", "BadGate")
    )
    texts = (part.value for call in calls for part in call.args if isinstance(part, ast.Constant))
    return {text for text in texts if isinstance(text, str)}


def test_every_code_of_the_gates_has_its_sentence() -> None:
    codes = codes_of_the_gates()
    assert {"denied", "not_on_list", "rule_referred", "gate_too_deep"} <= codes
    assert codes - SENTENCES.keys() == set()


def test_no_sentence_about_an_address_is_left_over() -> None:
    said = said_in("addresses.py") | said_in("domains.py")
    assert {code for code in SENTENCES if code.startswith("email_")} <= said


@pytest.mark.parametrize("code", SENTENCES)
def test_each_sentence_is_there_in_french_with_the_same_fill_ins(code: str) -> None:
    with FRENCH.open("rb") as file:
        message = read_po(file, locale="fr").get(SENTENCES[code])
    assert message is not None, f"no French for {code}"
    assert message.string
    assert fill_ins(str(message.string)) == fill_ins(SENTENCES[code])
