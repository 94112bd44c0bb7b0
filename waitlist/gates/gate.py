"""What every gate can do, and how it is read from JSON: a small reader that names the place of each fault."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol

from waitlist.gates.answers import Answer, Applicant, Trust


@dataclass(frozen=True)
class Sentence:
    """A rule in words, for "How this line works": a code of `waitlist/sentences.py` with what fills it in.

    `parts` are the sentences it introduces, to be shown below it.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    parts: tuple["Sentence", ...] = ()


class Gate(Protocol):
    """A typed rule over facts. Pure: the same applicant and moment always get the same answer."""

    kind: ClassVar[str]

    @property
    def needs_mailbox(self) -> bool:
        """Whether the rule rests on a proven mailbox, and so on confirmation mails."""

    @property
    def sentence(self) -> Sentence:
        """The rule in words."""

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        """Admits, Refuses with the way out, or Needs with the missing fact."""

    def to_json(self) -> dict[str, Any]:
        """The rule as stored: every field is written out, so that a later default changes no stored rule."""


class BadGate(ValueError):
    """A rule tree that cannot be read. `path` is the place of the fault in the JSON, such as `$.gates[1].domains`."""

    def __init__(self, path: str, code: str) -> None:
        super().__init__(f"{path}: {code}")
        self.path = path
        self.code = code


class Node:
    """One JSON object of a rule tree. It remembers which keys were asked for, so that unknown ones are refused."""

    def __init__(self, value: object, path: str) -> None:
        if not isinstance(value, dict):
            raise BadGate(path, "gate_wrong_type")
        self.path = path
        self._value = value
        self._asked: set[object] = set()

    def get(self, key: str) -> object:
        """The value under a key that must be there."""
        self._asked.add(key)
        if key not in self._value:
            raise BadGate(self.at(key), "gate_missing_key")
        return self._value[key]

    def has(self, key: str) -> bool:
        self._asked.add(key)
        return key in self._value

    def at(self, key: object) -> str:
        return f"{self.path}.{key}"

    def text(self, key: str) -> str:
        """A text that is not empty."""
        value = self.get(key)
        if not isinstance(value, str):
            raise BadGate(self.at(key), "gate_wrong_type")
        if not value:
            raise BadGate(self.at(key), "gate_empty")
        return value

    def items(self, key: str) -> list[object]:
        value = self.get(key)
        if not isinstance(value, list):
            raise BadGate(self.at(key), "gate_wrong_type")
        return value

    def words(self, key: str, check: Callable[[str, str], None] | None = None) -> list[str]:
        """Texts, at least one and none of them empty; `check(text, path)` may refuse one of them."""
        words = self.items(key)
        if not words:
            raise BadGate(self.at(key), "gate_empty")
        for place, word in enumerate(words):
            path = f"{self.at(key)}[{place}]"
            if not isinstance(word, str):
                raise BadGate(path, "gate_wrong_type")
            if not word:
                raise BadGate(path, "gate_empty")
            if check is not None:
                check(word, path)
        return [str(word) for word in words]

    def whole(self, key: str, *, least: int, most: int) -> int:
        """A whole number between two."""
        value = self.get(key)
        if type(value) is not int:
            raise BadGate(self.at(key), "gate_wrong_type")
        if not least <= value <= most:
            raise BadGate(self.at(key), "gate_out_of_range")
        return value

    def flag(self, key: str, default: bool) -> bool:
        if not self.has(key):
            return default
        value = self.get(key)
        if not isinstance(value, bool):
            raise BadGate(self.at(key), "gate_wrong_type")
        return value

    def trust(self, default: Trust, *, most: Trust = Trust.AUTHORITATIVE) -> Trust:
        """`min_trust` by its word: asserted, observed, verified or authoritative.

        `most` is what the fact ever has where its absence means no: above it the answer would be no for everybody, and
        under negation yes.
        """
        if not self.has("min_trust"):
            return default
        word = self.text("min_trust")
        if word not in _TRUST_BY_WORD:
            raise BadGate(self.at("min_trust"), "gate_unknown_trust")
        if _TRUST_BY_WORD[word] > most:
            raise BadGate(self.at("min_trust"), "gate_never_so_trusted")
        return _TRUST_BY_WORD[word]

    def refuse_unknown_keys(self) -> None:
        for key in self._value:
            if key not in self._asked:
                raise BadGate(self.at(key), "gate_unknown_key")


def word_of(trust: Trust) -> str:
    """A trust as JSON writes it."""
    return trust.name.lower()


_TRUST_BY_WORD = {word_of(trust): trust for trust in Trust}
