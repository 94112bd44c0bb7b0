"""What one running app carries besides its database: settings, secrets and signers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import urlsplit

from flask import current_app

from waitlist import addresses
from waitlist.authenticators import Authenticators
from waitlist.config import Settings
from waitlist.secret_files import Secrets
from waitlist.stationery import Stationery
from waitlist.tokens import Tokens


@dataclass(frozen=True)
class Runtime:
    """Made once by create_app; doors and commands reach it with `runtime()`."""

    settings: Settings
    secrets: Secrets
    tokens: Tokens
    sources: Mapping[str, str] = field(default_factory=dict)  # where each setting's value comes from

    @property
    def codes_key(self) -> bytes:
        """What typed codes and six-digit codes are derived with."""
        return self.secrets.subkey("codes")

    @property
    def sealing_key(self) -> bytes:
        """What rendered mails are encrypted with at rest."""
        return self.secrets.subkey("sealing")

    @property
    def stationery(self) -> Stationery:
        """What every mail is written on."""
        return Stationery(
            base_url=self.settings.base_url,
            mail_from=self.settings.mail_from,
            tokens=self.tokens,
            codes_key=self.codes_key,
            sealing_key=self.sealing_key,
            news_from=self.settings.news_from,
        )

    @property
    def authenticators(self) -> Authenticators:
        """What checks the digits of admins' apps."""
        host = urlsplit(self.settings.base_url).hostname
        return Authenticators(self.secrets.subkey("authenticators"), f"Waitlist {host}")

    def abuse_key(self, address: addresses.Address) -> str:
        """The hash of the folded mailbox: one mailbox, one credit, one limit."""
        return addresses.abuse_key(address.mailbox, self.secrets.pepper)


def runtime() -> Runtime:
    """The running app's; raises RuntimeError outside an app context."""
    return cast(Runtime, current_app.extensions["waitlist"])
