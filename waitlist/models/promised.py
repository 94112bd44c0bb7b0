"""Promised: the open invites that are meant for one person each, and what rules say of these people."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.gates.answers import Admits
from waitlist.gates.gate import Gate
from waitlist.models.entry import Entry
from waitlist.models.facts import Somebody, applicants, denied_among
from waitlist.models.invite import Invite

CHUNK = 500


def open_invites(launch_id: int, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """The invites that somebody may still press and whom the rules are asked about."""
    return (
        Invite.launch_id == launch_id,
        Invite.ended_at.is_(None),
        Invite.revoked_at.is_(None),
        Invite.expires_at > now,
        Invite.overrides_rules.is_(False),
    )


def newly_refused(rx: Tx, launch_id: int, rules: tuple[Gate, Gate], now: datetime) -> Iterator[list[int]]:
    """The ids of invites whose person the rules before let in and the rules after do not, chunk by chunk."""
    last = 0
    while rows := rx.execute(_bound(launch_id, now).where(Invite.id > last)).all():
        yield _refused(rx, launch_id, rows, rules, now)
        last = rows[-1].id


def _bound(launch_id: int, now: datetime) -> sa.Select[*tuple[Any, ...]]:
    whose = sa.and_(Entry.launch_id == Invite.launch_id, Entry.email_key == Invite.email_key)
    columns = (
        Invite.id,
        Invite.email,
        Invite.email_abuse_key,
        Invite.inviter_id,
        Entry.id.label("entry_id"),
        Entry.referrer_id,
    )
    query = sa.select(*columns).outerjoin(Entry, whose).where(*open_invites(launch_id, now))
    return query.where(Invite.email_key.is_not(None)).order_by(Invite.id).limit(CHUNK)


def _refused(
    rx: Tx, launch_id: int, rows: Sequence[sa.Row[*tuple[Any, ...]]], rules: tuple[Gate, Gate], now: datetime
) -> list[int]:
    # Who has no entry is known by a negative number; somebody with two invites is asked about once.
    people = {
        row.id: Somebody(
            row.entry_id or -row.id,
            row.email.rpartition("@")[2],
            row.email_abuse_key,
            referred=row.inviter_id is not None or row.referrer_id is not None,
        )
        for row in rows
    }
    known = applicants(rx, launch_id, list(people.values()), now)
    denied = denied_among(rx, launch_id, list(people.values()), now)
    before, after = rules
    return [
        invite_id
        for invite_id, somebody in people.items()
        if somebody.entry_id not in denied
        and isinstance(before.answer(known[somebody.entry_id], now), Admits)
        and not isinstance(after.answer(known[somebody.entry_id], now), Admits)
    ]
