"""A member's chain: who brought them, whom they brought, and who came by those. Named only as far as each allows."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry, State
from waitlist.models.invite import Invite
from waitlist.models.referral import Vouch, ancestors
from waitlist.queries import branches
from waitlist.queries.branches import Size, Twig
from waitlist.queries.naming import short_name

UP = 10  # people above who are shown
PAGE = 25
GONE = (State.LEFT, State.REMOVED, State.LAPSED)


@dataclass(frozen=True)
class Joiner:
    """Somebody who came by this member. `who` is "" where the name is not to be shown."""

    id: int
    who: str
    erased: bool
    at: datetime
    via: str  # mail, link (an invite link), referral (the member's own link)
    state: str  # waiting, invited, joined, left
    joins: int


@dataclass(frozen=True)
class Joiners:
    """A page of them, oldest first; `next` is the key of the page after, 0 on the last one."""

    rows: tuple[Joiner, ...]
    direct: int
    total: Size
    next: int


@dataclass(frozen=True)
class Above:
    """Somebody above; `who` is "" where the name is not to be shown."""

    who: str
    erased: bool


def name_of(name: str, *, share: bool) -> str:
    """The name that its owner lets others see, or ""."""
    return short_name(name) if share and name.strip() else ""


def joiners(rx: Tx, entry_id: int, *, after: int = 0) -> Joiners:
    """Who joined by this member."""
    found = rx.execute(_DIRECT, {"mine": entry_id, "after": after}).all()
    counts = {row[0]: row[1] for row in rx.execute(_joins([row.id for row in found]))}
    rows = tuple(_joiner(row, counts.get(row.id, 0)) for row in found[:PAGE])
    size = branches.below(rx, entry_id)
    return Joiners(rows, direct(rx, entry_id), size, rows[-1].id if len(found) > PAGE else 0)


def direct(rx: Tx, entry_id: int) -> int:
    """How many people joined by this member."""
    return rx.scalar(sa.select(sa.func.count()).where(Entry.referrer_id == entry_id)) or 0


def above(rx: Tx, entry_id: int) -> list[Above]:
    """The nearest people above, the farthest first."""
    up = ancestors(entry_id, UP).subquery()
    query = sa.select(Entry.name, Entry.share_name, Entry.erased_at).join(up, up.c.id == Entry.id)
    rows = rx.execute(query.order_by(up.c.distance.desc()))
    return [Above(name_of(row.name, share=row.share_name), row.erased_at is not None) for row in rows]


def branch_of(rx: Tx, member_id: int, public_id: str, *, after: int = 0) -> Twig | None:
    """The member's own branch, or that of somebody in it by public id; None for anybody else.

    States are those that others may know.
    """
    start = member_id
    if public_id:
        found = rx.scalar(sa.select(Entry.id).where(Entry.public_id == public_id))
        if found is None or not branches.is_below(rx, found, member_id):
            return None
        start = found
    root = branches.branch(rx, start, after=after)
    for twig in root.walk() if root is not None else ():
        twig.state = public_state(twig.state)
    return root


def public_state(state: str) -> str:
    """What others may know of a state: nobody learns that somebody was removed."""
    return "left" if state in GONE else state


def _joiner(row: sa.Row[*tuple[Any, ...]], joins: int) -> Joiner:
    return Joiner(
        id=row.id,
        who=name_of(row.name, share=row.share_name),
        erased=row.erased_at is not None,
        at=row.confirmed_at or row.created_at,
        via="referral" if row.vouched is None else "mail" if row.by_mail else "link",
        state=public_state(row.state),
        joins=joins,
    )


def _joins(ids: list[int]) -> sa.Select[int | None, int]:
    counted = sa.select(Entry.referrer_id, sa.func.count()).where(Entry.referrer_id.in_(ids))
    return counted.group_by(Entry.referrer_id)


_DIRECT = (
    sa.select(
        *(Entry.id, Entry.name, Entry.share_name, Entry.state, Entry.confirmed_at, Entry.created_at, Entry.erased_at),
        Vouch.id.label("vouched"),
        Invite.email.is_not(None).label("by_mail"),
    )
    .outerjoin(Vouch, sa.and_(Vouch.entry_id == Entry.id, Vouch.voucher_id == sa.bindparam("mine")))
    .outerjoin(Invite, Invite.id == Vouch.invite_id)
    .where(Entry.referrer_id == sa.bindparam("mine"), Entry.id > sa.bindparam("after"))
    .order_by(Entry.id)
    .limit(PAGE + 1)
)
