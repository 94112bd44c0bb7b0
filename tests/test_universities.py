"""Every real campus may be the domain of a launch, and its students may join: 10,575 domains, no sample."""

import csv
import os
from pathlib import Path

import pytest

from waitlist.addresses import canon, is_disposable, suggestion
from waitlist.domains import BadDomain, RuleDomain, matches, rule_domain, suffixes

CSV = os.environ.get("UNIVERSITIES_CSV")
pytestmark = pytest.mark.skipif(not CSV, reason="UNIVERSITIES_CSV names no file with the list of university domains")

# The Latvian defence academy stands in the list under the suffix that all of the country's military share.
PUBLIC_SUFFIXES = {"mil.lv"}
# A campus that lets its institutes run zones of their own, and so put itself into the list's private section.
PRIVATE_SUFFIXES = {"ruhr-uni-bochum.de"}


@pytest.fixture(scope="module")
def campuses() -> list[str]:
    with Path(str(CSV)).open(encoding="utf-8", newline="") as lines:
        return [row["domain"] for row in csv.DictReader(lines)]


@pytest.fixture(scope="module")
def rules(campuses: list[str]) -> dict[str, RuleDomain | BadDomain]:
    return {campus: _rule_or_refusal(campus) for campus in campuses}


def _rule_or_refusal(campus: str) -> RuleDomain | BadDomain:
    try:
        return rule_domain(campus)
    except BadDomain as refused:
        return refused


def test_the_whole_list_is_read(campuses: list[str]) -> None:
    assert len(campuses) == 10_575
    assert len(set(campuses)) == 10_572


def test_every_campus_may_be_a_rule_unless_it_is_a_public_suffix(rules: dict[str, RuleDomain | BadDomain]) -> None:
    refused = {campus: rule.code for campus, rule in rules.items() if isinstance(rule, BadDomain)}
    assert refused == dict.fromkeys(PUBLIC_SUFFIXES, "domain_public_suffix")
    assert all(suffixes(icann=True).is_public(campus) for campus in PUBLIC_SUFFIXES)


def test_no_campus_is_asked_about_but_the_one_private_suffix(rules: dict[str, RuleDomain | BadDomain]) -> None:
    asked = {campus: rule.confirm for campus, rule in rules.items() if isinstance(rule, RuleDomain) and rule.confirm}
    assert asked == dict.fromkeys(PRIVATE_SUFFIXES, "domain_confirm_private_suffix")
    assert all(suffixes(icann=False).is_public(campus) for campus in PRIVATE_SUFFIXES)


def test_a_student_of_every_campus_meets_its_rule_and_a_stranger_does_not(
    rules: dict[str, RuleDomain | BadDomain],
) -> None:
    for rule in rules.values():
        if isinstance(rule, BadDomain):
            continue
        student = canon(f"Ada.Lovelace@{rule.shown.upper()}")
        below = canon(f"ada@students.{rule.domain}")
        assert student.email == f"Ada.Lovelace@{rule.domain}"
        assert matches(student.domain, rule.domain, subdomains=False)
        assert matches(below.domain, rule.domain, subdomains=True)
        assert not matches(below.domain, rule.domain, subdomains=False)
        assert not matches(canon(f"ada@evil-{rule.domain}").domain, rule.domain, subdomains=True)
        assert not matches(canon(f"ada@{rule.domain}.evil.com").domain, rule.domain, subdomains=True)


def test_even_at_the_refused_suffix_the_address_itself_is_one() -> None:
    for campus in PUBLIC_SUFFIXES:
        assert canon(f"ada@{campus}").domain == campus


def test_no_campus_is_taken_for_a_misspelled_mail_provider_or_a_throw_away_domain(campuses: list[str]) -> None:
    assert [campus for campus in campuses if suggestion(canon(f"ada@{campus}"))] == []
    assert [campus for campus in campuses if is_disposable(campus)] == []
