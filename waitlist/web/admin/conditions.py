"""The conditions of rules as forms: what each of them asks for, how that is read, and how it is filled in again."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask_babel import gettext

from waitlist import regions
from waitlist.gates import BadGate, parse
from waitlist.gates.answers import Trust
from waitlist.gates.country import CODES
from waitlist.gates.customer import MOST as MOST_ORDERS
from waitlist.gates.score import MOST as MOST_POINTS
from waitlist.gates.vouched import MOST as MOST_VOUCHES
from waitlist.gates.within import FURTHEST
from waitlist.i18n import page_locale
from waitlist.sentences import N_, SENTENCES
from waitlist.web.admin.fields import Fields
from waitlist.web.admin.frame import this_launch
from waitlist.web.admin.presets import read_domains
from waitlist.web.admin.ruletree import Tree, is_negated
from waitlist.web.wording import country as country_name

PARTS = 10_000  # of a million in one of a hundred


@dataclass(frozen=True)
class Ask:
    """One field: its name in the tree, what it holds, and its words."""

    name: str
    holds: str  # domains, words, lines, codes, countries, number, percent, moment, list, question, tick
    label: str
    hint: str = ""
    low: int = 1
    high: int = 0
    optional: bool = False


@dataclass(frozen=True)
class Kind:
    """One condition: its name in the list of conditions, its fields, and whether one may choose how sure it must be."""

    label: str
    asks: tuple[Ask, ...] = ()
    least: Trust | None = None  # what is asked for unless somebody chooses


KINDS: dict[str, Kind] = {
    "domain": Kind(
        N_("An address at a domain"),
        (
            Ask("domains", "domains", N_("Domains"), N_("With commas between them, like college.edu")),
            Ask("subdomains", "tick", N_("and subdomains"), N_("Also cs.college.edu and everything else below it")),
            Ask("excluded", "domains", N_("But not at these"), N_("Everything below them is out too"), optional=True),
        ),
    ),
    "listed": Kind(N_("On a list of the team"), (Ask("list", "list", N_("List")),)),
    "invited": Kind(N_("Holds an invite")),
    "referred": Kind(N_("Came by somebody’s link")),
    "answered": Kind(
        N_("Answered a question so"),
        (
            Ask("question", "question", N_("Question")),
            Ask("choices", "lines", N_("One of these answers"), N_("One on each line, in the words of the form")),
        ),
        Trust.ASSERTED,
    ),
    "country": Kind(
        N_("Lives in a country"),
        (Ask("countries", "countries", N_("Countries"), N_("Names or codes with commas between them: Germany, FR")),),
        Trust.OBSERVED,
    ),
    "subdivision": Kind(
        N_("Lives in a state or region"),
        (Ask("codes", "codes", N_("Codes"), N_("With commas between them, like US-CA, US-NY")),),
        Trust.OBSERVED,
    ),
    "unit": Kind(
        N_("Works in a department"),
        (Ask("units", "words", N_("Departments"), N_("With commas between them; finance holds finance/payroll")),),
        Trust.AUTHORITATIVE,
    ),
    "customer": Kind(
        N_("Is a customer"),
        (
            Ask("orders", "number", N_("Orders, at least"), high=MOST_ORDERS),
            Ask("within_days", "number", N_("The last one within days"), high=MOST_ORDERS, optional=True),
        ),
        Trust.AUTHORITATIVE,
    ),
    "joined_before": Kind(N_("Joined early"), (Ask("moment", "moment", N_("Confirmed before")),)),
    "score": Kind(N_("Has points"), (Ask("least", "number", N_("Points, at least"), low=0, high=MOST_POINTS),)),
    "ticket": Kind(
        N_("Was drawn"),
        (Ask("below", "percent", N_("Of 100 people"), N_("About so many. Raising it lets more in and nobody out.")),),
    ),
    "vouched": Kind(
        N_("Members vouch for them"),
        (
            Ask("by", "number", N_("Members, at least"), high=MOST_VOUCHES),
            Ask("branches", "number", N_("From so many circles"), N_("Who came by the same person is one circle"),
                high=MOST_VOUCHES, optional=True),
        ),
    ),
    "within": Kind(
        N_("Close to the first members"),
        (
            Ask("list", "list", N_("List of the first members")),
            Ask("hops", "number", N_("Introductions away, at most"), high=FURTHEST),
        ),
    ),
    "arm": Kind(N_("In a group of a trial"), (Ask("arms", "words", N_("Groups"), N_("With commas between them")),)),
    "denied": Kind(N_("Not on the deny list")),
    "everyone": Kind(N_("Everybody")),
}  # fmt: skip

TRUSTS = {
    "asserted": N_("Said by the person or a page"),
    "observed": N_("Seen, like the network they come from"),
    "verified": N_("Proven, like a link in a mail"),
    "authoritative": N_("Known from the team, a file or the product"),
}


def read(fields: Fields, kind: str, before: Tree) -> Tree | None:
    """The condition that the form describes, or None with what is wrong noted; `before` is what it was."""
    values: Tree = {"kind": kind}
    for ask in KINDS[kind].asks:
        value = _READERS[ask.holds](fields, ask)
        if value not in (None, "", []):
            values[ask.name] = value
        elif not ask.optional and not any(name == ask.name for name, _ in fields.errors):
            fields.wrong(ask.name, gettext("Enter something here"))
    if KINDS[kind].least is not None:
        values["min_trust"] = fields.choice("min_trust", TRUSTS) or "authoritative"
    kept = {name: value for name, value in _inside(before).items() if name in ("start", "min_trust")}
    values = {**(kept if before.get("kind") in (kind, "not_of") else {}), **values}
    if not fields.errors:
        _check(fields, values)
    return None if fields.errors else {"kind": "not_of", "gate": values} if fields.tick("inverted") else values


def read_json(fields: Fields, name: str) -> Tree | None:
    """A rule tree written as JSON, or None with the place of its fault noted."""
    try:
        tree: Tree = json.loads(fields.text(name, most=100_000))
        parse(tree)
    except (ValueError, RecursionError) as error:
        place, said = gettext("line 1"), str(error)
        if isinstance(error, BadGate):
            place, said = error.path, gettext(SENTENCES[error.code])
        fields.wrong(name, gettext("Correct the JSON at %(place)s: %(error)s", place=place, error=said))
        return None
    return tree


def filled(tree: Tree) -> dict[str, Any]:
    """What the form of this condition holds."""
    rule = _inside(tree)
    words: dict[str, Any] = {"inverted": is_negated(tree), "min_trust": rule.get("min_trust", "")}
    for ask in KINDS[rule["kind"]].asks:
        value = rule.get(ask.name)
        words[ask.name] = "" if value is None else _WORDS.get(ask.holds, lambda value: value)(value)
    return words


def kind_of(tree: Tree) -> str:
    """The condition that can be written anew as one sentence, or an empty text for what holds several."""
    kind = str(_inside(tree)["kind"])
    return kind if kind in KINDS else ""


def country(typed: str) -> str | None:
    """The code of a country by its code, or by its name in English or in the page's language."""
    if typed.upper() in CODES:
        return typed.upper()
    for locale in (page_locale(), Locale("en")):
        for code in CODES:
            if str(locale.territories.get(code, "")).casefold() == typed.casefold():
                return code
    return None


