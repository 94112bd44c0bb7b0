"""Envelopes: rendered mails and people's files at rest, encrypted and bound to their row."""

import secrets
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12  # bytes, before the text
PART = 1 << 20  # bytes of a file in one envelope


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


def close_file(key: bytes, public_id: str, file: BinaryIO) -> Iterator[bytes]:
    """The parts of a file, each packed and closed for its number."""
    number = 0
    while content := file.read(PART):
        yield close(key, f"{public_id}:{number}", zlib.compress(content, 1))
        number += 1


def read_part(key: bytes, public_id: str, number: int, closed: bytes) -> bytes:
    """One part as it was; raises Unreadable."""
    return zlib.decompress(read(key, f"{public_id}:{number}", closed))
