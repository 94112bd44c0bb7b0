"""A passkey in software: it answers what a page asks as a browser would, and signs with a key of its own."""

from __future__ import annotations

import hashlib
import json
import secrets
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import bytes_to_base64url

VERIFIED = 0b0000_0101  # user present and verified
ATTESTED = 0b0100_0000


class SoftKey:
    """One passkey at one site. `count` is what the next answer says of its uses."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.id = secrets.token_bytes(16)
        self.count = 0
        self._key = ec.generate_private_key(ec.SECP256R1())

    def make(self, options: dict[str, Any], *, flags: int = VERIFIED, **response: Any) -> str:
        """The answer to the options for a new passkey."""
        client = self._client("webauthn.create", options["challenge"])
        data = self._data(options["rp"]["id"], flags | ATTESTED) + bytes(16) + len(self.id).to_bytes(2) + self.id
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data + self._public()})
        return self._answer({"clientDataJSON": client, "attestationObject": attestation}, **response)

    def sign_in(self, options: dict[str, Any], *, flags: int = VERIFIED) -> str:
        """The answer to the options for signing in."""
        client, data = self._client("webauthn.get", options["challenge"]), self._data(options["rpId"], flags)
        signature = self._key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer({"clientDataJSON": client, "authenticatorData": data, "signature": signature})

    def _client(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin}).encode()

    def _data(self, site: str, flags: int) -> bytes:
        return hashlib.sha256(site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4)

    def _public(self) -> bytes:
        point = self._key.public_key().public_numbers()
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: point.x.to_bytes(32), -3: point.y.to_bytes(32)})

    def _answer(self, response: dict[str, bytes], **more: Any) -> str:
        said = {name: bytes_to_base64url(value) for name, value in response.items()}
        name = bytes_to_base64url(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": said | more})