def countries(typed: str) -> tuple[str, ...]:
    """The codes of a country, or of every country of a region, like North America or 021; empty for neither."""
    code = country(typed)
    return regions.countries_of(typed) if code is None else (code,)


def _inside(tree: Tree) -> Tree:
    return tree["gate"] if is_negated(tree) else tree


def _check(fields: Fields, values: Tree) -> None:
    try:
        parse(values)
    except BadGate as fault:
        name = fault.path.removeprefix("$.").partition("[")[0]
        fields.wrong(name, gettext(SENTENCES[fault.code]))


def _split(typed: str, by: str = r"[,;\n]+") -> list[str]:
    return list(dict.fromkeys(part.strip() for part in re.split(by, typed) if part.strip()))


def _domains(fields: Fields, ask: Ask) -> list[str]:
    return sorted(set(read_domains(fields, ask.name)))


def _words(fields: Fields, ask: Ask) -> list[str]:
    return _split(fields.text(ask.name, most=10_000))


def _lines(fields: Fields, ask: Ask) -> list[str]:
    return _split(fields.text(ask.name, most=10_000), r"\n+")


def _codes(fields: Fields, ask: Ask) -> list[str]:
    return [word.upper() for word in _words(fields, ask)]


def _countries(fields: Fields, ask: Ask) -> list[str]:
    found = {word: countries(word) for word in _words(fields, ask)}
    for word, codes in found.items():
        if not codes:
            said = gettext("There is no country “%(name)s”. Write its name or its code.", name=word[:60])
            fields.wrong(ask.name, said)
    return sorted({code for codes in found.values() for code in codes})


def _number(fields: Fields, ask: Ask) -> int | None:
    return fields.number(ask.name, ask.low, ask.high)


def _percent(fields: Fields, ask: Ask) -> int | None:
    return read_percent(fields, ask.name)


def read_percent(fields: Fields, name: str) -> int | None:
    """Parts per million of a percentage, or None where it was left empty."""
    typed = fields.text(name).replace(",", ".").removesuffix("%").strip()
    if not typed:
        return None
    if not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", typed) or float(typed) > 100:
        fields.wrong(name, gettext("Enter a number from %(low)s to %(high)s", low=0, high=100))
        return None
    return round(float(typed) * PARTS)


def _moment(fields: Fields, ask: Ask) -> str | None:
    moment = fields.moment(ask.name, this_launch().tz)
    return None if moment is None else moment.isoformat()


def _text(fields: Fields, ask: Ask) -> str:
    return fields.text(ask.name, most=63)


def _tick(fields: Fields, ask: Ask) -> bool:
    return fields.tick(ask.name)


_READERS: dict[str, Callable[[Fields, Ask], Any]] = {
    "domains": _domains,
    "words": _words,
    "lines": _lines,
    "codes": _codes,
    "countries": _countries,
    "number": _number,
    "percent": _percent,
    "moment": _moment,
    "list": _text,
    "question": _text,
    "tick": _tick,
}

_WORDS: dict[str, Callable[[Any], Any]] = {
    "domains": ", ".join,
    "words": ", ".join,
    "lines": "\n".join,
    "codes": ", ".join,
    "countries": lambda codes: ", ".join(country_name(code) for code in codes),
    "percent": lambda parts: f"{parts / PARTS:g}",
    "moment": lambda text: f"{datetime.fromisoformat(text).astimezone(ZoneInfo(this_launch().tz)):%Y-%m-%dT%H:%M}",
}
