"""Unlocking: an admin's passkeys are added, used and removed; each use is counted, so that a copy is noticed."""

import secrets
from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import admin
from waitlist.db import Tx, insert, one
from waitlist.models.access import User
from waitlist.models.team import Passkey
from waitlist.passkeys import Made
from waitlist.services import alerting
from waitlist.services.recording import record


class PasskeyTaken(Exception):
    """This passkey is there already."""


def add(tx: Tx, user: User, made: Made, name: str, *, now: datetime) -> None:
    """Keep a new passkey's public half, and tell the admin. Raises PasskeyTaken."""
    row = {"user_id": user.id, "name": name, "credential_id": made.credential_id, "public_key": made.public_key}
    row |= {"sign_count": made.sign_count, "transports": made.transports, "created_at": now}
    kept = insert(tx, Passkey).values(row).on_conflict_do_nothing(index_elements=["credential_id"])
    passkey_id = tx.execute(kept.returning(Passkey.id)).scalar_one_or_none()
    if passkey_id is None:
        raise PasskeyTaken
    record(tx, "unlocking.added", None, ("passkey", passkey_id), admin(user.id), now)
    alerting.tell(tx, user, "passkey", {"by": str(admin(user.id)), "label": name}, now=now)


def handle(tx: Tx, user_id: int) -> str:
    """What passkeys know this admin by; drawn at first need, and never an address."""
    fresh = sa.update(User).where(User.id == user_id, User.webauthn_handle.is_(None))
    tx.execute(fresh.values(webauthn_handle=secrets.token_hex(16)))
    return str(tx.execute(sa.select(User.webauthn_handle).where(User.id == user_id)).scalar_one())


def note_use(tx: Tx, passkey: Passkey, sign_count: int, *, now: datetime) -> User | None:
    """Whose passkey it is, once its count has moved on (or is none); None where somebody was first or it is gone."""
    moved = Passkey.sign_count < sign_count if sign_count else Passkey.sign_count == 0  # many never count
    still = sa.update(Passkey).where(Passkey.id == passkey.id, moved)
    if tx.scalar(still.values(sign_count=sign_count, used_at=now).returning(Passkey.id)) is None:
        return None
    return one(tx, sa.select(User).where(User.id == passkey.user_id, User.active))


def remove(tx: Tx, user_id: int, passkey_id: int, *, now: datetime) -> bool:
    """Forget a passkey of this admin; False where it was gone or is somebody else's."""
    mine = sa.delete(Passkey).where(Passkey.id == passkey_id, Passkey.user_id == user_id)
    if not tx.execute(mine).rowcount:
        return False
    record(tx, "unlocking.removed", None, ("passkey", passkey_id), admin(user_id), now)
    return True
