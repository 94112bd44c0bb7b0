"""Ticket: a percentage of people, drawn once when each joined. Widening it lets more in and nobody out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import BadGate, Node, Sentence, word_of

WHOLE = 1_000_000  # parts per million
BITS = 63  # of a ticket


@dataclass(frozen=True)
class Ticket:
    """Those whose ticket lies in this range, in parts per million of all tickets: from `start`, below `below`."""

    kind: ClassVar[str] = "ticket"
    needs_mailbox: ClassVar[bool] = False

    below: int
    start: int = 0
    min_trust: Trust = Trust.AUTHORITATIVE

    @classmethod
    def from_json(cls, node: Node) -> "Ticket":
        below = node.whole("below", least=0, most=WHOLE)
        start = node.whole("start", least=0, most=WHOLE) if node.has("start") else 0
        if start > below:
            raise BadGate(node.at("start"), "gate_out_of_range")
        return cls(below, start, node.trust(Trust.AUTHORITATIVE))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_ticket", {"percent": f"{(self.below - self.start) / 10_000:g}"})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("ticket", self.min_trust, now)
        if fact is None or type(fact.value) is not int:
            return Needs("ticket")
        drawn = fact.value * WHOLE
        is_drawn = self.start << BITS <= drawn < self.below << BITS
        return Admits() if is_drawn else Refuses("ticket_not_drawn")

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "start": self.start, "below": self.below, "min_trust": word_of(self.min_trust)}
