"""Denied: nobody who is on the deny list. `deciding` asks it before every other rule."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Refuses, Trust
from waitlist.gates.gate import Node, Sentence, word_of


@dataclass(frozen=True)
class Denied:
    """Refuses those with the fact `denied`, and admits everybody else: being on the list is known here."""

    kind: ClassVar[str] = "denied"
    needs_mailbox: ClassVar[bool] = False

    min_trust: Trust = Trust.AUTHORITATIVE

    @classmethod
    def from_json(cls, node: Node) -> "Denied":
        return cls(node.trust(Trust.AUTHORITATIVE))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_denied")

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("denied", self.min_trust, now)
        return Refuses("denied") if fact is not None and fact.value else Admits()

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "min_trust": word_of(self.min_trust)}
