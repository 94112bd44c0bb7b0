"""Answered: people who chose one of these answers to a question of the launch."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import Node, Sentence, word_of

PREFIX = "answer:"


@dataclass(frozen=True)
class Answered:
    """Those whose answer, or one of whose answers, is among these. Anybody may answer anything: `asserted`."""

    kind: ClassVar[str] = "answered"
    needs_mailbox: ClassVar[bool] = False

    question: str
    choices: frozenset[str]
    min_trust: Trust = Trust.ASSERTED

    @classmethod
    def from_json(cls, node: Node) -> "Answered":
        return cls(node.text("question"), frozenset(node.words("choices")), node.trust(Trust.ASSERTED))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_answered", {"choices": tuple(sorted(self.choices))})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact(PREFIX + self.question, self.min_trust, now)
        given = [] if fact is None else fact.value if isinstance(fact.value, list) else [fact.value]
        if fact is None or not all(isinstance(choice, str) for choice in given):
            return Needs(PREFIX + self.question)
        return Admits() if self.choices.intersection(given) else Refuses("answer_not_allowed")

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "question": self.question,
            "choices": sorted(self.choices),
            "min_trust": word_of(self.min_trust),
        }
