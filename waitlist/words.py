"""Words: what the team writes itself for one kind of mail, and what is wrong with it before it may be saved.

The syntax is markdown with names between double braces. Nothing is computed there: a name of the list stands for its
value, and anything else between double braces is refused when it is saved, so no mail ever fails at it.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from waitlist.typesetting import NAMES, BadLink, links, read, spaceless, text_of, to_text
from waitlist.variables import Shape, Variable

LONGEST_SUBJECT = 200  # characters
LONGEST_BODY = 10_000
LONG_SUBJECT = 60  # phones show about so many
HEAVY = 60_000  # bytes of a whole mail; some mail programs cut what is larger
_BRACES = re.compile(r"\{\{.*?\}\}|\{[%#].*?[%#]\}|\{\{|\}\}|\{[%#]|[%#]\}", re.DOTALL)
_NAME = re.compile(r"\{\{\s*([A-Za-z_]\w*)\s*\}\}")
_SHOWN = 60  # characters of what is wrong


@dataclass(frozen=True)
class Words:
    """Each part may hold variables. An empty subject or preheader is the service's own; an empty text follows `body`.

    `version` is 0 for words that are not saved.
    """

    body: str
    subject: str = ""
    preheader: str = ""
    text: str = ""
    version: int = 0


@dataclass(frozen=True)
class Fault:
    """What is wrong with one part: a code of sentences.SENTENCES and what its sentence is filled with."""

    part: str
    code: str
    params: Mapping[str, object]


def faults(words: Words, known: Mapping[str, Variable]) -> list[Fault]:
    """Why these words cannot be saved, the first fault of each part; empty when they can."""
    parts = (("subject", words.subject), ("preheader", words.preheader), ("body", words.body), ("text", words.text))
    found = [next(_faults(part, text, known), None) for part, text in parts]
    return [fault for fault in found if fault is not None]


def _faults(part: str, text: str, known: Mapping[str, Variable]) -> Iterator[Fault]:
    longest = LONGEST_SUBJECT if part in ("subject", "preheader") else LONGEST_BODY
    if len(text) > longest:
        yield Fault(part, "words_too_long", {"most": longest})
    yield from _strange(part, text, known)
    if part == "body":
        try:
            links(read(text), known)
        except BadLink as bad:
            yield Fault(part, "words_bad_link", {"link": _short(bad.link)})
    named = set(NAMES.findall(spaceless(text)))
    if part in ("subject", "preheader"):
        yield from _unfit(part, [known[name] for name in sorted(named)])
    elif part == "body" or text:
        if not text:
            yield Fault(part, "words_empty", {})
        yield from _missing(part, text, named, known)


def _strange(part: str, text: str, known: Mapping[str, Variable]) -> Iterator[Fault]:
    """Braces with anything but a name of the list between them."""
    for braces in _BRACES.findall(text):
        name = _NAME.fullmatch(braces)
        if name is None:
            yield Fault(part, "words_not_a_name", {"found": _short(braces)})
        elif name[1] not in known:
            yield Fault(part, "words_unknown", {"name": _short(name[1]), "known": ", ".join(known)})


def _unfit(part: str, named: list[Variable]) -> Iterator[Fault]:
    """A line that every mail of this kind has holds only what is always there, and no address of a page."""
    for variable in named:
        if variable.shape in (Shape.LINK, Shape.QUOTE):
            yield Fault(part, "words_no_line", {"name": variable.name})
        if variable.may_be_empty:
            yield Fault(part, "words_may_be_empty", {"name": variable.name})


def _missing(part: str, text: str, named: set[str], known: Mapping[str, Variable]) -> Iterator[Fault]:
    """What no mail of this kind may be without; it must also stay when whatever may be empty is."""
    for variable in known.values():
        shown = f"{{{{ {variable.name} }}}}"
        if variable.needed and variable.name not in named:
            yield Fault(part, "words_needed", {"name": shown})
        elif variable.needed and not _stays(part, text, variable, known):
            yield Fault(part, "words_may_vanish", {"name": shown})


def _stays(part: str, text: str, variable: Variable, known: Mapping[str, Variable]) -> bool:
    values = {name: "" if other.may_be_empty else "-" for name, other in known.items()} | {variable.name: "\x01"}
    return "\x01" in (to_text if part == "body" else text_of)(text, known, values)


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
