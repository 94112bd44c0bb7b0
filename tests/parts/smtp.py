"""A real SMTP server that keeps the exact bytes of every mail, and can refuse, hang and hang up like a bad day."""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.parts.redis import free_port


@dataclass(frozen=True)
class Caught:
    """One accepted mail: its envelope and every byte after DATA, dots undone."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return cast(EmailMessage, email.message_from_bytes(self.raw, policy=default))

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """The plain part."""
        part = self.message.get_body(("plain",))
        return "" if part is None else str(part.get_content())

    @property
    def html(self) -> str:
        part = self.message.get_body(("html",))
        return "" if part is None else str(part.get_content())


@dataclass
class Catcher:
    """What the server does and has caught. Set a switch, and the next mail meets it.

    `at_rcpt` and `at_data` are answers such as "550 5.1.1 No such user" or "451 Later"; `only` limits them to one
    address. `silent` says nothing after the connection is open; `hang_up` accepts DATA and closes without an answer.
    """

    host: str = "127.0.0.1"
    port: int = 0
    caught: list[Caught] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    at_rcpt: str | None = None
    at_data: str | None = None
    only: str | None = None
    silent: bool = False
    hang_up: bool = False
    _controller: Any = None

    @property
    def url(self) -> str:
        return f"smtp://{self.host}:{self.port}"

    def to(self, address: str) -> list[Caught]:
        """The mails that reached one address, oldest first."""
        return [mail for mail in self.caught if address in mail.recipients]

    def clear(self) -> None:
        """An empty server on a good day."""
        self.caught.clear()
        self.refused.clear()
        self.at_rcpt = self.at_data = self.only = None
        self.silent = self.hang_up = False

    async def handle_RCPT(  # noqa: N802 - the name that aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.at_rcpt is not None and self.only in (None, address):
            self.refused.append(address)
            return self.at_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.at_data is not None and self.only in (None, *envelope.rcpt_tos):
            self.refused.extend(envelope.rcpt_tos)
            return self.at_data
        self.caught.append(Caught(envelope.mail_from or "", tuple(envelope.rcpt_tos), bytes(envelope.content or b"")))
        if self.hang_up and server.transport is not None:
            server.transport.close()
        return "250 OK"


class _Server(SMTP):
    """Says nothing at all while the catcher is silent."""

    async def _handle_client(self) -> None:
        catcher = cast(Catcher, self.event_handler)
        try:
            while catcher.silent:
                await asyncio.sleep(0.02)
        except asyncio.CancelledError:  # the client gave up
            if self.transport is not None:
                self.transport.close()
            raise
        await super()._handle_client()


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)

    def _trigger_server(self) -> None:
        """Only looks whether the port is open: the client of the library's own trial trusts no certificate of ours."""
        with socket.create_connection((self.hostname, self.port), timeout=10):
            pass


def start(certificate: ssl.SSLContext | None = None, *, implicit: bool = False) -> Catcher:
    """A running server on a free port; with a certificate it offers STARTTLS, or is encrypted from the first byte."""
    catcher = Catcher()
    words = {} if certificate is None else {"ssl_context" if implicit else "tls_context": certificate}
    controller = _Controller(catcher, hostname=catcher.host, port=free_port(), **words)
    controller.start()
    catcher.port = controller.port
    catcher._controller = controller
    return catcher


def stop(catcher: Catcher) -> None:
    catcher.silent = False
    catcher._controller.stop()
