"""Country: people of these countries, by ISO 3166 code; GB and GR, never UK and EL."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from babel import Locale

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import BadGate, Node, Sentence, word_of

# CLDR's two-letter territories, without those that are no country: unions, made-up and unknown ones.
_GROUPS = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
CODES = frozenset(code for code in map(str, Locale("en").territories) if re.fullmatch("[A-Z]{2}", code)) - _GROUPS


@dataclass(frozen=True)
class Country:
    """Those whose country is among these. The fact `country` is a code; a network address is `observed`, no more."""

    kind: ClassVar[str] = "country"
    needs_mailbox: ClassVar[bool] = False

    countries: frozenset[str]
    min_trust: Trust = Trust.OBSERVED

    @classmethod
    def from_json(cls, node: Node) -> "Country":
        return cls(frozenset(node.words("countries", _check)), node.trust(Trust.OBSERVED))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_country", {"countries": tuple(sorted(self.countries))})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("country", self.min_trust, now)
        if fact is None or not isinstance(fact.value, str) or fact.value not in CODES:
            return Needs("country")
        if fact.value in self.countries:
            return Admits()
        return Refuses("country_not_allowed", {"countries": tuple(sorted(self.countries))})

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "countries": sorted(self.countries), "min_trust": word_of(self.min_trust)}


def _check(code: str, path: str) -> None:
    if code not in CODES:
        raise BadGate(path, "gate_not_a_country")
