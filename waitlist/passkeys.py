"""Passkeys (WebAuthn): what a browser is asked, and whether its answer is good. The library checks, we keep.

A passkey is asked for its user each time (finger, face or PIN) and must be findable without a name, so that it is two
steps in one. Nothing is asked of where it lives: whoever asks for a roaming key locks out those of phones and laptops.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

LONGEST = 20_000  # characters of an answer


class BadPasskey(Exception):
    """The answer is none, is one to another question, or its signature is wrong."""


@dataclass(frozen=True)
class Made:
    """The public half of a new passkey."""

    credential_id: str
    public_key: bytes
    sign_count: int
    transports: list[str]


@dataclass(frozen=True)
class Site:
    """The service as a browser knows it; `origin` is its base URL."""

    origin: str

    @property
    def name(self) -> str:
        return urlsplit(self.origin).hostname or ""

    @property
    def works(self) -> bool:
        """Whether a browser makes passkeys here: by https under a name, or on this machine."""
        return self.name == "localhost" or (self.origin.startswith("https://") and not _is_number(self.name))


def to_make(site: Site, challenge: bytes, *, user: str, email: str, name: str, others: Sequence[str]) -> str:
    """The options for a new passkey, as JSON; `user` is an opaque handle, `others` are those there already."""
    options = webauthn.generate_registration_options(
        rp_id=site.name,
        rp_name="Waitlist",
        user_id=user.encode(),
        user_name=email,
        user_display_name=name or email,
        challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(other)) for other in others],
    )
    return webauthn.options_to_json(options)


def to_ask(site: Site, challenge: bytes) -> str:
    """The options for signing in by whichever passkey the browser has for us, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.name, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options)


def made(site: Site, challenge: bytes, answer: str) -> Made:
    """The new passkey that a browser answers with; raises BadPasskey."""
    try:
        checked = webauthn.verify_registration_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise BadPasskey from error
    response = _read(answer).get("response")
    ways = response.get("transports") if isinstance(response, dict) else None
    known = [str(way)[:20] for way in ways[:8]] if isinstance(ways, list) else []
    return Made(bytes_to_base64url(checked.credential_id), checked.credential_public_key, checked.sign_count, known)


def named(answer: str) -> str:
    """Which passkey an answer is of, as it claims; raises BadPasskey."""
    found = _read(answer).get("id")
    if not isinstance(found, str):
        raise BadPasskey
    return found


def used(site: Site, challenge: bytes, answer: str, *, public_key: bytes, sign_count: int) -> int:
    """The new count of a passkey whose answer is good; raises BadPasskey."""
    try:
        checked = webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge,
            expected_rp_id=site.name,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise BadPasskey from error
    return checked.new_sign_count


def _read(answer: str) -> dict[str, object]:
    try:
        found = json.loads(answer[:LONGEST])
    except ValueError as error:
        raise BadPasskey from error
    if not isinstance(found, dict):
        raise BadPasskey
    return found


def _is_number(host: str) -> bool:
    return ":" in host or host.replace(".", "").isdigit()
