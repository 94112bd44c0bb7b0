"""Keying: products get keys of one launch, and lose them."""

import re
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.keys import is_scope
from waitlist.models.access import ApiKey
from waitlist.models.launch import Launch
from waitlist.services import alerting
from waitlist.services.recording import record

_ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+\.)*[a-z0-9-]+(?::[0-9]{1,5})?|https?://\[[0-9a-f:]+\](?::[0-9]{1,5})?")


class BadScope(Exception):
    """There is no such scope; `scope` is what was asked for."""

    def __init__(self, scope: str) -> None:
        super().__init__(scope)
        self.scope = scope


class BadOrigin(ValueError):
    """Not the origin of a site, such as https://shop.example; `origin` is what was typed."""

    def __init__(self, origin: str) -> None:
        super().__init__(origin)
        self.origin = origin


class KeyGone(Exception):
    """No key of this launch has that id, or it was revoked before."""


def create(
    tx: Tx,
    launch: Launch,
    *,
    kind: str,
    name: str,
    key_hash: str,
    key_end: str,
    scopes: Sequence[str],
    origins: Sequence[str] = (),
    expires_at: datetime | None = None,
    actor: Actor,
    now: datetime,
) -> ApiKey:
    """Keep what is needed to recognise a key that was just made; raises BadScope or BadOrigin.

    A public key asks from pages of its origins; a secret one has none, because it never leaves a server.
    """
    for scope in scopes:
        if not is_scope(scope):
            raise BadScope(scope)
    row = {
        "public_id": codes.random_id("key"),
        "launch_id": launch.id,
        "kind": kind,
        "name": name,
        "key_hash": key_hash,
        "key_end": key_end,
        "scopes": sorted(set(scopes)),
        "origins": sorted({read_origin(origin) for origin in origins}),
        "created_at": now,
        "created_by": str(actor),
        "expires_at": expires_at,
    }
    key = one(tx, sa.insert(ApiKey).values(row).returning(ApiKey))
    assert key is not None, "INSERT ... RETURNING answers with its row"
    data = {"key": key.public_id, "kind": kind, "scopes": row["scopes"]}
    record(tx, "keying.created", launch.id, ("api_key", key.id), actor, now, data)
    alerting.key_made(tx, key, actor=actor, now=now)
    return key


def read_origin(typed: str) -> str:
    """The origin as browsers send it, lower-case and without a final slash; raises BadOrigin."""
    origin = typed.strip().lower().rstrip("/")
    if not _ORIGIN.fullmatch(origin):
        raise BadOrigin(typed)
    return origin.removesuffix(":443" if origin.startswith("https") else ":80")


def revoke(tx: Tx, launch: Launch, public_id: str, *, actor: Actor, now: datetime) -> ApiKey:
    """End a key at once; raises KeyGone."""
    key = one(
        tx,
        sa.update(ApiKey)
        .where(ApiKey.launch_id == launch.id, ApiKey.public_id == public_id, ApiKey.revoked_at.is_(None))
        .values(revoked_at=now, revoked_by=str(actor))
        .returning(ApiKey),
    )
    if key is None:
        raise KeyGone(public_id)
    record(tx, "keying.revoked", launch.id, ("api_key", key.id), actor, now, {"key": public_id})
    return key


def note_use(tx: Tx, used: dict[int, datetime]) -> None:
    """Write when keys were last used, as observed: by key id."""
    for key_id, at in used.items():
        older = sa.or_(ApiKey.used_at.is_(None), ApiKey.used_at < at)
        tx.execute(sa.update(ApiKey).where(ApiKey.id == key_id, older).values(used_at=at))
