"""The mailer: Flask-Mail, with a clock, checked certificates, one recipient at a time, and answers in four words.

Flask-Mail alone waits for ever for a silent relay and takes any certificate. Here a whole transaction has
`smtp_timeout` seconds, and what a relay said is told apart by whom it concerns: the mail, the mailbox or the relay.
"""

import re
import smtplib
import ssl
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import unquote, urlsplit

import flask_mail
from flask import Flask

from waitlist import failpoints
from waitlist.config import Settings
from waitlist.stationery import Stationery

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
IDLE = 20.0  # seconds after which a relay may have hung up, so a new connection is cheaper than finding out
LONGEST = 300  # characters kept of what a relay said
# The library reads a recipient like a header, and would find somebody in nearly anything.
_MAILBOX = re.compile(r"[^\s<>@\x00-\x1f\x7f]+@[^\s<>@\x00-\x1f\x7f]+")
NOT_THE_MAILBOX = frozenset({530, 534, 535, 538})  # it wants us to sign in; the address is not to blame


class Verdict(StrEnum):
    """What became of one mail."""

    ACCEPTED = "accepted"
    LATER = "later"  # this mail, or this mailbox, was deferred
    REFUSED = "refused"  # for good
    UNREACHABLE = "unreachable"  # nothing was said about this mail: the relay is away, or takes none from us


@dataclass(frozen=True)
class Answer:
    """The verdict and the relay's words; `of_mailbox` when they concern the address rather than the mail."""

    verdict: Verdict
    words: str = ""
    of_mailbox: bool = False


def init_mailer(app: Flask, settings: Settings) -> None:
    """Tell Flask-Mail about the relay; without one, mails wait in the outbox."""
    relay = urlsplit(settings.smtp_url or "smtp://localhost")
    app.config.update(
        MAIL_SERVER=relay.hostname or "localhost",
        MAIL_PORT=relay.port or PORTS[relay.scheme],
        MAIL_USERNAME=unquote(relay.username) if relay.username else None,
        MAIL_PASSWORD=unquote(relay.password) if relay.password else None,
        MAIL_USE_TLS=relay.scheme == "smtp+starttls",
        MAIL_USE_SSL=relay.scheme == "smtps",
        MAIL_SUPPRESS_SEND=False,
        MAIL_DEFAULT_SENDER=settings.mail_from,
    )
    flask_mail.Mail(app)


