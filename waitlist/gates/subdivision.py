"""Subdivision: people of these states, provinces or regions, by ISO 3166-2 code such as US-CA."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.country import CODES
from waitlist.gates.gate import BadGate, Node, Sentence, word_of

_CODE = re.compile(r"([A-Z]{2})-[A-Z0-9]{1,3}")


@dataclass(frozen=True)
class Subdivision:
    """Those whose fact `subdivision` is among these codes."""

    kind: ClassVar[str] = "subdivision"
    needs_mailbox: ClassVar[bool] = False

    codes: frozenset[str]
    min_trust: Trust = Trust.OBSERVED

    @classmethod
    def from_json(cls, node: Node) -> "Subdivision":
        return cls(frozenset(node.words("codes", _check)), node.trust(Trust.OBSERVED))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_subdivision", {"codes": tuple(sorted(self.codes))})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("subdivision", self.min_trust, now)
        if fact is None or not isinstance(fact.value, str) or not _is_code(fact.value):
            return Needs("subdivision")
        if fact.value in self.codes:
            return Admits()
        return Refuses("subdivision_not_allowed", {"codes": tuple(sorted(self.codes))})

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "codes": sorted(self.codes), "min_trust": word_of(self.min_trust)}


def _is_code(text: str) -> bool:
    found = _CODE.fullmatch(text)
    return found is not None and found[1] in CODES


def _check(code: str, path: str) -> None:
    if not _is_code(code):
        raise BadGate(path, "gate_not_a_subdivision")
