"""Referred: people who came by the link of somebody who is in line or in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Refuses, Trust
from waitlist.gates.gate import Node, Sentence, word_of


@dataclass(frozen=True)
class Referred:
    """Those who came by somebody's link. Whether one was used is known here, so without the fact the answer is no."""

    kind: ClassVar[str] = "referred"
    needs_mailbox: ClassVar[bool] = False

    min_trust: Trust = Trust.VERIFIED

    @classmethod
    def from_json(cls, node: Node) -> "Referred":
        return cls(node.trust(Trust.VERIFIED, most=Trust.VERIFIED))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_referred")

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("referrer", self.min_trust, now)
        return Admits() if fact is not None and fact.value else Refuses("referral_needed")

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "min_trust": word_of(self.min_trust)}
