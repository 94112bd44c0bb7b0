"""Vouched: people for whom so many members stand, out of so many branches of the tree of who brought whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Refuses, Trust
from waitlist.gates.gate import BadGate, Node, Sentence, word_of

MOST = 100


@dataclass(frozen=True)
class Vouched:
    """Those whom `by` different members vouch for, who came through `branches` different people.

    The facts are counted here: `vouches` members, `branches` referrers of theirs. Without them the answer is no.
    """

    kind: ClassVar[str] = "vouched"
    needs_mailbox: ClassVar[bool] = False

    by: int
    branches: int = 1
    min_trust: Trust = Trust.VERIFIED

    @classmethod
    def from_json(cls, node: Node) -> "Vouched":
        by = node.whole("by", least=1, most=MOST)
        branches = node.whole("branches", least=1, most=MOST) if node.has("branches") else 1
        if branches > by:
            raise BadGate(node.at("branches"), "gate_out_of_range")
        return cls(by, branches, node.trust(Trust.VERIFIED, most=Trust.VERIFIED))

    @property
    def sentence(self) -> Sentence:
        code = "rule_vouched_branches" if self.branches > 1 else "rule_vouched"
        return Sentence(code, {"by": self.by, "branches": self.branches})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        counted = self._count(applicant, "vouches", now), self._count(applicant, "branches", now)
        enough = counted[0] >= self.by and counted[1] >= self.branches
        return Admits() if enough else Refuses("vouches_missing", {"by": self.by})

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "by": self.by, "branches": self.branches, "min_trust": word_of(self.min_trust)}

    def _count(self, applicant: Applicant, name: str, now: datetime) -> int:
        fact = applicant.fact(name, self.min_trust, now)
        return fact.value if fact is not None and type(fact.value) is int else 0
