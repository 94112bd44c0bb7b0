"""Domains: what an admin types for a campus rule, how an address is held against it, and why one does not fit."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from publicsuffixlist import PublicSuffixList

from waitlist.hostnames import DOTS, WHITE, BadHost, Host, fault_in, host
from waitlist.mailboxes import PROVIDERS, is_disposable
from waitlist.spelling import nearest

_ALUMNI = ("alumni", "alumnae", "alumnus", "alum", "alums")
_SHORTEST_TO_SPELL = 8  # yale.edu; at mit.edu one letter more or less is too often another real campus


class BadDomain(ValueError):
    """What was typed cannot be a domain rule. `code` names the sentence in `waitlist/sentences.py`."""

    def __init__(self, code: str, **params: str) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class RuleDomain:
    """A domain that may stand in a rule, once it is typed again where `confirm` says why."""

    domain: str  # A-label, lower-case
    shown: str  # in Unicode
    confirm: str | None  # code of the question to ask first

    @property
    def needs_confirmation(self) -> bool:
        return self.confirm is not None


@dataclass(frozen=True)
class WhyNot:
    """The case that the wrong-domain page explains. `params`: domain, domains, and closest for `domain_typo`."""

    code: str
    params: dict[str, str | tuple[str, ...]]


def rule_domain(typed: str) -> RuleDomain:
    """The domain of a rule as it was typed: college.edu, @college.edu, COLLEGE.edu.

    Raises BadDomain: domain_empty, domain_invisible, domain_lookalike, domain_url, domain_is_address, domain_wildcard,
    domain_trailing_dot, domain_public_suffix, domain_format. `params["domain"]` is the way out, wherever there is one.
    """
    text = typed.strip(WHITE)
    _check_text(text)
    bare = text.removeprefix("*").removeprefix("@")
    if "@" in bare:
        raise BadDomain("domain_is_address", domain=_read(bare.rpartition("@")[2]).shown)
    if bare.startswith(("*.", ".")):
        raise BadDomain("domain_wildcard", domain=_read(bare.lstrip("*.")).shown)
    if bare[-1:] and bare[-1] in DOTS:
        raise BadDomain("domain_trailing_dot", domain=bare[:-1])
    found = _read(bare)
    return RuleDomain(found.ascii, found.shown, _question(found.ascii))


def matches(domain: str, rule: str, subdomains: bool) -> bool:
    """Whether a domain meets a rule, both lower-case A-labels: equal, or below it on a label boundary if ticked."""
    return domain == rule or (subdomains and domain.endswith(f".{rule}"))


def closest(domain: str, rules: Iterable[str]) -> str | None:
    """The rule that was probably meant: college.edu for colege.edu and for college.com. None if there is no one."""
    rules = frozenset(rules)
    if near := nearest(domain, (rule for rule in rules if len(rule) >= _SHORTEST_TO_SPELL)):
        return near
    same_name = [rule for rule in rules if rule != domain and _name(rule) == _name(domain)]
    return same_name[0] if len(same_name) == 1 else None


def why_not(domain: str, rules: Iterable[str], *, hidden: bool = False) -> WhyNot:
    """Why a domain that meets none of these rules does not, as precisely as it can be told.

    domain_alumni, subdomain_not_allowed (`domains` is the rule above it), domain_free_mail, domain_typo, or
    domain_not_allowed. Where the rules are `hidden` from the public it is always domain_hidden, which names none.
    """
    if hidden:
        return WhyNot("domain_hidden", {"domain": domain})
    allowed = tuple(sorted(rules))
    above = tuple(rule for rule in allowed if matches(domain, rule, subdomains=True))
    params: dict[str, str | tuple[str, ...]] = {"domain": domain, "domains": above or allowed}
    if _is_alumni(domain):
        return WhyNot("domain_alumni", params)
    if above:
        return WhyNot("subdomain_not_allowed", params)
    if domain in PROVIDERS:
        return WhyNot("domain_free_mail", params)
    if meant := closest(domain, allowed):
        return WhyNot("domain_typo", params | {"closest": meant})
    return WhyNot("domain_not_allowed", params)


@cache
def suffixes(*, icann: bool) -> PublicSuffixList:
    """The Public Suffix List, read once: its ICANN section alone, or both sections. Unlisted endings are not in it."""
    return PublicSuffixList(only_icann=icann, accept_unknown=False)


def _check_text(text: str) -> None:
    if not text:
        raise BadDomain("domain_empty")
    if len(text) > 2048:  # the longest URL worth reading; a domain has at most 253
        raise BadDomain("domain_format")
    _check_letters(text)
    _, scheme, rest = text.rpartition("://")
    if scheme or "/" in text or ":" in text:
        site = re.split("[/?#]", rest)[0].rpartition("@")[2].partition(":")[0]
        raise BadDomain("domain_url", domain=_read(site.removeprefix("www.")).shown)


def _check_letters(text: str) -> None:
    if fault := fault_in(text):
        raise BadDomain("domain_invisible" if fault == "invisible" else "domain_lookalike")


def _read(domain: str) -> Host:
    """The host, refused when it is itself an ICANN suffix, below which whole countries have their addresses."""
    try:
        found = host(domain)
    except BadHost as fault:
        if suffixes(icann=True).is_public(domain):  # a single label is no host, but a suffix deserves its own answer
            raise BadDomain("domain_public_suffix", domain=domain.lower()) from fault
        raise BadDomain("domain_format") from fault
    _check_letters(found.shown)
    if suffixes(icann=True).is_public(found.ascii):
        raise BadDomain("domain_public_suffix", domain=found.shown)
    return found


def _question(domain: str) -> str | None:
    if domain in PROVIDERS or is_disposable(domain):
        return "domain_confirm_provider"
    return "domain_confirm_private_suffix" if suffixes(icann=False).is_public(domain) else None


def _name(domain: str) -> str:
    """The domain without its public suffix: college for college.edu and for college.ac.uk."""
    suffix = suffixes(icann=True).publicsuffix(domain) or ""
    return domain.removesuffix(f".{suffix}")


def _is_alumni(domain: str) -> bool:
    labels = domain.split(".")
    return any(label in _ALUMNI or label.startswith("alumni") or label.endswith("alumni") for label in labels)
