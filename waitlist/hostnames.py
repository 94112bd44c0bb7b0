"""Host names and the characters people type: what must be refused before anything is compared."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from email_validator import EmailNotValidError, validate_email

Fault = Literal["invisible", "lookalike"]

WHITE = (
    " \t\n\v\f\r\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""What is trimmed around an address: space in any script, but no other control character."""
DOTS = ".\u3002\uff0e\uff61"  # what UTS #46 reads as a dot between labels

_ASCII_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
# Blank on the screen although Unicode calls them letters, marks or symbols (Default_Ignorable_Code_Point, and U+2800).
_BLANK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180d\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
_HIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
# Scripts whose letters are taken for one another; Japanese or Korean beside Latin is ordinary and stays allowed.
_CONFUSABLE_SCRIPTS = frozenset({"LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC", "LISU", "DESERET"})


class BadHost(ValueError):
    """Not a host name that mail can reach."""


@dataclass(frozen=True)
class Host:
    """A host name in both its forms, each lower-case: `ascii` (A-labels) to compare and store, `shown` to display."""

    ascii: str
    shown: str


def host(typed: str) -> Host:
    """The host name, by IDNA 2008. Raises BadHost, also for reserved names (localhost, .test) and single labels."""
    try:
        checked = validate_email(f"a@{typed}", check_deliverability=False, strict=True)
    except EmailNotValidError as fault:
        raise BadHost(typed) from fault
    ascii_domain = (checked.ascii_domain or "").lower()
    return Host(ascii_domain, checked.domain)


def fault_in(text: str) -> Fault | None:
    """What makes the text look like something it is not: an unseen character, or a letter that imitates another.

    `lookalike` is full-width and other compatibility forms (whatever NFKC changes), characters that normalise to
    another one (the Kelvin sign), dots that are none, and Latin mixed with Cyrillic, Greek and the like in one label.
    """
    if text.isascii():
        return "invisible" if _ASCII_CONTROL.search(text) else None
    if any(c != " " and unicodedata.category(c) in _HIDDEN_CATEGORIES for c in text) or _BLANK.search(text):
        return "invisible"
    composed = unicodedata.normalize("NFC", text)
    if unicodedata.normalize("NFKC", text) != composed or any(map(_stands_for_another, text)):
        return "lookalike"
    return "lookalike" if any(map(_mixes_scripts, re.split("[.@]", composed))) else None


def _stands_for_another(c: str) -> bool:
    return c in DOTS[1:] or (len(normal := unicodedata.normalize("NFC", c)) == 1 and normal != c)


def _mixes_scripts(label: str) -> bool:
    if label.isascii():
        return False
    scripts = {unicodedata.name(c, "").partition(" ")[0] for c in label if c.isalpha()}
    return len(scripts & _CONFUSABLE_SCRIPTS) > 1
