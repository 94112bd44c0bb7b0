"""Customer: people who ordered at least so often, the last time not too long ago."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import Node, Sentence, word_of

MOST = 1_000_000


@dataclass(frozen=True)
class Customer:
    """Those with `orders` orders, the last within `within_days` days; the facts are `orders` and `last_order`."""

    kind: ClassVar[str] = "customer"
    needs_mailbox: ClassVar[bool] = True

    orders: int
    within_days: int | None = None
    min_trust: Trust = Trust.AUTHORITATIVE

    @classmethod
    def from_json(cls, node: Node) -> "Customer":
        orders = node.whole("orders", least=1, most=MOST)
        days = node.whole("within_days", least=1, most=MOST) if node.has("within_days") else None
        return cls(orders, days, node.trust(Trust.AUTHORITATIVE))

    @property
    def sentence(self) -> Sentence:
        code = "rule_customer" if self.within_days is None else "rule_customer_lately"
        return Sentence(code, {"orders": self.orders, "days": self.within_days or 0})

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        orders = applicant.fact("orders", self.min_trust, now)
        if orders is None or type(orders.value) is not int:
            return Needs("orders")
        if orders.value < self.orders:
            return Refuses("orders_missing", {"orders": self.orders})
        return Admits() if self.within_days is None else self._lately(applicant, self.within_days, now)

    def _lately(self, applicant: Applicant, days: int, now: datetime) -> Answer:
        fact = applicant.fact("last_order", self.min_trust, now)
        at = _moment(fact.value) if fact is not None else None
        if at is None:
            return Needs("last_order")
        return Admits() if now - at <= timedelta(days=days) else Refuses("orders_missing", {"orders": self.orders})

    def to_json(self) -> dict[str, Any]:
        lately = {} if self.within_days is None else {"within_days": self.within_days}
        return {"kind": self.kind, "orders": self.orders, **lately, "min_trust": word_of(self.min_trust)}


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at.replace(tzinfo=UTC) if at is not None and at.tzinfo is None else at
