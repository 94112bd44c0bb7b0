"""Friends: who came by somebody's link, named only as far as they allow, and whether each of them counts."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Attempt, Entry
from waitlist.models.referral import Credit
from waitlist.queries.naming import shown_to_others

SHOWN = 50


@dataclass(frozen=True)
class Friend:
    """One friend. Why somebody is not counted is never said."""

    who: str  # "Ben L." where he allows it, otherwise "b•••@…"
    at: datetime  # joined, or asked to
    status: str  # counted, pending, withheld
    points: int  # 0 beyond the cap


@dataclass(frozen=True)
class Friends:
    """The newest friends, those who still have to confirm first, and how many of each there are."""

    shown: tuple[Friend, ...]
    counted: int
    pending: int
    joined: int

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.joined + self.pending - len(self.shown)


def friends_of(tx: Tx, entry_id: int, *, counted: int) -> Friends:
    """The friends of one entry, in two statements; `counted` is read with the entry."""
    joined = tx.execute(_JOINED, {"referrer": entry_id}).all()
    pending = tx.execute(_PENDING, {"referrer": entry_id}).all()
    waiting = [
        Friend(shown_to_others("", row.email, share_name=False), row.created_at, "pending", 0) for row in pending
    ]
    known = [
        Friend(
            shown_to_others(row.name, row.email, share_name=row.share_name),
            row.confirmed_at,
            "counted" if row.credit == "counted" else "withheld",
            row.points if row.credit == "counted" else 0,
        )
        for row in joined
    ]
    return Friends(
        shown=(*waiting, *known),
        counted=counted,
        pending=pending[0].total if pending else 0,
        joined=joined[0].total if joined else 0,
    )


_JOINED = (
    sa.select(
        Entry.name,
        Entry.email,
        Entry.share_name,
        Entry.confirmed_at,
        Credit.state.label("credit"),
        Credit.points,
        sa.func.count().over().label("total"),
    )
    .outerjoin(Credit, Credit.friend_id == Entry.id)
    .where(Entry.referrer_id == sa.bindparam("referrer"))
    .order_by(Entry.id.desc())
    .limit(SHOWN)
)
_PENDING = (
    sa.select(Attempt.email, Attempt.created_at, sa.func.count().over().label("total"))
    .where(
        Attempt.referrer_id == sa.bindparam("referrer"),
        Attempt.kind == "join",
        Attempt.pending,
        Attempt.used_at.is_(None),
        Attempt.replaced_at.is_(None),
        Attempt.declined_at.is_(None),
    )
    .order_by(Attempt.id.desc())
    .limit(SHOWN)
)
