"""Wording: what gates and parsers say in codes, as sentences in the page's language."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from babel.lists import format_list
from flask_babel import gettext

from waitlist.gates.gate import Sentence
from waitlist.hostnames import BadHost, host
from waitlist.i18n import page_locale
from waitlist.models.entry import ERASED
from waitlist.sentences import SENTENCES

MOST_NAMED = 6  # domains in one sentence; a list of ten thousand helps nobody


@dataclass(frozen=True)
class Rule:
    """A rule in words, with those it introduces below it."""

    text: str
    parts: tuple["Rule", ...] = ()


def say(code: str, params: Mapping[str, object]) -> str:
    """The sentence of a code. Domains are shown in Unicode; a tuple of them reads "a, b or c"."""
    return str(gettext(SENTENCES[code], **{name: _shown(name, value) for name, value in params.items()}))


def rule(sentence: Sentence) -> Rule:
    """A rule of "How this line works"; its domains read "@college.edu"."""
    params = {
        name: joined(value, at="@") if name == "domains" and isinstance(value, tuple) else value
        for name, value in sentence.params.items()
    }
    return Rule(say(sentence.code, params), tuple(rule(part) for part in sentence.parts))


def joined(names: tuple[str, ...], *, at: str = "") -> str:
    """ "college.edu, other.edu or third.edu", in the page's language; `at` stands before each."""
    return _list([at + domain(name) for name in names])


def domain(name: str) -> str:
    """A domain as people read it."""
    try:
        return host(name).shown
    except BadHost:
        return name


def whom(address: str) -> str:
    """An address as the team reads it; of an erased person only a word stands there."""
    return str(gettext("Somebody erased")) if address == ERASED else address


def said(sentence: str) -> str:
    """A stored sentence of ours in the page's language, and anybody else's (a relay's answer) as it is."""
    return str(gettext(sentence)) if sentence else ""


def country(code: str) -> str:
    """The name of a country in the page's language."""
    return str(page_locale().territories.get(code, code))


def _shown(name: str, value: object) -> object:
    if isinstance(value, tuple):
        return _list([_NAMES.get(name, str)(item) for item in value])
    return domain(value) if isinstance(value, str) and name in ("domain", "closest") else value


def _list(names: list[str]) -> str:
    more = [gettext("others")] if len(names) > MOST_NAMED else []
    return format_list(names[:MOST_NAMED] + more, style="or", locale=page_locale())


_NAMES: dict[str, Callable[[str], str]] = {"domains": domain, "countries": country}
