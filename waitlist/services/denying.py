"""Denying: an address or a domain may not come in, whatever the rules and invites say, until it is taken off again."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.actors import Actor
from waitlist.db import Tx, insert, one
from waitlist.models.facts import denied_by
from waitlist.models.hold import Denied
from waitlist.models.launch import Launch
from waitlist.services.recording import record


class NotDenied(LookupError):
    """It is not on the list (any more)."""


def deny(
    tx: Tx,
    launch: Launch,
    *,
    kind: str,
    value: str,
    shown: str,
    reason: str,
    until: datetime | None,
    actor: Actor,
    now: datetime,
) -> int | None:
    """Put an address (`value` is its abuse key) or a domain (an A-label, with all below it) on the list.

    Returns the row's id, or None when it is there already. `shown` is what was typed.
    """
    _clear_lapsed(tx, launch, kind, value, now)
    statement = insert(tx, Denied).values(
        launch_id=launch.id,
        kind=kind,
        value=value,
        shown=shown,
        reason=reason,
        until=until,
        created_at=now,
        created_by=str(actor),
    )
    statement = statement.on_conflict_do_nothing(
        index_elements=["launch_id", "kind", "value"], index_where=Denied.removed_at.is_(None)
    )
    denied_id: int | None = tx.execute(statement.returning(Denied.id)).scalar_one_or_none()
    if denied_id is not None:
        data = {"kind": kind, "until": until.isoformat() if until else None}
        personal = {"shown": shown, "reason": reason}
        record(tx, "denying.denied", launch.id, ("denied", denied_id), actor, now, data, personal=personal)
    return denied_id


def allow(tx: Tx, launch: Launch, denied_id: int, *, reason: str, actor: Actor, now: datetime) -> Denied:
    """Take a row off the list; people it kept out may try again. Raises NotDenied."""
    allowed = one(
        tx,
        sa.update(Denied)
        .where(Denied.id == denied_id, Denied.launch_id == launch.id, Denied.removed_at.is_(None))
        .values(removed_at=now, removed_by=str(actor), removed_reason=reason)
        .returning(Denied),
    )
    if allowed is None:
        raise NotDenied(denied_id)
    record(tx, "denying.allowed", launch.id, ("denied", denied_id), actor, now, personal={"reason": reason})
    return allowed


def note_try(tx: Tx, launch: Launch, *, domain: str, abuse_key: str, now: datetime) -> None:
    """Count a try on the rows that keep this mailbox out."""
    theirs = denied_by(launch.id, domain=domain, abuse_key=abuse_key, now=now)
    tx.execute(sa.update(Denied).where(theirs).values(tries=Denied.tries + 1))


def _clear_lapsed(tx: Tx, launch: Launch, kind: str, value: str, now: datetime) -> None:
    """A row whose time is over makes room for a new one."""
    tx.execute(
        sa.update(Denied)
        .where(
            Denied.launch_id == launch.id,
            Denied.kind == kind,
            Denied.value == value,
            Denied.removed_at.is_(None),
            Denied.until <= now,
        )
        .values(removed_at=Denied.until, removed_by="system:time", removed_reason="until")
    )
