"""The bytes of a mail: headers nobody can break, text first, and nothing that runs."""

from __future__ import annotations

import dataclasses
import email
from datetime import UTC, datetime
from email.policy import SMTP

import pytest

from waitlist.letters import LETTERS, Letter
from waitlist.rendering import Written, compose, render, write
from waitlist.stationery import Stationery
from waitlist.tokens import Tokens
from waitlist.words import Words

PAPER = Stationery("https://join.example", "Mail & Co <mail@join.example>", Tokens([b"key"]), b"c" * 32, b"s" * 32)
LETTER = Letter(
    kind=LETTERS["test"],
    public_id="msg_1",
    message_id="abc123",
    to_address="ada@college.edu",
    language="en",
    date=datetime(2026, 3, 4, 16, 0, tzinfo=UTC),
    sender_name="Campus",
    reply_to="help@college.edu",
    facts={
        "name": "",
        "reason": "test",
        "waitlist": "Campus",
        "contact": None,
        "choices_url": None,
        "accent": "#3442c8",
    },
)
WORDS = Written("Hello", "Text\n", "<p>HTML</p>")


def changed(**fields: object) -> Letter:
    return dataclasses.replace(LETTER, **fields)


@pytest.mark.parametrize("bad", ["a\r\nBcc: eve@x.org", "a\nb", "a\rb"])
def test_a_line_break_in_any_header_is_refused(bad: str) -> None:
    for letter in (changed(sender_name=bad), changed(reply_to=bad), changed(to_address=bad), changed(language=bad)):
        with pytest.raises(ValueError, match=r"CR|linefeed|newline|parse|line"):
            compose(letter, WORDS, PAPER)
    for letter in (
        changed(public_id=bad),
        changed(message_id=bad),
        changed(kind=dataclasses.replace(LETTER.kind, name=bad)),
    ):
        with pytest.raises(ValueError, match=r"CR|linefeed|newline|parse|line"):
            compose(letter, WORDS, PAPER)
    with pytest.raises(ValueError, match="linefeed"):
        compose(LETTER, dataclasses.replace(WORDS, subject=bad), PAPER)


def test_a_line_break_in_the_unsubscribe_address_is_refused() -> None:
    bad = changed(kind=LETTERS["invite"], unsubscribe_url="https://join.example/u/x\r\nBcc: eve@x.org")
    with pytest.raises(ValueError, match="linefeed"):
        compose(bad, WORDS, PAPER)


def test_a_mail_has_the_headers_that_every_mail_must_have() -> None:
    raw = render(LETTER, PAPER)
    assert b"\n" not in raw.replace(b"\r\n", b"")
    mail = email.message_from_bytes(raw, policy=SMTP)
    assert dict(mail.items()) == {
        "MIME-Version": "1.0",
        "Content-Type": 'multipart/alternative; boundary="=_abc123"',
        "From": "Campus <mail@join.example>",
        "To": "ada@college.edu",
        "Reply-To": "help@college.edu",
        "Subject": "A test from your waitlist service",
        "Date": "Wed, 04 Mar 2026 16:00:00 +0000",
        "Message-ID": "<abc123@join.example>",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "en",
        "X-Waitlist-Template": "test/1",
        "X-Waitlist-Message": "msg_1",
    }
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]


def test_a_long_unsubscribe_address_is_never_broken_or_encoded() -> None:
    url = "https://join.example/u/" + "x" * 300
    raw = compose(changed(kind=LETTERS["invite"], unsubscribe_url=url), WORDS, PAPER)
    assert f"List-Unsubscribe: <{url}>,\r\n <mailto:help@college.edu?subject=unsubscribe>\r\n".encode() in raw


def test_a_mailbox_outside_ascii_gets_its_header_in_utf8() -> None:
    raw = render(changed(to_address="zoë@college.edu"), PAPER)
    assert "\r\nTo: zoë@college.edu\r\n".encode() in raw


def test_a_launch_in_any_script_is_the_sender() -> None:
    raw = render(changed(sender_name="Université d’Été, “campus”"), PAPER)
    assert raw.isascii()
    mail = email.message_from_bytes(raw, policy=SMTP)
    assert mail["From"].addresses[0].display_name == "Université d’Été, “campus”"


def test_a_language_we_do_not_speak_is_answered_in_english() -> None:
    assert write(changed(language="tlh")).subject == "A test from your waitlist service"
    assert write(changed(language="fr")).subject == "Un essai de votre service de liste d’attente"


def test_styles_stand_on_their_elements_and_only_the_rules_for_phones_and_the_dark_stay_apart() -> None:
    html = write(LETTER).html
    head = html.partition("</style>")[0]
    assert "@media (prefers-color-scheme: dark)" in head
    assert "@media (max-width: 480px)" in head
    assert ".foot p" not in html
    assert '<td class="card" style="' in html
    assert "<img" not in html
    assert "<link" not in html


def test_the_text_keeps_its_lines_short_and_its_addresses_whole() -> None:
    link = "https://join.example/c/" + "y" * 120
    facts = LETTER.facts | {"contact": "help@college.edu", "choices_url": link, "name": "A" * 90}
    text = write(changed(facts=facts)).text
    assert link in text.splitlines()
    assert "\n\n\n" not in text
    assert all(len(line) <= 76 for line in text.splitlines() if line != link and "AAA" not in line)


def test_digests_come_from_a_sender_of_their_own_and_name_their_list() -> None:
    paper = dataclasses.replace(PAPER, news_from="News <news@letters.example>")
    digest = changed(kind=LETTERS["place_digest"], list_id="Université d’Été <campus.join.example>")
    mail = email.message_from_bytes(compose(digest, WORDS, paper), policy=SMTP)
    assert mail["From"].addresses[0].addr_spec == "news@letters.example"
    assert mail["Message-ID"] == "<abc123@letters.example>"
    assert str(mail["List-Id"]) == "Université d’Été <campus.join.example>"
    plain = email.message_from_bytes(compose(LETTER, WORDS, paper), policy=SMTP)
    assert (plain["From"].addresses[0].addr_spec, plain["List-Id"]) == ("mail@join.example", None)
    unset = email.message_from_bytes(compose(digest, WORDS, PAPER), policy=SMTP)
    assert unset["From"].addresses[0].addr_spec == "mail@join.example"
    with pytest.raises(ValueError, match="linefeed"):
        compose(changed(list_id="a\r\nBcc: eve@x.org"), WORDS, PAPER)


def test_own_words_for_a_mail_that_has_none_leave_it_as_it_is() -> None:
    assert write(changed(words=Words("Mine"))) == write(LETTER)
