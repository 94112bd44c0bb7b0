"""Unit: people of a department, or of any below it in the organisation's tree."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import BadGate, Node, Sentence, word_of

_PATH = re.compile(r"[a-z0-9_-]+(?:/[a-z0-9_-]+)*")


@dataclass(frozen=True)
class Unit:
    """Those whose fact `unit`, a path from the root such as `finance/payroll`, is one of these or below one."""

    kind: ClassVar[str] = "unit"
    needs_mailbox: ClassVar[bool] = True

    units: frozenset[str]
    min_trust: Trust = Trust.AUTHORITATIVE

    @classmethod
    def from_json(cls, node: Node) -> "Unit":
        return cls(frozenset(node.words("units", _check)), node.trust(Trust.AUTHORITATIVE))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_unit", {"units": tuple(sorted(self.units))})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("unit", self.min_trust, now)
        if fact is None or not isinstance(fact.value, str) or not _PATH.fullmatch(fact.value):
            return Needs("unit")
        # A slash on both sides: `fin` is no unit above `finance`.
        if any(f"{fact.value}/".startswith(f"{unit}/") for unit in self.units):
            return Admits()
        return Refuses("unit_not_allowed", {"units": tuple(sorted(self.units))})

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "units": sorted(self.units), "min_trust": word_of(self.min_trust)}


def _check(unit: str, path: str) -> None:
    if not _PATH.fullmatch(unit):
        raise BadGate(path, "gate_not_a_unit")
