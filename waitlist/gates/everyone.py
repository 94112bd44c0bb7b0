"""Everyone: the rule that asks for nothing."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant
from waitlist.gates.gate import Node, Sentence


@dataclass(frozen=True)
class Everyone:
    """Admits every applicant, also one of whom nothing is known."""

    kind: ClassVar[str] = "everyone"
    needs_mailbox: ClassVar[bool] = False

    @classmethod
    def from_json(cls, node: Node) -> "Everyone":  # noqa: ARG003 - it has no fields
        return cls()

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_everyone")

    def answer(self, applicant: Applicant, now: datetime) -> Answer:  # noqa: ARG002 - it asks for nothing
        return Admits()

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind}
