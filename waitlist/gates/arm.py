"""Arm: people whom an experiment put into one of these arms when they were first admitted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import Node, Sentence, word_of


@dataclass(frozen=True)
class Arm:
    """Those whose fact `arm` is among these; nobody has one before a first admission."""

    kind: ClassVar[str] = "arm"
    needs_mailbox: ClassVar[bool] = False

    arms: frozenset[str]
    min_trust: Trust = Trust.AUTHORITATIVE

    @classmethod
    def from_json(cls, node: Node) -> "Arm":
        return cls(frozenset(node.words("arms")), node.trust(Trust.AUTHORITATIVE))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_arm", {"arms": tuple(sorted(self.arms))})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("arm", self.min_trust, now)
        if fact is None or not isinstance(fact.value, str):
            return Needs("arm")
        return Admits() if fact.value in self.arms else Refuses("arm_not_allowed")

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "arms": sorted(self.arms), "min_trust": word_of(self.min_trust)}
