"""Domain: the addresses of a campus or a company."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

from waitlist.domains import matches
from waitlist.gates.answers import Admits, Answer, Applicant, Needs, Refuses, Trust
from waitlist.gates.gate import BadGate, Node, Sentence, word_of

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_A_LABELS = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})+")


@dataclass(frozen=True)
class Domain:
    """Mailboxes at these domains: harvard.edu, and fas.harvard.edu too if `subdomains` is ticked.

    An excluded domain is out together with everything below it, and beats a domain that is let in.
    All domains are lower-case A-labels.
    """

    kind: ClassVar[str] = "domain"
    needs_mailbox: ClassVar[bool] = True

    domains: frozenset[str]
    subdomains: bool = False
    excluded: frozenset[str] = frozenset()
    min_trust: Trust = Trust.VERIFIED

    @classmethod
    def from_json(cls, node: Node) -> "Domain":
        domains = _read_domains(node, "domains")
        if not domains:
            raise BadGate(node.at("domains"), "gate_empty")
        return cls(
            domains,
            subdomains=node.flag("subdomains", default=False),
            excluded=_read_domains(node, "excluded") if node.has("excluded") else frozenset(),
            min_trust=node.trust(Trust.VERIFIED),
        )

    @property
    def sentence(self) -> Sentence:
        code = "rule_domain_and_subdomains" if self.subdomains else "rule_domain"
        but = (Sentence("rule_domain_excluded", {"domains": _sorted(self.excluded)}),) if self.excluded else ()
        return Sentence(code, {"domains": _sorted(self.domains)}, but)

    def answer(self, applicant: Applicant, now: datetime) -> Answer:
        fact = applicant.fact("domain", self.min_trust, now)
        if fact is None or not isinstance(fact.value, str):
            return Needs("domain")
        domain = fact.value
        if any(matches(domain, rule, subdomains=True) for rule in self.excluded):
            return Refuses("domain_excluded", {"domain": domain, "domains": _sorted(self.domains)})
        if domain in self.domains or any(matches(domain, rule, subdomains=self.subdomains) for rule in self.domains):
            return Admits()
        return self._refusal(domain)

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "domains": list(_sorted(self.domains)),
            "subdomains": self.subdomains,
            "excluded": list(_sorted(self.excluded)),
            "min_trust": word_of(self.min_trust),
        }

    def _refusal(self, domain: str) -> Refuses:
        above = tuple(rule for rule in _sorted(self.domains) if matches(domain, rule, subdomains=True))
        if above:
            return Refuses("subdomain_not_allowed", {"domain": domain, "domains": above})
        return Refuses("domain_not_allowed", {"domain": domain, "domains": _sorted(self.domains)})


def _sorted(domains: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(domains))


def _read_domains(node: Node, key: str) -> frozenset[str]:
    return frozenset(_read_domain(item, f"{node.at(key)}[{place}]") for place, item in enumerate(node.items(key)))


def _read_domain(item: object, path: str) -> str:
    if not isinstance(item, str):
        raise BadGate(path, "gate_wrong_type")
    if "*" in item:
        raise BadGate(path, "gate_wildcard")
    if not _A_LABELS.fullmatch(item):
        raise BadGate(path, "gate_not_a_domain")
    return item
