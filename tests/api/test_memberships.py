"""A product learns that somebody is in and never asks: by a signed word that ends within a day."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask.testing import FlaskClient

from tests.world import ALICE, CAROL, World


def part(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_membership_is_checked_with_the_published_key_alone(
    world: World, ask: Any, make_key: Any, client: FlaskClient
) -> None:
    campus = world.launch()
    alice = world.member(campus, ALICE)
    world.waiting(campus, CAROL)
    key = make_key(campus)
    token = ask("subjects/membership", key, {"subject": ALICE}).json["token"]
    (published,) = client.get("/.well-known/jwks.json").json["keys"]
    head, claims, signature = token.split(".")
    Ed25519PublicKey.from_public_bytes(part(published["x"])).verify(part(signature), f"{head}.{claims}".encode())
    assert json.loads(part(head)) == {"alg": "EdDSA", "typ": "JWT", "kid": published["kid"]}
    told = json.loads(part(claims))
    assert (told["aud"], told["sub"], told["exp"] - told["iat"]) == ("campus", alice.public_id, 3600)
    assert ask("subjects/membership", key, {"subject": CAROL}).status_code == 409
    assert ask("subjects/membership", key, {"subject": "nobody"}).status_code == 404
    assert ask("subjects/membership", key, {"subject": ALICE, "seconds": 90_000}).status_code == 422
