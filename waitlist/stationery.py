"""Stationery: what every letter of an installation shares. Links are derived from their row, never stored."""

from dataclasses import dataclass
from email.utils import parseaddr

from waitlist import codes
from waitlist.tokens import Purpose, Tokens

PATHS = {
    Purpose.CONFIRM: "/c/{token}",
    Purpose.STATUS: "/s/{token}",
    Purpose.INVITE_MAILED: "/i/{token}",
    Purpose.INVITE_SHOWN: "/i/{token}",
    Purpose.WELCOME: "/welcome/{token}",
    Purpose.CHOICES: "/u/{token}",
    Purpose.SIGN_IN: "/w/{slug}/me/sign-in/{token}",
    Purpose.CHANGE: "/v/{token}",
    Purpose.UNDO_CHANGE: "/v/undo/{token}",
    Purpose.PROOF: "/proof/{token}",
    Purpose.ASK: "/ask/{token}",
    Purpose.APPOINT: "/admin/join/{token}",
    Purpose.DATA: "/data/{token}",
}


@dataclass(frozen=True)
class Stationery:
    """The sender, the address of the service, and the keys that links, codes and envelopes are made with."""

    base_url: str
    mail_from: str  # Name <address>
    tokens: Tokens
    codes_key: bytes
    sealing_key: bytes
    news_from: str | None = None  # the other sender: what people subscribed to and may leave by itself

    @property
    def sender(self) -> tuple[str, str]:
        """The operator's name and address."""
        return parseaddr(self.mail_from)

    @property
    def news_sender(self) -> tuple[str, str]:
        """The same for digests and news."""
        return parseaddr(self.news_from or self.mail_from)

    def page(self, path: str) -> str:
        """The absolute address of a page."""
        return self.base_url + path

    def link(self, purpose: Purpose, launch: str, row: str, version: int = 1, *, slug: str = "") -> str:
        """The absolute address that names this row in this version."""
        token = self.tokens.sign(purpose, launch, row, version)
        return self.page(PATHS[purpose].format(token=token, slug=slug))

    def typed_code(self, slug: str, row: str, version: int) -> str:
        """The code of an invite as people type it, "CAMPUS-7K2P-M9QX-4TB8-WZ"."""
        return codes.show_code(slug[: codes.PREFIX_LIMIT], codes.derive_code(self.codes_key, row, version))

    def six_digits(self, row: str, version: int) -> str:
        """The code of an attempt in two groups, "418 207"."""
        digits = codes.six_digits(self.codes_key, row, version)
        return f"{digits[:3]} {digits[3:]}"
