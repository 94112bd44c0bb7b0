"""Membership tokens: a signed word that somebody is in, which a product checks without asking (JWT, EdDSA, RFC 8037).

A product that trusts one learns of a revocation when it ends, so it lasts at most a day. Invites have none.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LONGEST = timedelta(hours=24)


def sign(pem: bytes, claims: Mapping[str, object], *, now: datetime, life: timedelta = LONGEST) -> str:
    """The compact token of these claims, from now for `life` (a day at most)."""
    key = _private(pem)
    times = {"iat": int(now.timestamp()), "exp": int((now + min(life, LONGEST)).timestamp())}
    head = {"alg": "EdDSA", "typ": "JWT", "kid": jwk(pem)["kid"]}
    signed = ".".join(_text(json.dumps(part, separators=(",", ":")).encode()) for part in (head, {**claims, **times}))
    return f"{signed}.{_text(key.sign(signed.encode()))}"


def jwk(pem: bytes) -> dict[str, str]:
    """The public key as JSON (RFC 8037); its id is the thumbprint of RFC 7638."""
    raw = serialization.Encoding.Raw, serialization.PublicFormat.Raw
    public = {"crv": "Ed25519", "kty": "OKP", "x": _text(_private(pem).public_key().public_bytes(*raw))}
    thumbprint = hashlib.sha256(json.dumps(public, sort_keys=True, separators=(",", ":")).encode()).digest()
    return {**public, "kid": _text(thumbprint), "alg": "EdDSA", "use": "sig"}


def _private(pem: bytes) -> Ed25519PrivateKey:
    key = serialization.load_pem_private_key(pem, password=None)
    assert isinstance(key, Ed25519PrivateKey), "made by secret_files"
    return key


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
