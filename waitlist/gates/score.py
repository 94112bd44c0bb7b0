"""Score: people whose friends brought them at least so many points."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import Node, Sentence, word_of

MOST = 131_071  # a score has 17 bits


@dataclass(frozen=True)
class Score:
    """Those whose fact `score` is at least this."""

    kind: ClassVar[str] = "score"
    needs_mailbox: ClassVar[bool] = False

    least: int
    min_trust: Trust = Trust.AUTHORITATIVE

    @classmethod
    def from_json(cls, node: Node) -> "Score":
        return cls(node.whole("least", least=0, most=MOST), node.trust(Trust.AUTHORITATIVE))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_score", {"least": self.least})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("score", self.min_trust, now)
        if fact is None or type(fact.value) is not int:
            return Needs("score")
        return Admits() if fact.value >= self.least else Refuses("score_too_low", {"least": self.least})

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "least": self.least, "min_trust": word_of(self.min_trust)}
