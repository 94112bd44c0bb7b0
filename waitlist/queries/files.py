"""Files of a waitlist: its people, invites, referrals and events as plain rows, read a page at a time by their keys."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.event import Event
from waitlist.models.invite import Invite
from waitlist.models.referral import Credit
from waitlist.queries import audit
from waitlist.queries.audit import Wanted
from waitlist.queries.roster import roster

PAGE = 1_000
Rows = Iterator[dict[str, Any]]


def people(rx: Tx, launch_id: int) -> Rows:
    """Everybody, first in line first."""
    return (asdict(person) for person in roster(rx, launch_id))


def invites(rx: Tx, launch_id: int) -> Rows:
    """Every invite, oldest first; neither its link nor its code."""
    inviter, invited = aliased(Entry), aliased(Entry)
    columns = (Invite.public_id.label("id"), Invite.source, Invite.email, invited.public_id.label("person"))
    more = (inviter.public_id.label("inviter"), Invite.uses, Invite.max_uses, Invite.created_at, Invite.sent_at)
    query: Any = sa.select(Invite.id.label("key"), *columns, *more, Invite.expires_at, Invite.revoked_at)
    query = query.outerjoin(invited, invited.id == Invite.entry_id).outerjoin(inviter, inviter.id == Invite.inviter_id)
    return _pages(rx, query.where(Invite.launch_id == launch_id), Invite.id)


def referrals(rx: Tx, launch_id: int) -> Rows:
    """Who came by whom, by ids alone, and what became of the credit."""
    friend, referrer = aliased(Entry), aliased(Entry)
    columns = (friend.public_id.label("friend"), referrer.public_id.label("referrer"), friend.confirmed_at)
    query: Any = sa.select(friend.id.label("key"), *columns, Credit.state.label("credit"), Credit.points)
    query = query.join(referrer, referrer.id == friend.referrer_id).outerjoin(Credit, Credit.friend_id == friend.id)
    return _pages(rx, query.where(friend.launch_id == launch_id), friend.id)


def events(rx: Tx, launch_id: int) -> Rows:
    """The audit log, newest first, up to what it holds now."""
    wanted = replace(Wanted(launch_id), before=audit.newest(rx) + 1)
    return (asdict(line) for line in audit.every_event(rx, wanted, PAGE))


READ: dict[str, Callable[[Tx, int], Rows]] = {
    "people": people,
    "invites": invites,
    "referrals": referrals,
    "events": events,
}


def count(rx: Tx, launch_id: int, what: str) -> int:
    """How many rows such a file has now."""
    where = {
        "people": Entry.launch_id == launch_id,
        "invites": Invite.launch_id == launch_id,
        "referrals": sa.and_(Entry.launch_id == launch_id, Entry.referrer_id.is_not(None)),
        "events": Event.launch_id == launch_id,
    }
    return rx.scalar(sa.select(sa.func.count()).where(where[what])) or 0


def _pages(rx: Tx, query: Any, key: Any) -> Rows:
    after = 0
    while True:
        found = rx.execute(query.where(key > after).order_by(key).limit(PAGE)).mappings().all()
        for row in found:
            yield {name: value for name, value in row.items() if name != "key"}
        if len(found) < PAGE:
            return
        after = found[-1]["key"]
