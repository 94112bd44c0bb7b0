"""Appointing: an admin gets an account, roles on launches, and a new password when the old one is lost."""

import secrets
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.actors import Actor, admin
from waitlist.db import Tx, insert, one
from waitlist.models.access import Grant, Role, User, WebSession
from waitlist.services import counting
from waitlist.services.recording import record

RESET_LIFE = timedelta(minutes=10)
TRIES_WINDOW = timedelta(minutes=15)
TRIES_FOR_ADDRESS = 10  # from one network, or from the browsers that are known to the account
TRIES_FROM_NETWORK = 50
TRIES_EVERYWHERE = 100  # for one address, from all networks together
EVERYWHERE_WINDOW = timedelta(hours=1)


class EmailTaken(Exception):
    """An admin with this address is there already."""


class ResetSpent(Exception):
    """The reset link was used, replaced by a newer one, or is older than ten minutes."""


def create(
    tx: Tx,
    *,
    email: str,
    name: str,
    password_hash: str | None,
    language: str | None = None,
    actor: Actor,
    now: datetime,
) -> User:
    """Make an admin without any role; `email` is an address's key. Without a password only a reset link lets them in.

    Raises EmailTaken.
    """
    row = {"email": email, "name": name, "password": password_hash, "language": language, "created_at": now}
    statement = insert(tx, User).values(fs_uniquifier=_uniquifier(), **row)
    user = one(tx, statement.on_conflict_do_nothing(index_elements=["email"]).returning(User))
    if user is None:
        raise EmailTaken(email)
    personal = {"email": email, "name": name}
    record(tx, "appointing.created", None, ("user", user.id), actor, now, personal=personal)
    return user


def grant(tx: Tx, user_id: int, role: Role, *, launch_id: int | None = None, actor: Actor, now: datetime) -> None:
    """Give a role on one launch, or on all of them (None); an earlier one there is replaced."""
    # One after the other: a grant on all launches has no key that a second insert could meet.
    tx.execute(sa.select(User.id).where(User.id == user_id).with_for_update())
    values = {"role": role, "granted_at": now, "granted_by": str(actor)}
    here = sa.and_(Grant.user_id == user_id, Grant.launch_id.is_not_distinct_from(launch_id))
    if tx.scalar(sa.update(Grant).where(here).values(values).returning(Grant.id)) is None:
        tx.execute(sa.insert(Grant).values(user_id=user_id, launch_id=launch_id, **values))
    record(tx, "appointing.granted", launch_id, ("user", user_id), actor, now, {"role": role})


def offer_reset(tx: Tx, user_id: int, *, actor: Actor, now: datetime) -> int:
    """The version that a new reset link carries; it works for ten minutes and ends every earlier one."""
    version: int = tx.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(reset_version=User.reset_version + 1, reset_until=now + RESET_LIFE)
        .returning(User.reset_version)
    ).scalar_one()
    record(tx, "appointing.reset_offered", None, ("user", user_id), actor, now)
    return version


def reset(tx: Tx, user_id: int, version: int, password_hash: str, *, now: datetime) -> User:
    """Set a password by a reset link, once, and sign this admin out everywhere. Raises ResetSpent."""
    user = one(
        tx,
        sa.update(User)
        .where(User.id == user_id, User.reset_version == version, User.reset_until > now)
        .values(password=password_hash, reset_until=None, fs_uniquifier=_uniquifier())
        .returning(User),
    )
    if user is None:
        raise ResetSpent
    sign_out(tx, user_id, now)
    record(tx, "appointing.password_reset", None, ("user", user_id), admin(user_id), now)
    return user


def set_password(tx: Tx, user_id: int, password_hash: str, *, actor: Actor, now: datetime) -> None:
    """Set a password, as the operator or as the admin; signs this admin out everywhere and ends any reset link."""
    tx.execute(
        sa.update(User)
        .where(User.id == user_id)
        .values(password=password_hash, reset_until=None, fs_uniquifier=_uniquifier())
    )
    sign_out(tx, user_id, now)
    record(tx, "appointing.password_set", None, ("user", user_id), actor, now)


def may_try(tx: Tx, *, email: str, network: str, known: bool = False, now: datetime) -> bool:
    """Count one try to sign in, for unknown addresses too; False when there were too many.

    Guesses from elsewhere lock nobody out: a `known` browser, which signed in to this account before, is counted by
    itself, and any other by its network first.
    """
    if known:
        return counting.claim(tx, "admin_known", email, limit=TRIES_FOR_ADDRESS, window=TRIES_WINDOW, now=now)
    here = counting.claim(tx, "admin_network", network, limit=TRIES_FROM_NETWORK, window=TRIES_WINDOW, now=now)
    pair = f"{email} {network}"
    if not (here and counting.claim(tx, "admin_sign_in", pair, limit=TRIES_FOR_ADDRESS, window=TRIES_WINDOW, now=now)):
        return False  # what is refused here does not count against the address
    return counting.claim(tx, "admin_address", email, limit=TRIES_EVERYWHERE, window=EVERYWHERE_WINDOW, now=now)


def note_sign_in(tx: Tx, user_id: int, *, now: datetime) -> None:
    """Write down that an admin signed in."""
    record(tx, "appointing.signed_in", None, ("user", user_id), admin(user_id), now)


def sign_out(tx: Tx, user_id: int, now: datetime) -> None:
    """End every session of this admin."""
    mine = sa.and_(WebSession.user_id == user_id, WebSession.revoked_at.is_(None))
    tx.execute(sa.update(WebSession).where(mine).values(revoked_at=now, data={}))


def _uniquifier() -> str:
    # Names the account inside a session: a new one ends every session that holds the old.
    return secrets.token_hex(16)