class Mailer:
    """One connection to the relay, opened when first needed and used again. Not for two threads at once."""

    def __init__(self, app: Flask, settings: Settings, stationery: Stationery) -> None:
        self._state = app.extensions["mail"]
        self._patience = settings.smtp_timeout
        self._sender = stationery.sender[1]
        self._connection: _Connection | None = None
        self._used_at = 0.0

    def open(self, until: float | None = None) -> Answer | None:
        """Make sure that the relay is there; None when it is, else what is wrong. `until` is a monotonic moment."""
        if self._connection is not None and time.monotonic() - self._used_at < IDLE:
            return None
        self.close()
        until = until or time.monotonic() + self._patience
        connection = _Connection(self._state, until, self._sender.rpartition("@")[2])
        try:
            self._connection = connection.__enter__()
        except (OSError, smtplib.SMTPException) as error:
            return Answer(Verdict.UNREACHABLE, _words(error))
        self._used_at = time.monotonic()
        return None

    def deliver(self, recipient: str, content: bytes) -> Answer:
        """Hand one mail to the relay, as it is, for one recipient, within the patience that is set."""
        if not _MAILBOX.fullmatch(recipient):
            return Answer(Verdict.REFUSED, "This is no address: it holds a space, a line break or a bracket.")
        until = time.monotonic() + self._patience
        kept = self._connection is not None
        answer = self.open(until) or self._transact(recipient, content, until)
        if answer.verdict is Verdict.UNREACHABLE and kept and not self._alive():
            self.close()  # a kept connection that the relay closed meanwhile says nothing about the relay
            answer = self.open(until) or self._transact(recipient, content, until)
        if answer.verdict is Verdict.UNREACHABLE or not self._alive():
            self.close()
        return answer

    def close(self) -> None:
        """Say goodbye, if the relay still listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _transact(self, recipient: str, content: bytes, until: float) -> Answer:
        connection = self._connection
        assert connection is not None, "opened before"
        host = connection.punctual
        host.hurry(until)
        utf8 = [] if recipient.isascii() else ["SMTPUTF8"]
        exact = _Exact(content, sender=self._sender, recipients=[recipient], mail_options=utf8)
        try:
            connection.send(exact, envelope_from=self._sender)
        except smtplib.SMTPRecipientsRefused as refusal:
            return _about_recipient(*next(iter(refusal.recipients.values())))
        except smtplib.SMTPDataError as refusal:
            return Answer(_verdict(refusal.smtp_code), _words(refusal))
        except (smtplib.SMTPNotSupportedError, UnicodeError):
            return Answer(Verdict.REFUSED, "The relay takes no addresses outside ASCII.")
        except (OSError, smtplib.SMTPException) as error:
            # After DATA nobody knows whether the mail was taken: it is sent again with the same bytes.
            return Answer(Verdict.LATER if host.began else Verdict.UNREACHABLE, _words(error))
        self._used_at = time.monotonic()
        failpoints.reached("mail.after_data")
        return Answer(Verdict.ACCEPTED)

    def _alive(self) -> bool:
        return self._connection is not None and self._connection.punctual.sock is not None


class _Exact(flask_mail.Message):
    """A mail whose bytes are written already."""

    def __init__(self, content: bytes, **envelope: Any) -> None:
        super().__init__(**envelope)
        self._content = content

    def as_bytes(self) -> bytes:
        return self._content


class _Connection(flask_mail.Connection):
    """Flask-Mail's connection with a clock and checked certificates."""

    def __init__(self, state: Any, until: float, name: str) -> None:
        super().__init__(state)
        self._until = until
        self._name = name  # said in EHLO; the library would ask the DNS for one

    @property
    def punctual(self) -> "_Punctual":
        assert isinstance(self.host, _Punctual), "entered before"
        return self.host

    def send(self, message: flask_mail.Message, envelope_from: str | tuple[str, str] | None = None) -> None:
        # Flask-Mail's own encodes the recipient as a header, which no mailbox outside ASCII survives.
        self.punctual.sendmail(
            str(envelope_from), [str(to) for to in message.send_to], message.as_bytes(), message.mail_options
        )

    def configure_host(self) -> smtplib.SMTP:
        state, context = self.mail, ssl.create_default_context()
        where = (state.server, state.port, self._name, self._until)
        host = _PunctualOverTls(*where, context=context) if state.use_ssl else _Punctual(*where)
        try:
            if state.use_tls:
                host.starttls(context=context)
            if state.username and state.password:
                host.login(state.username, state.password)
        except (OSError, smtplib.SMTPException):
            host.close()
            raise
        return host

    def close(self) -> None:
        if self.host is not None:
            try:
                self.host.quit()
            except (OSError, smtplib.SMTPException):
                self.host.close()


class _Punctual(smtplib.SMTP):
    """An SMTP client whose whole transaction ends in time, however slowly the other side answers."""

    def __init__(self, host: str, port: int, name: str, until: float, **more: Any) -> None:
        self.hurry(until)
        left = max(until - time.monotonic(), 0.001)
        super().__init__(host, port, local_hostname=name, timeout=left, **more)

    def hurry(self, until: float) -> None:
        """Start a transaction that is over at this monotonic moment."""
        self.began = False
        self._until = until

    def send(self, s: Any) -> None:
        self._look_at_clock()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        self._look_at_clock()
        return super().getreply()

    def data(self, msg: Any) -> tuple[int, bytes]:
        self.began = True
        return super().data(msg)

    def _look_at_clock(self) -> None:
        left = self._until - time.monotonic()
        if left <= 0:
            self.close()
            raise TimeoutError("the relay took too long")
        if self.sock is not None:
            self.sock.settimeout(left)


class _PunctualOverTls(_Punctual, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


def _about_recipient(code: int, text: bytes) -> Answer:
    words = _sentence(code, text)
    if code == 421 or code in NOT_THE_MAILBOX:
        return Answer(Verdict.UNREACHABLE, words)
    # 5.7.x is a policy of the relay (it may not forward for us), not news of the mailbox.
    policy = re.match(rb"[45]\.7\.", text) is not None
    return Answer(_verdict(code), words, of_mailbox=not policy)


def _verdict(code: int) -> Verdict:
    if code == 421:
        return Verdict.UNREACHABLE
    return Verdict.REFUSED if code >= 500 else Verdict.LATER


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _sentence(error.smtp_code, error.smtp_error)
    return _short(str(error) or type(error).__name__)


def _sentence(code: int, text: bytes | str) -> str:
    return _short(f"{code} {text.decode('utf-8', 'replace') if isinstance(text, bytes) else text}")


def _short(text: str) -> str:
    return " ".join(text.split())[:LONGEST]
