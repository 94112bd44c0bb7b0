"""Listed: the mailboxes on one of the launch's named lists (VIPs, an allow-list)."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import BadGate, Node, Sentence, word_of

KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")


@dataclass(frozen=True)
class Listed:
    """Mailboxes on the list with this key. The fact `lists` is a frozenset of the keys of a person's lists."""

    kind: ClassVar[str] = "listed"
    needs_mailbox: ClassVar[bool] = True

    list_key: str
    min_trust: Trust = Trust.AUTHORITATIVE

    @classmethod
    def from_json(cls, node: Node) -> "Listed":
        key = node.text("list")
        if not KEY.fullmatch(key):
            raise BadGate(node.at("list"), "gate_not_a_list")
        return cls(key, node.trust(Trust.AUTHORITATIVE))

    @property
    def sentence(self) -> Sentence:
        return Sentence("rule_listed")

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("lists", self.min_trust, now)
        # A text would answer `in` by its substrings, so only a set of keys counts as known.
        if fact is None or not isinstance(fact.value, frozenset):
            return Needs("lists")
        return Admits() if self.list_key in fact.value else Refuses("not_on_list")

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "list": self.list_key, "min_trust": word_of(self.min_trust)}
