"""What an admin types for a campus rule, and what the wrong-domain page tells a person who does not fit it."""

import pytest

from waitlist.domains import BadDomain, RuleDomain, closest, matches, rule_domain, suffixes, why_not
from waitlist.sentences import SENTENCES

REFUSED = [
    ("", "domain_empty", {}),
    ("  ", "domain_empty", {}),
    # the star is answered with the tick
    ("*.college.edu", "domain_wildcard", {"domain": "college.edu"}),
    ("@*.college.edu", "domain_wildcard", {"domain": "college.edu"}),
    (".college.edu", "domain_wildcard", {"domain": "college.edu"}),
    ("*.MÜLLER.de", "domain_wildcard", {"domain": "müller.de"}),
    ("*.edu", "domain_public_suffix", {"domain": "edu"}),
    ("*.*.edu", "domain_public_suffix", {"domain": "edu"}),
    ("*." * 1000 + "college.edu", "domain_wildcard", {"domain": "college.edu"}),
    ("*", "domain_format", {}),
    ("col*.edu", "domain_format", {}),
    # web addresses and whole addresses
    ("https://www.college.edu/admissions?x=1", "domain_url", {"domain": "college.edu"}),
    ("college.edu/", "domain_url", {"domain": "college.edu"}),
    ("college.edu:443", "domain_url", {"domain": "college.edu"}),
    ("HTTP://ada:pw@COLLEGE.edu#top", "domain_url", {"domain": "college.edu"}),
    ("https://", "domain_format", {}),
    ("ada@college.edu", "domain_is_address", {"domain": "college.edu"}),
    # suffixes below which everybody has a domain
    ("edu", "domain_public_suffix", {"domain": "edu"}),
    ("EDU", "domain_public_suffix", {"domain": "edu"}),
    ("co.uk", "domain_public_suffix", {"domain": "co.uk"}),
    ("ac.uk", "domain_public_suffix", {"domain": "ac.uk"}),
    ("mil.lv", "domain_public_suffix", {"domain": "mil.lv"}),
    ("公司.cn", "domain_public_suffix", {"domain": "公司.cn"}),
    ("xn--55qx5d.cn", "domain_public_suffix", {"domain": "公司.cn"}),
    # no domain at all
    ("harvard", "domain_format", {}),
    ("college", "domain_public_suffix", {"domain": "college"}),
    ("localhost", "domain_format", {}),
    ("127.0.0.1", "domain_format", {}),
    ("college..edu", "domain_format", {}),
    ("-college.edu", "domain_format", {}),
    ("col lege.edu", "domain_format", {}),
    ("college.edu, other.edu", "domain_format", {}),
    ("a" * 64 + ".edu", "domain_format", {}),
    ("a." * 2000 + "edu", "domain_format", {}),
    ("college.edu.", "domain_trailing_dot", {"domain": "college.edu"}),
    ("col\u200blege.edu", "domain_invisible", {}),
    ("col\x00lege.edu", "domain_invisible", {}),
    ("ｃollege.edu", "domain_lookalike", {}),
    ("hаrvard.edu", "domain_lookalike", {}),  # the first "a" is Cyrillic
    ("xn--hrvard-4nf.edu", "domain_lookalike", {}),
]


@pytest.mark.parametrize(("typed", "code", "params"), REFUSED, ids=lambda value: ascii(value)[:40])
def test_a_domain_that_cannot_be_a_rule_is_refused_with_the_way_out(typed: str, code: str, params) -> None:
    with pytest.raises(BadDomain) as refused:
        rule_domain(typed)
    assert refused.value.code == code
    assert params is None or refused.value.params == params
    assert SENTENCES[code] % refused.value.params


@pytest.mark.parametrize("typed", ["college.edu", "@college.edu", "*@college.edu", " College.EDU\n"])
def test_the_ways_to_write_a_campus_domain_mean_the_same(typed: str) -> None:
    assert rule_domain(typed) == RuleDomain("college.edu", "college.edu", None)


def test_an_international_domain_is_kept_as_its_a_label_and_shown_in_its_own_letters() -> None:
    campus = rule_domain("Hochschule-MÜNCHEN.de")
    assert (campus.domain, campus.shown) == ("xn--hochschule-mnchen-e3b.de", "hochschule-münchen.de")
    assert rule_domain(campus.domain) == campus


