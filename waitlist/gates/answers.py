"""What gates speak in: facts about an applicant, and the three answers a gate can give."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum

# Facts that this service finds out by itself: no form, import, product or API key may send one under these names.
OWN_FACTS = frozenset({"domain", "lists", "invite", "referrer", "denied", "mailbox"}) | {
    *("ticket", "arm", "score", "joined_at", "vouches", "branches", "hops")
}


class Trust(IntEnum):
    """How sure a fact is. A condition asks for a least trust, so that nobody talks their way in."""

    ASSERTED = 1  # a form, a client's context
    OBSERVED = 2  # a network address, a header from a trusted proxy
    VERIFIED = 3  # a link in a mail
    AUTHORITATIVE = 4  # an admin, an import, a server key


@dataclass(frozen=True)
class Fact:
    """One thing known of a person, with where it comes from; from `expires_at` on it is no longer known."""

    name: str
    value: object
    trust: Trust
    source: str
    observed_at: datetime
    expires_at: datetime | None = None

    def holds(self, min_trust: Trust, now: datetime) -> bool:
        return self.trust >= min_trust and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class Applicant:
    """Everything known of one person. Each name may have several facts: the most trusted first, then the newest."""

    facts: Mapping[str, tuple[Fact, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, facts: Iterable[Fact]) -> "Applicant":
        """The applicant these facts, in any order, describe."""
        known: dict[str, tuple[Fact, ...]] = {}
        for fact in sorted(facts, key=lambda fact: (fact.trust, fact.observed_at), reverse=True):
            known[fact.name] = (*known.get(fact.name, ()), fact)
        return cls(known)

    def fact(self, name: str, min_trust: Trust, now: datetime) -> Fact | None:
        """The best fact of that name that is trusted enough and has not expired; None when there is none.

        A less trusted fact serves where the more trusted one has expired.
        """
        return next((fact for fact in self.facts.get(name, ()) if fact.holds(min_trust, now)), None)


@dataclass(frozen=True)
class Admits:
    """The rule is met."""


@dataclass(frozen=True)
class Refuses:
    """The rule is not met. `code` names the sentence in `waitlist/sentences.py`, `params` fill it in.

    Tuples among the params are lists of names, for the page to join. `also` holds the other refusals where
    any one way in would have been enough: each names a way out of its own.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    also: tuple["Refuses", ...] = ()


@dataclass(frozen=True)
class Needs:
    """The rule cannot tell without this fact (or without more trust in it). Never lets anybody in."""

    fact: str


Answer = Admits | Refuses | Needs
