"""Gates made of gates, in Kleene's three-valued logic: Needs is "unknown", and stays unknown under negation."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses
from waitlist.gates.gate import Gate, Sentence


@dataclass(frozen=True)
class AllOf:
    """Admits when every gate does. The first refusal answers; without one, the first missing fact."""

    kind: ClassVar[str] = "all_of"

    gates: tuple[Gate, ...]

    @property
    def needs_mailbox(self) -> bool:
        return any(gate.needs_mailbox for gate in self.gates)

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_all_of", parts=tuple(gate.sentence for gate in self.gates))

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        answers = [gate.answer(applicant, now) for gate in self.gates]
        refusals = (answer for answer in answers if isinstance(answer, Refuses))
        unknown = (answer for answer in answers if isinstance(answer, Needs))
        return next(refusals, None) or next(unknown, None) or Admits()

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "gates": [gate.to_json() for gate in self.gates]}


@dataclass(frozen=True)
class AnyOf:
    """Admits when one gate does. Otherwise the first missing fact; with none missing, every gate's refusal."""

    kind: ClassVar[str] = "any_of"

    gates: tuple[Gate, ...]

    @property
    def needs_mailbox(self) -> bool:
        return any(gate.needs_mailbox for gate in self.gates)

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_any_of", parts=tuple(gate.sentence for gate in self.gates))

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        answers = [gate.answer(applicant, now) for gate in self.gates]
        if Admits() in answers:
            return Admits()
        unknown = (answer for answer in answers if isinstance(answer, Needs))
        return next(unknown, None) or _together([answer for answer in answers if isinstance(answer, Refuses)])

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "gates": [gate.to_json() for gate in self.gates]}


@dataclass(frozen=True)
class NotOf:
    """Admits whom its gate refuses, and refuses whom it admits."""

    kind: ClassVar[str] = "not_of"

    gate: Gate

    @property
    def needs_mailbox(self) -> bool:
        return self.gate.needs_mailbox

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_not_of", parts=(self.gate.sentence,))

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        answer = self.gate.answer(applicant, now)
        match answer:
            case Admits():
                return Refuses("not_allowed")
            case Refuses():
                return Admits()
            case Needs():
                return answer

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "gate": self.gate.to_json()}


def _together(refusals: list[Refuses]) -> Refuses:
    first, *others = refusals
    return Refuses(first.code, first.params, (*first.also, *others))
