"""The team's own words: what may stand in them, and what is refused before a mail could ever fail at it."""

from __future__ import annotations

import itertools
import re

import pytest

from waitlist import catalogues
from waitlist.first_words import first_words
from waitlist.sentences import SENTENCES
from waitlist.variables import EDITED, variables_of
from waitlist.words import Words, faults

INVITE = variables_of("invite")
NEEDED = "{{ accept_url }} {{ until }}"


def codes(words: Words, kind: str = "invite") -> list[tuple[str, str]]:
    found = faults(words, variables_of(kind))
    assert {fault.code for fault in found} <= SENTENCES.keys()
    assert all(SENTENCES[fault.code] % fault.params for fault in found)
    return [(fault.part, fault.code) for fault in found]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("", "words_empty"),
        ("{{ config }}", "words_unknown"),
        ("{{ accept_url.__class__ }}", "words_not_a_name"),
        ("{{ name|safe }}", "words_not_a_name"),
        ("{{ 7 * 7 }}", "words_not_a_name"),
        ("{% for a in name %}{{ a }}{% endfor %}", "words_not_a_name"),
        ("{# a comment #}", "words_not_a_name"),
        ("{{ until", "words_not_a_name"),
        ("until }}", "words_not_a_name"),
        ("{{{{ until }}}}", "words_not_a_name"),
        ("Come in until {{ until }}.", "words_needed"),
        ("[Come in](/i/{{ accept_url }}) {{ until }}", "words_bad_link"),
        (f"[Come in](https://evil.example/?t={{{{accept_url}}}}) {NEEDED}", "words_bad_link"),
        (f"[Come in]({{{{ until }}}}) {NEEDED}", "words_bad_link"),
        (f"[Come in](ftp://x.example) {NEEDED}", "words_bad_link"),
        ("{{ accept_url }} by the code {{ code }}\n\n{{ until }}", "words_may_vanish"),
        ("- {{ accept_url }} {{ name }}\n\n{{ until }}", "words_may_vanish"),
        (NEEDED + "x" * 10_000, "words_too_long"),
    ],
)
def test_words_that_could_fail_or_leave_out_what_the_mail_is_for_are_refused(body: str, code: str) -> None:
    assert codes(Words(body)) == [("body", code)]


@pytest.mark.parametrize(
    "body",
    [
        NEEDED,
        "[Come in]({{ accept_url }})\n\n{{until}}",
        f"{NEEDED} {{ config }} <script>alert(1)</script> ![x](https://x.example/x.png)",
        f"{NEEDED} [site](https://college.edu) [us](mailto:help@college.edu)",
        f"Hello {{{{ name }}}}\n\n{NEEDED} {{{{ gives_sentence }}}}",
    ],
)
def test_words_with_names_alone_are_taken(body: str) -> None:
    assert codes(Words(body)) == []


def test_one_line_holds_only_what_is_always_there() -> None:
    words = Words(NEEDED, subject="For {{ name }}", preheader="{{ accept_url }}", text="Come in")
    assert codes(words) == [
        ("subject", "words_may_be_empty"),
        ("preheader", "words_no_line"),
        ("text", "words_needed"),
    ]
    assert codes(Words(NEEDED, subject="x" * 201)) == [("subject", "words_too_long")]
    assert codes(Words(NEEDED, subject="{{ nobody }}")) == [("subject", "words_unknown")]
    assert codes(Words(NEEDED, subject="{{ waitlist }}, until {{ until }}", text=NEEDED)) == []


def test_the_services_own_words_are_words_that_may_be_saved() -> None:
    for kind, language in itertools.product(EDITED, catalogues.locales()):
        words = first_words(kind, language)
        assert codes(words, kind) == [], kind
        assert not re.search(r"%\(|None|_Named", words.body + words.subject), kind
