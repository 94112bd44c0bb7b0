"""Columns: which column of somebody's table holds what, guessed from its header or said by hand."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

# For each field the words that headers use for it, folded: lower case, letters and digits only.
WORDS: dict[str, tuple[str, ...]] = {
    "email": ("email", "emailaddress", "mail", "address", "adresse", "courriel", "adresseemail", "emailaddresse"),
    "name": ("name", "fullname", "displayname", "nom", "nomcomplet"),
    "first_name": ("firstname", "givenname", "first", "prenom"),
    "last_name": ("lastname", "surname", "familyname", "last", "nomdefamille"),
    "referrer": ("referrer", "referredby", "referreremail", "referral", "invitedby", "parrain"),
    "joined_at": ("joinedat", "joined", "createdat", "created", "signedup", "signedupat", "signupdate", "date"),
    "language": ("language", "lang", "locale", "langue"),
}
FIELDS = tuple(WORDS)


class BadColumn(ValueError):
    """A column that the table does not have, or a field that we do not know; `name` is what was asked for."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(name)
        self.name = name
        self.known = tuple(known)


def guess(header: Sequence[str]) -> dict[str, int]:
    """The column of each field that the header names; without a header the first column is the address."""
    if not header:
        return {"email": 0}
    found: dict[str, int] = {}
    folded = [_fold(cell) for cell in header]
    for field, words in WORDS.items():
        for word in words:
            if word in folded and folded.index(word) not in found.values():
                found[field] = folded.index(word)
                break
    return found


def column(header: Sequence[str], name: str) -> int:
    """The index of a column by its name in the header, or by its number from 1 ("#2" is never a name)."""
    if re.fullmatch(r"#[1-9]\d{0,3}", name):
        name = name[1:]
    elif _fold(name) in (folded := [_fold(cell) for cell in header]):
        return folded.index(_fold(name))
    if re.fullmatch(r"[1-9]\d{0,3}", name) and (not header or int(name) <= len(header)):
        return int(name) - 1
    raise BadColumn(name, header)


def said(maps: Iterable[str]) -> dict[str, str]:
    """Which column was said by hand for which field, of pairs like "name=Nickname"; raises ValueError."""
    pairs = [given.split("=", 1) for given in maps]
    return {field.strip(): name.strip() for field, name in pairs}


def mapped(header: Sequence[str], wishes: Mapping[str, str]) -> dict[str, int]:
    """The guess with what was said by hand (field -> column, "" for none) on top; raises BadColumn."""
    found = guess(header)
    for field, name in wishes.items():
        if field not in WORDS:
            raise BadColumn(field, FIELDS)
        if name:
            found[field] = column(header, name)
        else:
            found.pop(field, None)
    if "email" not in found:
        raise BadColumn("email", header)
    return found


def _fold(cell: str) -> str:
    plain = unicodedata.normalize("NFKD", cell).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())
