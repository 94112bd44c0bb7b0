"""The team as a page shows it: who has which role here, who was called, and whether an owner is alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.access import Grant, Role, User, WebSession
from waitlist.models.team import Appointment, open_appointments


@dataclass(frozen=True)
class Colleague:
    """One admin in one role. `everywhere`: it was given for all launches, and is changed there."""

    id: int
    name: str
    email: str
    role: Role
    everywhere: bool
    two_steps: bool
    since: datetime
    seen_at: datetime | None


@dataclass(frozen=True)
class Called:
    """An open offer; a late one no longer works."""

    id: str
    email: str
    role: Role
    by: str
    until: datetime
    late: bool


def colleagues(rx: Tx, launch_id: int | None) -> Sequence[Colleague]:
    """Everybody with a role on this launch (or, with None, on all of them), highest first."""
    seen = sa.select(sa.func.max(WebSession.seen_at)).where(WebSession.user_id == User.id).scalar_subquery()
    rows = rx.execute(
        sa.select(User.id, User.name, User.email, Grant.role, Grant.launch_id, User.tf_totp_secret, Grant.granted_at)
        .add_columns(seen.label("seen_at"))
        .join(Grant, Grant.user_id == User.id)
        .where(User.active, sa.or_(Grant.launch_id.is_(None), Grant.launch_id == launch_id))
    )
    found = [
        Colleague(
            id=row.id,
            name=row.name or row.email,
            email=row.email,
            role=Role(row.role),
            everywhere=row.launch_id is None,
            two_steps=row.tf_totp_secret is not None,
            since=row.granted_at,
            seen_at=row.seen_at,
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (list(Role).index(one.role), one.name.casefold(), not one.everywhere))


def called(rx: Tx, launch_id: int | None, now: datetime) -> Sequence[Called]:
    """The open offers here, the newest first."""
    rows = some(rx, open_appointments(launch_id).order_by(Appointment.id.desc()))
    return [
        Called(row.public_id, row.email, Role(row.role), row.created_by, row.expires_at, row.expires_at <= now)
        for row in rows
    ]
