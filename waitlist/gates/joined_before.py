"""Joined before: people whose mailbox was confirmed before a moment."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import BadGate, Node, Sentence, word_of


@dataclass(frozen=True)
class JoinedBefore:
    """Those whose fact `joined_at` is earlier than this moment."""

    kind: ClassVar[str] = "joined_before"
    needs_mailbox: ClassVar[bool] = False

    moment: datetime
    min_trust: Trust = Trust.AUTHORITATIVE

    @classmethod
    def from_json(cls, node: Node) -> "JoinedBefore":
        try:
            moment = datetime.fromisoformat(node.text("moment"))
        except ValueError as error:
            raise BadGate(node.at("moment"), "gate_not_a_moment") from error
        if moment.tzinfo is None:
            raise BadGate(node.at("moment"), "gate_not_a_moment")
        return cls(moment.astimezone(UTC), node.trust(Trust.AUTHORITATIVE))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_joined_before", {"moment": f"{self.moment:%Y-%m-%d %H:%M} UTC"})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("joined_at", self.min_trust, now)
        if fact is None or not isinstance(fact.value, datetime):
            return Needs("joined_at")
        return Admits() if fact.value < self.moment else Refuses("joined_too_late")

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "moment": self.moment.isoformat(), "min_trust": word_of(self.min_trust)}
