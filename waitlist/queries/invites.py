"""A member's invites: what became of each, how many there are of each kind, and what may still be done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.invite import Invite, Redemption
from waitlist.models.message import Message, MessageState

SHOWN_AT_ONCE = 50
REMIND_AFTER = timedelta(hours=48)
KINDS = ("waiting", "accepted", "over", "revoked")  # over: it expired, or was turned down, which nobody is told apart


@dataclass(frozen=True)
class Given:
    """One invite that a member gave. `kind` is one of KINDS; `email` is None for a link."""

    row: int
    id: str  # public id
    kind: str
    version: int
    email: str | None
    code_end: str
    uses: int
    max_uses: int
    note: str
    created_at: datetime
    sent_at: datetime | None
    expires_at: datetime
    reminded_at: datetime | None
    mail_failed: bool

    @property
    def is_open(self) -> bool:
        return self.kind == "waiting"

    @property
    def may_be_sent_again(self) -> bool:
        """Open or over; what was used or taken back stays so."""
        return self.email is not None and self.kind in ("waiting", "over")

    def may_be_reminded(self, now: datetime) -> bool:
        """One reminder, two days after it was sent at the earliest."""
        fresh = self.sent_at is None or self.sent_at > now - REMIND_AFTER
        return self.is_open and self.email is not None and self.reminded_at is None and not fresh


def given(tx: Tx, inviter_id: int, *, kind: str = "", number: int = 1, now: datetime) -> Sequence[Given]:
    """The member's invites of one kind, or of all, newest first; page `number` of them."""
    wanted = _of(inviter_id, now)
    if kind in KINDS:
        wanted = wanted.where(_kind(now) == kind)
    rows = tx.execute(wanted.order_by(Invite.id.desc()).limit(SHOWN_AT_ONCE).offset((number - 1) * SHOWN_AT_ONCE))
    return [_given(row) for row in rows]


def one_given(tx: Tx, inviter_id: int, public_id: str, *, now: datetime) -> Given | None:
    """One of the member's own invites, or None."""
    row = tx.execute(_of(inviter_id, now).where(Invite.public_id == public_id)).one_or_none()
    return None if row is None else _given(row)


def counts(tx: Tx, inviter_id: int, *, now: datetime) -> dict[str, int]:
    """How many invites there are of each kind."""
    kind = _kind(now).label("kind")
    rows = tx.execute(sa.select(kind, sa.func.count()).where(_gave(inviter_id)).group_by(kind))
    return dict.fromkeys(KINDS, 0) | {row.kind: row[1] for row in rows}


def by_ids(tx: Tx, inviter_id: int, public_ids: Sequence[str], *, now: datetime) -> Sequence[Given]:
    """Some of the member's own invites, in the order in which they were given."""
    rows = tx.execute(_of(inviter_id, now).where(Invite.public_id.in_(public_ids)).order_by(Invite.id))
    return [_given(row) for row in rows]


def who_accepted(tx: Tx, invite_row: int) -> Sequence[tuple[str, str, bool, datetime]]:
    """(name, address, whether the name may be shown, when) of everybody who came in by an invite."""
    rows = tx.execute(
        sa.select(Entry.name, Entry.email, Entry.share_name, Redemption.redeemed_at)
        .join(Entry, Entry.id == Redemption.entry_id)
        .where(Redemption.invite_id == invite_row)
        .order_by(Redemption.id)
    )
    return [(row.name, row.email, row.share_name, row.redeemed_at) for row in rows]


def _kind(now: datetime) -> sa.Case[Any]:
    over = sa.or_(Invite.declined_at.is_not(None), Invite.ended_at.is_not(None), Invite.expires_at <= now)
    return sa.case(
        (Invite.revoked_at.is_not(None), "revoked"),
        (Invite.uses >= Invite.max_uses, "accepted"),
        (over, "over"),
        else_="waiting",
    )


def _of(inviter_id: int, now: datetime) -> sa.Select[Any]:
    failed = (
        sa.select(Message.id)
        .where(Message.invite_id == Invite.id, Message.kind == "member_invite", Message.state == MessageState.FAILED)
        .where(Message.id == _newest_mail())
        .exists()
    )
    return sa.select(Invite, _kind(now).label("kind"), sa.case((failed, True), else_=False).label("mail_failed")).where(
        _gave(inviter_id)
    )


def _newest_mail() -> sa.ScalarSelect[int]:
    newer = sa.alias(Message.__table__)
    return (
        sa.select(sa.func.max(newer.c.id))
        .where(newer.c.invite_id == Invite.id, newer.c.kind == "member_invite")
        .correlate(Invite.__table__)
        .scalar_subquery()
    )


def _given(row: Any) -> Given:
    return Given(
        row=row.id,
        id=row.public_id,
        kind=row.kind,
        version=row.version,
        email=row.email,
        code_end=row.code_end or "",
        uses=row.uses,
        max_uses=row.max_uses,
        note=row.note,
        created_at=row.created_at,
        sent_at=row.sent_at,
        expires_at=row.expires_at,
        reminded_at=row.reminded_at,
        mail_failed=bool(row.mail_failed),
    )


def _gave(inviter_id: int) -> sa.ColumnElement[bool]:
    """What the member gave; what others ask them for stands among the questions until it is granted."""
    return sa.and_(Invite.inviter_id == inviter_id, sa.or_(Invite.appeal.is_(None), Invite.version > 1))