@pytest.mark.parametrize("typed", ["github.io", "ruhr-uni-bochum.de", "blogspot.com"])
def test_a_private_suffix_must_be_typed_again(typed: str) -> None:
    assert rule_domain(typed).confirm == "domain_confirm_private_suffix"


@pytest.mark.parametrize("typed", ["gmail.com", "GoogleMail.com", "yahoo.co.uk", "web.de", "mailinator.com"])
def test_a_mail_provider_must_be_typed_again(typed: str) -> None:
    found = rule_domain(typed)
    assert found.needs_confirmation
    assert found.confirm == "domain_confirm_provider"
    assert SENTENCES[found.confirm] % {"domain": found.shown}


def test_an_ordinary_campus_needs_no_second_typing() -> None:
    assert not rule_domain("ada.github.io").needs_confirmation
    assert not rule_domain("harvard.edu").needs_confirmation


@pytest.mark.parametrize(
    ("domain", "exact", "with_subdomains"),
    [
        ("college.edu", True, True),
        ("mail.college.edu", False, True),
        ("a.b.college.edu", False, True),
        ("evil-college.edu", False, False),
        ("evilcollege.edu", False, False),
        ("college.edu.evil.com", False, False),
        ("edu", False, False),
        ("ege.edu", False, False),
        (".college.edu", False, True),  # never out of `canon`, which refuses empty labels
    ],
)
def test_a_rule_matches_on_label_boundaries(domain: str, exact: bool, with_subdomains: bool) -> None:
    assert matches(domain, "college.edu", subdomains=False) is exact
    assert matches(domain, "college.edu", subdomains=True) is with_subdomains


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("colege.edu", "college.edu"),
        ("collegee.edu", "college.edu"),
        ("collage.edu", "college.edu"),
        ("colelge.edu", "college.edu"),
        ("college.ed", "college.edu"),
        ("college.com", "college.edu"),
        ("college.ac.uk", "college.edu"),
        ("collgee.com", None),
        ("mat.edu", None),  # a letter from mit.edu, and a campus of its own
        ("evil-college.edu", None),
        ("college.edu", None),  # nothing to correct
        ("gmail.com", None),
    ],
)
def test_a_slip_of_the_finger_is_answered_with_the_rule_that_was_meant(domain: str, meant: str | None) -> None:
    assert closest(domain, ["college.edu", "mit.edu"]) == meant


def test_two_rules_that_are_equally_near_give_no_advice() -> None:
    assert closest("colege.edu", ["college.edu", "kolege.edu"]) is None
    assert closest("college.org", ["college.edu", "college.com"]) is None


@pytest.mark.parametrize(
    ("domain", "code"),
    [
        ("alumni.harvard.edu", "domain_alumni"),
        ("harvardalumni.org", "domain_alumni"),
        ("mail.harvard.edu", "subdomain_not_allowed"),
        ("gmail.com", "domain_free_mail"),
        ("hravard.edu", "domain_typo"),
        ("harvard.com", "domain_typo"),
        ("yale.edu", "domain_not_allowed"),
        ("harvard.edu.evil.com", "domain_not_allowed"),
    ],
)
def test_the_wrong_domain_page_knows_which_case_it_is(domain: str, code: str) -> None:
    assert why_not(domain, ["harvard.edu", "mit.edu"]).code == code


def test_the_wrong_domain_page_names_only_the_rule_above_a_subdomain() -> None:
    case = why_not("mail.harvard.edu", ["mit.edu", "harvard.edu"])
    assert case.params == {"domain": "mail.harvard.edu", "domains": ("harvard.edu",)}


def test_the_wrong_domain_page_names_what_was_meant_and_all_that_is_open() -> None:
    case = why_not("hravard.edu", ["mit.edu", "harvard.edu"])
    assert case.params["closest"] == "harvard.edu"
    assert case.params["domains"] == ("harvard.edu", "mit.edu")
    assert SENTENCES[case.code] % case.params == "Did you mean harvard.edu?"


def test_hidden_rules_are_given_away_by_no_case() -> None:
    for domain in ("hravard.edu", "mail.harvard.edu", "gmail.com"):
        assert why_not(domain, ["harvard.edu"], hidden=True).params == {"domain": domain}


def test_the_two_sections_of_the_suffix_list_are_told_apart() -> None:
    assert suffixes(icann=True).is_public("co.uk")
    assert not suffixes(icann=True).is_public("github.io")
    assert suffixes(icann=False).is_public("github.io")
