"""The three secrets in `instance/`, each a file of its own with mode 0600.

`signing_keys` (JSON list, oldest first) signs links and is rotated; `pepper` hashes look-ups, derives codes and is
never rotated; `membership_key` (Ed25519) signs offline memberships. Every node of an installation shares them.
"""

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NAMES = ("signing_keys", "pepper", "membership_key")


@dataclass(frozen=True)
class Secrets:
    """The loaded secrets; `signing` is ordered oldest first, so the last one signs."""

    signing: tuple[bytes, ...]
    pepper: bytes
    membership: bytes

    def subkey(self, label: str) -> bytes:
        """A key of its own for one job (codes, sealing, ...), derived from the pepper."""
        return hmac.digest(self.pepper, b"subkey\x1f" + label.encode(), hashlib.sha256)

    def fingerprint(self) -> str:
        """Tells two installations' peppers apart without giving either away."""
        return self.subkey("fingerprint").hex()[:16]


def load_or_create(folder: Path) -> Secrets:
    """Read the secrets of an installation, making whichever file is missing; two processes may race."""
    folder.mkdir(parents=True, exist_ok=True)
    return Secrets(
        signing=_signing(_read_or_make(folder / "signing_keys", _first_key)),
        pepper=bytes.fromhex(_read_or_make(folder / "pepper", lambda: secrets.token_hex(32))),
        membership=_read_or_make(folder / "membership_key", _membership_key).encode(),
    )


def rotate(folder: Path, *, keep_until: datetime, now: datetime) -> int:
    """Add a signing key and drop those whose time is up; returns how many keys are valid now."""
    path = folder / "signing_keys"
    kept = [
        key
        for key in json.loads(path.read_text())
        if datetime.fromisoformat(key["until"] or "9999-12-31T00:00:00+00:00") > now
    ]
    for key in kept:
        key["until"] = key["until"] or keep_until.isoformat()
    kept.append({"secret": secrets.token_hex(32), "until": None})
    replace(path, json.dumps(kept, indent=1))
    return len(kept)


def _first_key() -> str:
    return json.dumps([{"secret": secrets.token_hex(32), "until": None}], indent=1)


def _signing(text: str) -> tuple[bytes, ...]:
    return tuple(bytes.fromhex(key["secret"]) for key in json.loads(text))


def _membership_key() -> str:
    return (
        Ed25519PrivateKey.generate()
        .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        .decode()
    )


def _read_or_make(path: Path, make: Callable[[], str]) -> str:
    if not path.exists():
        # A finished file is linked into place, so that a racing reader never sees half a secret.
        draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        _write(draft, make())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first, and its secret is the one
        finally:
            draft.unlink()
    return path.read_text().strip()


def replace(path: Path, text: str) -> None:
    """Put a secret in the place of another, whole and for its owner alone."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _write(draft, text)
    draft.replace(path)


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
