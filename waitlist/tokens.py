"""Signed carriers: what stands in a mailed link. The row is the only authority; the carrier only names it.

One salt per purpose, so that a token of one kind is never one of another. A token is malleable text
(base 64 has padding bits): nothing may key on it, only on the row it names.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

LONGEST = 2_048  # characters; anything longer is refused before parsing


class Purpose(StrEnum):
    """The salts. A new kind of link is a new line here."""

    CONFIRM = "confirm"  # row: attempt
    STATUS = "status"  # row: entry
    INVITE_MAILED = "invite-mailed"  # row: invite; exists only in a rendered mail and proves the mailbox
    INVITE_SHOWN = "invite-shown"  # row: invite; copied, printed, scanned: proves nothing
    WELCOME = "welcome"  # row: admission
    CHOICES = "choices"  # row: mailbox choice (e-mail settings, unsubscribe)
    SIGN_IN = "sign-in"  # row: attempt
    CHANGE = "change"  # row: attempt (new address)
    UNDO_CHANGE = "undo-change"  # row: attempt (notice to the old address)
    PROOF = "proof"  # row: attempt (mailbox proof while redeeming)
    ASK = "ask"  # row: invite (somebody asks for a new one: decide)
    DATA = "data"  # row: data export
    CHECK_INBOX = "check-inbox"  # data: attempt and address, back only to who typed it
    FORM = "form"  # data: purpose, launch, time, nonce
    FIRST_TOUCH = "first-touch"  # cookie wl_ref
    LANGUAGE = "language"  # cookie wl_lang
    DEVICE = "device"  # cookie: this device proved a mailbox of this launch
    ADMIN_RESET = "admin-reset"
    APPOINT = "appoint"  # row: appointment (an offer of a role)
    SETUP = "setup"
    CHANNEL = "channel"  # data: launch, entry, time; opens an event stream that says nothing personal
    SUBJECT = "subject"  # row: entry; what a product's browser code asks with (`st_…`)
    SEE = "see"  # admin looks at a status page


class BadToken(ValueError):
    """Altered, of another purpose, or never ours."""


@dataclass(frozen=True)
class Carrier:
    """What a link names: a row of one launch, in one version. Both identifiers are public ones."""

    launch: str
    row: str
    version: int


class Tokens:
    """Signs with the newest key, reads with any; `keys` are ordered oldest first."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._serializers = {
            purpose: URLSafeSerializer(
                list(keys),
                salt=f"waitlist.{purpose}",
                signer_kwargs={"key_derivation": "hmac", "digest_method": sha256},
            )
            for purpose in Purpose
        }

    def sign(self, purpose: Purpose, launch: str, row: str, version: int = 1) -> str:
        """The carrier as URL-safe text; the same arguments and key give the same text."""
        return self.sign_data(purpose, [launch, row, version])

    def read(self, purpose: Purpose, token: str) -> Carrier:
        """The row a token names; raises BadToken."""
        data = self.read_data(purpose, token)
        match data:
            case [str(launch), str(row), int(version)]:
                return Carrier(launch, row, version)
        raise BadToken(purpose)

    def sign_data(self, purpose: Purpose, data: object) -> str:
        signed = self._serializers[purpose].dumps(data)
        return signed if isinstance(signed, str) else signed.decode()

    def read_data(self, purpose: Purpose, token: str) -> Any:
        """The signed JSON data; raises BadToken."""
        if len(token) > LONGEST:
            raise BadToken(purpose)
        try:
            return self._serializers[purpose].loads(token)
        except BadData as error:
            raise BadToken(purpose) from error
