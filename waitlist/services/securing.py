"""Securing: an admin's sign-in gets a second step, spends its codes one by one, and loses it again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.actors import Actor, admin
from waitlist.db import Tx, one
from waitlist.models.access import User
from waitlist.models.team import Passkey
from waitlist.services import alerting, counting
from waitlist.services.recording import record

TRIES = 10
WINDOW = timedelta(minutes=15)


def turn_on(tx: Tx, user_id: int, secret: str, counter: int, codes: Sequence[str], *, now: datetime) -> bool:
    """Ask for a second step from now on: digits from `secret` (those of `counter` are used), or one of the codes.

    False where one is asked for already: it stays, with the codes that were shown.
    """
    values = {"tf_primary_method": "authenticator", "tf_totp_secret": secret, "tf_counter": counter}
    off = sa.update(User).where(User.id == user_id, User.tf_totp_secret.is_(None))
    if tx.scalar(off.values(recovery_codes=list(codes), **values).returning(User.id)) is None:
        return False
    record(tx, "securing.turned_on", None, ("user", user_id), admin(user_id), now)
    return True


def turn_off(tx: Tx, user_id: int, *, actor: Actor, now: datetime) -> bool:
    """Ask for the password alone again and tell the admin; False where it was so already."""
    off = {"tf_primary_method": None, "tf_totp_secret": None, "tf_counter": None, "recovery_codes": None}
    was_on = sa.update(User).where(User.id == user_id, User.tf_totp_secret.is_not(None))
    user = one(tx, was_on.values(off).returning(User))
    if user is None:
        return False
    record(tx, "securing.turned_off", None, ("user", user_id), actor, now)
    alerting.tell(tx, user, "two_steps", {"by": str(actor)}, now=now)
    return True


def forget_devices(tx: Tx, user_id: int, *, actor: Actor, now: datetime) -> None:
    """After a lost device: no second step and no passkey is left, so a new password lets the admin in."""
    turn_off(tx, user_id, actor=actor, now=now)
    gone = tx.execute(sa.delete(Passkey).where(Passkey.user_id == user_id)).rowcount
    record(tx, "securing.devices_forgotten", None, ("user", user_id), actor, now, {"passkeys": gone})


def renew_codes(tx: Tx, user_id: int, codes: Sequence[str], *, now: datetime) -> bool:
    """New recovery codes (hashes) for the old ones; False where there is no second step."""
    on = sa.update(User).where(User.id == user_id, User.tf_totp_secret.is_not(None))
    if tx.scalar(on.values(recovery_codes=list(codes)).returning(User.id)) is None:
        return False
    record(tx, "securing.codes_renewed", None, ("user", user_id), admin(user_id), now)
    return True


def may_try(tx: Tx, user_id: int, *, now: datetime) -> bool:
    """Count one try at the second step; False when this account has had its tries."""
    return counting.claim(tx, "admin_second_step", str(user_id), limit=TRIES, window=WINDOW, now=now)


def spend_digits(tx: Tx, user_id: int, counter: int) -> bool:
    """Use the digits of one half minute; False where they, or later ones, were used before."""
    older = sa.or_(User.tf_counter.is_(None), User.tf_counter < counter)
    mine = sa.update(User).where(User.id == user_id, User.tf_totp_secret.is_not(None), older)
    return tx.scalar(mine.values(tf_counter=counter).returning(User.id)) is not None


def spend_code(tx: Tx, user_id: int, code_hash: str, *, now: datetime) -> bool:
    """Use a recovery code up; False where there is no such code, or not any more."""
    user = one(tx, sa.select(User).where(User.id == user_id).with_for_update())
    if user is None or code_hash not in (user.recovery_codes or []):
        return False
    left = [kept for kept in user.recovery_codes or [] if kept != code_hash]
    tx.execute(sa.update(User).where(User.id == user_id).values(recovery_codes=left))
    record(tx, "securing.code_used", None, ("user", user_id), admin(user_id), now, {"left": len(left)})
    return True
