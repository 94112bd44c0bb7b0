"""Authenticators: six digits from an app, and the codes for the day when its device is lost (Flask-Security's own).

The secret is encrypted at rest with a key of this installation; recovery codes are kept as peppered hashes.
"""

import hashlib
import hmac
from typing import Any

from flask_security import Totp, UserMixin

WINDOW = 30  # seconds that a clock may be off, either way
CODES = 10  # recovery codes of one admin


class _Match(UserMixin):
    """Where the library leaves which digits they were."""

    counter: int | None = None


class _Counting(Totp):
    def set_last_counter(self, user: UserMixin, tmatch: Any) -> None:
        assert isinstance(user, _Match), "nobody else asks"
        user.counter = tmatch.counter


class Authenticators:
    """Those of one installation; `key` encrypts their secrets, `issuer` is what an app shows beside the digits."""

    def __init__(self, key: bytes, issuer: str) -> None:
        self._totp = _Counting({"1": key.hex()}, issuer)
        self._key = key

    def new_secret(self) -> str:
        """A secret as it is kept: encrypted."""
        return str(self._totp.generate_totp_secret())

    def matched(self, typed: str, secret: str) -> int | None:
        """The count of the half minute whose digits these are, now or just before or after; None for wrong ones."""
        digits, match = "".join(typed.split()), _Match()
        if len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
            return None
        return match.counter if self._totp.verify_totp(digits, secret, match, WINDOW) else None

    def uri(self, secret: str, email: str) -> str:
        """What the QR code says."""
        return str(self._totp.get_totp_uri(email, secret))

    def spelled(self, secret: str) -> str:
        """The secret in groups, for whoever types it."""
        return str(self._totp.get_totp_pretty_key(secret))

    def new_codes(self) -> list[str]:
        """Fresh recovery codes, "07a4-943a-f483"."""
        return list(self._totp.generate_recovery_codes(CODES))

    def code_hash(self, user_id: int, code: str) -> str:
        """What is kept of a recovery code, however it is typed."""
        plain = "".join(letter for letter in code.lower() if letter.isalnum())[:40]
        return hmac.digest(self._key, f"recovery\x1f{user_id}\x1f{plain}".encode(), hashlib.sha256).hex()
