"""Envelopes: rendered mails at rest, encrypted and bound to their row."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12  # bytes, before the text


class Unreadable(ValueError):
    """Altered, of another row, or sealed by another installation's key."""


def close(key: bytes, public_id: str, content: bytes) -> bytes:
    """The content as only this key opens it again, and only for this row (AES-256-GCM)."""
    nonce = secrets.token_bytes(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, content, public_id.encode())


def read(key: bytes, public_id: str, closed: bytes) -> bytes:
    """The content that was closed; raises Unreadable."""
    try:
        return AESGCM(key).decrypt(closed[:NONCE], closed[NONCE:], public_id.encode())
    except (InvalidTag, ValueError) as error:
        raise Unreadable(public_id) from error
