"""The mailer against real servers: who is trusted, how long it waits, and what an answer means."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask import Flask

from tests.parts import smtp as mail_servers
from tests.parts.certificates import certificate
from tests.parts.smtp import Catcher
from waitlist.config import BadSetting, Settings, read_settings
from waitlist.mailer import Answer, Mailer, Verdict, init_mailer
from waitlist.stationery import Stationery
from waitlist.tokens import Tokens

PAPER = Stationery("https://join.example", "Mail <mail@join.example>", Tokens([b"key"]), b"c" * 32, b"s" * 32)
MAIL = b"Subject: Hello\r\n\r\n.A line that begins with a dot\r\n"


@contextmanager
def mailer(url: str, patience: float = 2.0) -> Iterator[Mailer]:
    app = Flask(__name__)
    settings = settings_for(url, patience)
    init_mailer(app, settings)
    with app.app_context():
        made = Mailer(app, settings, PAPER)
        yield made
        made.close()


def settings_for(url: str | None, patience: float = 2.0) -> Settings:
    environ = {"WAITLIST_SMTP_TIMEOUT": str(patience)} | ({"WAITLIST_SMTP_URL": url} if url else {})
    return read_settings(environ, Path("/nowhere"))


@contextmanager
def talking(*lines: bytes, then_wait: float = 0) -> Iterator[str]:
    """A server that says these lines, one for each line it hears, and then nothing (or goodbye)."""
    server = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def talk() -> None:
        while not done.is_set():
            try:
                client, _ = server.accept()
            except OSError:
                return
            with client, client.makefile("rb") as heard:
                for line in lines:
                    client.sendall(line)
                    heard.readline()
                done.wait(then_wait)

    thread = threading.Thread(target=talk)
    thread.start()
    yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
    done.set()
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


def test_a_mail_is_handed_over_as_it_is(smtp: Catcher) -> None:
    with mailer(smtp.url) as relay:
        assert relay.deliver("ada@college.edu", MAIL) == Answer(Verdict.ACCEPTED)
        assert relay.deliver("o'neil+x@college.edu", MAIL) == Answer(Verdict.ACCEPTED)
    assert [mail.recipients for mail in smtp.caught] == [("ada@college.edu",), ("o'neil+x@college.edu",)]
    assert {mail.raw for mail in smtp.caught} == {MAIL}
    assert {mail.sender for mail in smtp.caught} == {"mail@join.example"}


def test_one_connection_carries_many_mails_and_a_lost_one_is_opened_again(smtp: Catcher) -> None:
    with mailer(smtp.url) as relay:
        relay.deliver("ada@college.edu", MAIL)
        kept = relay._connection
        assert relay.open() is None
        assert relay._connection is kept
        assert kept is not None
        kept.punctual.sock.shutdown(socket.SHUT_RDWR)  # as a relay does with an idle client
        assert relay.deliver("bob@college.edu", MAIL).verdict is Verdict.ACCEPTED
        assert relay._connection is not kept
    assert len(smtp.caught) == 2


def test_a_connection_that_idled_long_is_not_trusted(smtp: Catcher, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waitlist.mailer.IDLE", 0.0)
    with mailer(smtp.url) as relay:
        relay.deliver("ada@college.edu", MAIL)
        kept = relay._connection
        relay.deliver("ada@college.edu", MAIL)
        assert relay._connection is not kept


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
def test_a_relay_that_proves_who_it_is_gets_the_mail_encrypted(
    scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    catcher = mail_servers.start(context, implicit=scheme == "smtps")
    try:
        with mailer(f"{scheme}://127.0.0.1:{catcher.port}") as relay:
            assert relay.deliver("ada@college.edu", MAIL).verdict is Verdict.ACCEPTED
    finally:
        mail_servers.stop(catcher)
    assert len(catcher.caught) == 1


@pytest.mark.parametrize("scheme", ["smtp+starttls", "smtps"])
@pytest.mark.parametrize(("names", "known"), [("127.0.0.1", False), ("127.0.0.9", True)])
def test_a_relay_with_a_bad_certificate_gets_nothing(
    scheme: str, names: str, known: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, trusted = certificate(tmp_path, names)
    if known:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    catcher = mail_servers.start(context, implicit=scheme == "smtps")
    try:
        with mailer(f"{scheme}://127.0.0.1:{catcher.port}") as relay:
            answer = relay.deliver("ada@college.edu", MAIL)
    finally:
        mail_servers.stop(catcher)
    assert answer.verdict is Verdict.UNREACHABLE
    assert "certificate verify failed" in answer.words.lower()
    assert catcher.caught == []


def test_a_relay_without_starttls_gets_nothing_in_the_clear(smtp: Catcher) -> None:
    with mailer(f"smtp+starttls://127.0.0.1:{smtp.port}") as relay:
        answer = relay.deliver("ada@college.edu", MAIL)
    assert answer.verdict is Verdict.UNREACHABLE
    assert "STARTTLS" in answer.words
    assert smtp.caught == []


def test_a_relay_that_does_not_know_our_password_gets_nothing(smtp: Catcher) -> None:
    with mailer(f"smtp://us%40here:wrong@127.0.0.1:{smtp.port}") as relay:
        answer = relay.open()
    assert answer is not None
    assert answer.verdict is Verdict.UNREACHABLE
    assert "wrong" not in answer.words


def test_a_relay_that_is_not_there_is_unreachable() -> None:
    with mailer("smtp://127.0.0.1:1") as relay:
        assert relay.deliver("ada@college.edu", MAIL).verdict is Verdict.UNREACHABLE


def test_a_silent_relay_is_given_up_in_time() -> None:
    with talking(then_wait=3) as url, mailer(url, patience=0.3) as relay:
        begun = time.monotonic()
        assert relay.deliver("ada@college.edu", MAIL).verdict is Verdict.UNREACHABLE
        assert time.monotonic() - begun < 1.5


def test_a_relay_that_answers_ever_more_slowly_is_given_up_in_time_too() -> None:
    with mail_server_that_dawdles(0.15) as url, mailer(url, patience=0.5) as relay:
        begun = time.monotonic()
        answer = relay.deliver("ada@college.edu", MAIL)
        assert answer.verdict in (Verdict.UNREACHABLE, Verdict.LATER)
        assert time.monotonic() - begun < 1.5


@contextmanager
def mail_server_that_dawdles(pause: float) -> Iterator[str]:
    server = socket.create_server(("127.0.0.1", 0))

    def talk() -> None:
        client, _ = server.accept()
        with client, client.makefile("rb") as heard:
            client.sendall(b"220 hello\r\n")
            while heard.readline():
                time.sleep(pause)
                try:
                    client.sendall(b"250 fine\r\n")
                except OSError:
                    return

    thread = threading.Thread(target=talk)
    thread.start()
    yield f"smtp://127.0.0.1:{server.getsockname()[1]}"
    server.close()
    thread.join()


def test_a_sender_that_the_relay_refuses_is_the_relays_trouble() -> None:
    lines = (b"220 hello\r\n", b"250 fine\r\n", b"550 5.7.1 Who are you\r\n", b"250 reset\r\n")
    with talking(*lines) as url, mailer(url) as relay:
        answer = relay.deliver("ada@college.edu", MAIL)
    assert answer == Answer(Verdict.UNREACHABLE, "550 5.7.1 Who are you")


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ("550 5.1.1 No such user", Answer(Verdict.REFUSED, "550 5.1.1 No such user", of_mailbox=True)),
        ("550 no such user", Answer(Verdict.REFUSED, "550 no such user", of_mailbox=True)),
        ("552 5.2.2 Full", Answer(Verdict.REFUSED, "552 5.2.2 Full", of_mailbox=True)),
        ("452 4.2.2 Full", Answer(Verdict.LATER, "452 4.2.2 Full", of_mailbox=True)),
        ("554 5.7.1 Relaying denied", Answer(Verdict.REFUSED, "554 5.7.1 Relaying denied")),
        ("450 4.7.1 Greylisted", Answer(Verdict.LATER, "450 4.7.1 Greylisted")),
        ("530 5.7.0 Sign in", Answer(Verdict.UNREACHABLE, "530 5.7.0 Sign in")),
        ("421 4.3.2 Going down", Answer(Verdict.UNREACHABLE, "421 4.3.2 Going down")),
    ],
)
def test_what_is_said_at_the_recipient_is_told_apart(smtp: Catcher, said: str, answer: Answer) -> None:
    smtp.at_rcpt = said
    with mailer(smtp.url) as relay:
        assert relay.deliver("ada@college.edu", MAIL) == answer


@pytest.mark.parametrize(
    ("said", "verdict"),
    [("554 5.6.0 No", Verdict.REFUSED), ("451 Later", Verdict.LATER), ("421 Going down", Verdict.UNREACHABLE)],
)
def test_what_is_said_at_the_text_never_blames_the_mailbox(smtp: Catcher, said: str, verdict: Verdict) -> None:
    smtp.at_data = said
    with mailer(smtp.url) as relay:
        assert relay.deliver("ada@college.edu", MAIL) == Answer(verdict, said)
        smtp.clear()
        assert relay.deliver("ada@college.edu", MAIL).verdict is Verdict.ACCEPTED


def test_a_relay_without_utf8_cannot_reach_a_mailbox_outside_ascii() -> None:
    lines = (b"220 hello\r\n", b"250 fine\r\n", b"250 bye\r\n")
    with talking(*lines) as url, mailer(url) as relay:
        answer = relay.deliver("zoë@college.edu", MAIL)
    assert answer == Answer(Verdict.REFUSED, "The relay takes no addresses outside ASCII.")


@pytest.mark.parametrize("url", ["smtp://", "http://relay.example", "relay.example:25", "smtp+tls://relay.example"])
def test_a_relay_that_cannot_be_understood_stops_the_start(url: str) -> None:
    with pytest.raises(BadSetting, match=r"WAITLIST_SMTP_URL: needs smtp://HOST"):
        settings_for(url)


def test_a_lease_shorter_than_a_try_stops_the_start() -> None:
    with pytest.raises(BadSetting, match=r"WAITLIST_LEASE_SECONDS: needs more than WAITLIST_SMTP_TIMEOUT"):
        settings_for(None, patience=60)


@pytest.mark.parametrize("sender", ["nobody", "Mail <nobody>", "Mail\r\nBcc: x <mail@x.org>", "Mail <a@b> more"])
def test_a_sender_without_an_address_stops_the_start(sender: str) -> None:
    with pytest.raises(BadSetting, match="WAITLIST_MAIL_FROM: needs Name"):
        read_settings({"WAITLIST_MAIL_FROM": sender}, Path("/nowhere"))
