"""Within: people at most so many vouches away from somebody on a list of first members."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Refuses, Trust
from waitlist.gates.gate import BadGate, Node, Sentence, word_of
from waitlist.gates.listed import KEY

FURTHEST = 6  # hops that are counted


@dataclass(frozen=True)
class Within:
    """Those whose chain of vouches reaches the list in at most `hops` steps; the fact `hops` counts by list key."""

    kind: ClassVar[str] = "within"
    needs_mailbox: ClassVar[bool] = False

    hops: int
    list_key: str
    min_trust: Trust = Trust.VERIFIED

    @classmethod
    def from_json(cls, node: Node) -> "Within":
        key = node.text("list")
        if not KEY.fullmatch(key):
            raise BadGate(node.at("list"), "gate_not_a_list")
        return cls(node.whole("hops", least=1, most=FURTHEST), key, node.trust(Trust.VERIFIED, most=Trust.VERIFIED))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_within", {"hops": self.hops})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("hops", self.min_trust, now)
        known = fact.value if fact is not None and isinstance(fact.value, Mapping) else {}
        distance = known.get(self.list_key, FURTHEST + 1)
        return Admits() if distance <= self.hops else Refuses("vouches_too_far")

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "hops": self.hops, "list": self.list_key, "min_trust": word_of(self.min_trust)}
