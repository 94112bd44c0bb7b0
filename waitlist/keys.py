"""Keys that products ask with, and the one-time codes that new members carry into a product.

A key reads `wl_sk_` (secret: servers) or `wl_pk_` (public: browsers) and 42 symbols, the last six of which are a
checksum: a slip or a made-up key is refused before any look-up, and secret scanners find it by
`wl_[sp]k_[0-9A-Za-z]{42}`. Only a peppered hash and the last four symbols are kept.
"""

import hashlib
import hmac
import re
import secrets
import string
import zlib

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
PREFIXES = {"secret": "wl_sk_", "public": "wl_pk_"}
SYMBOLS, CHECK = 36, 6  # 214 bits, and a CRC-32 in base 62
SCOPES = (
    "entries:read",
    "entries:write",
    "invites:read",
    "invites:write",
    "waves:release",
    "rules:write",
    "audit:read",
    "flags:read",
    "signals:write",
)
_FACT = re.compile(r"fact:[a-z][a-z0-9_]{0,62}")
_KEY = re.compile(r"wl_[sp]k_[0-9A-Za-z]{42}")
HANDOFF_PREFIX = "wlc_"


class BadKey(ValueError):
    """Not a key of ours: wrong form, or a failed checksum."""


def make(kind: str) -> str:
    """A new key; `kind` is secret or public. It is shown once and not kept."""
    text = PREFIXES[kind] + "".join(secrets.choice(ALPHABET) for _ in range(SYMBOLS))
    return text + _checksum(text)


def read(text: str) -> str:
    """The key as it was made; raises BadKey before any look-up."""
    if not _KEY.fullmatch(text) or not hmac.compare_digest(_checksum(text[:-CHECK]), text[-CHECK:]):
        raise BadKey
    return text


def key_hash(pepper: bytes, text: str) -> str:
    """What the database keeps of a key, and finds it by: useless without the pepper."""
    return hmac.new(pepper, b"api-key\x1f" + text.encode(), hashlib.sha256).hexdigest()


def end(text: str) -> str:
    """The last four symbols, for lists."""
    return text[-4:]


def is_scope(text: str) -> bool:
    """Whether a key may have this scope; `fact:country` lets a server's word for that fact count as our own."""
    return text in SCOPES or _FACT.fullmatch(text) is not None


def covers(scopes: list[str], wanted: str) -> bool:
    """Whether a key with these scopes may do what `wanted` names; writing includes reading the same noun."""
    noun, _, deed = wanted.partition(":")
    return wanted in scopes or (deed == "read" and f"{noun}:write" in scopes)


def random_handoff() -> str:
    """The text of a `wl_code`: works once, for five minutes."""
    return HANDOFF_PREFIX + secrets.token_urlsafe(32)


def handoff_hash(pepper: bytes, text: str) -> str:
    """What the database keeps of a `wl_code`."""
    return hmac.new(pepper, b"handoff\x1f" + text.encode(), hashlib.sha256).hexdigest()


def _checksum(text: str) -> str:
    number = zlib.crc32(text.encode())
    symbols = ""
    for _ in range(CHECK):
        number, place = divmod(number, len(ALPHABET))
        symbols = ALPHABET[place] + symbols
    return symbols
