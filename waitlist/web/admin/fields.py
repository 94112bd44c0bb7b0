"""Reading a form: each field is read by what it should be, and what is wrong gathers with the words shown beside it."""

from collections.abc import Collection
from datetime import datetime

from flask import request
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from waitlist import addresses
from waitlist.addresses import Address, BadAddress
from waitlist.moments import local_moment
from waitlist.web.wording import say

DIGITS = 18  # of a number that every database can hold


class Fields:
    """The fields of the form that was sent (or of the address, where `asked` is `request.args`).

    `errors` is what `pages.page` shows; it is empty when all is well.
    """

    def __init__(self, asked: MultiDict[str, str] | None = None) -> None:
        self.errors: list[tuple[str, str]] = []
        self._sent = request.form if asked is None else asked

    def wrong(self, name: str, words: str) -> None:
        """Note what is wrong with a field."""
        self.errors.append((name, words))

    def text(self, name: str, *, most: int = 200, missing: str | None = None) -> str:
        """One text without white space around it; `missing` is what an empty one is told."""
        typed = self._sent.get(name, "").replace("\r\n", "\n").strip()
        if not typed and missing is not None:
            self.wrong(name, missing)
        if len(typed) > most:
            self.wrong(name, gettext("Use %(most)s characters or fewer", most=most))
        return typed

    def reason(self, name: str = "reason") -> str:
        """Why something is done: shown in the audit log, so it is always asked for."""
        return self.text(name, most=500, missing=gettext("Enter a reason"))

    def number(self, name: str, low: int, high: int, *, missing: str | None = None) -> int | None:
        """A whole number between two, or None where it was left empty and may be."""
        typed = self.text(name, missing=missing)
        if not typed:
            return None
        digits = typed.replace(",", "").replace("\u202f", "").replace("\xa0", "").replace(" ", "")
        if not digits.isascii() or not digits.isdigit() or not low <= int(digits[:DIGITS]) <= high:
            self.wrong(name, gettext("Enter a number from %(low)s to %(high)s", low=low, high=high))
            return None
        return int(digits)

    def choice(self, name: str, offered: Collection[str], *, missing: str | None = None) -> str:
        """One of the values that the form offered, or an empty text."""
        chosen = self._sent.get(name, "")
        if chosen in offered:
            return chosen
        if missing is not None:
            self.wrong(name, missing)
        return ""

    def tick(self, name: str) -> bool:
        return bool(self._sent.get(name))

    def address(self, name: str, *, optional: bool = False) -> Address | None:
        """An e-mail address, or None with its fault noted (or where it was left empty and may be)."""
        typed = self._sent.get(name, "")
        if optional and not typed.strip():
            return None
        try:
            return addresses.canon(typed)
        except BadAddress as fault:
            self.wrong(name, say(fault.code, fault.params))
            return None

    def moment(self, name: str, tz: str) -> datetime | None:
        """A date and time as people of this time zone read their clock, in UTC; None where it was left empty."""
        typed = self.text(name)
        if not typed:
            return None
        try:
            wall = datetime.fromisoformat(typed).replace(tzinfo=None)
            return local_moment(wall, tz)
        except ValueError:
            self.wrong(name, gettext("Enter a date and time, like 2026-03-04 17:00"))
            return None


def seen_before(name: str = "before") -> int | None:
    """Where the page before this one ended, as its link says; None for the first page and for what no link says."""
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) <= DIGITS else None
