"""One person as the team sees them: place explained, who brought them, whom they brought, and everything that was."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx, one, some
from waitlist.models.entry import Answer, Consent, Entry, by_public_id
from waitlist.models.facts import is_denied
from waitlist.models.hold import Hold
from waitlist.models.invite import Admission, Invite, meant_for
from waitlist.models.launch import ConsentText, Line, Question
from waitlist.models.message import MailboxChoice, Message
from waitlist.models.rank import Standing, standing_of
from waitlist.models.referral import Credit, ancestors
from waitlist.models.tag import tags_of
from waitlist.queries.people import shown_state

DEEPEST = 20  # steps up the chain
SHOWN = 50


@dataclass(frozen=True)
class Friend:
    """Somebody who came by the person's link. `credit` is counted, withheld, reversed, or None without one."""

    entry: Entry
    credit: str | None
    points: int


@dataclass(frozen=True)
class Agreed:
    """A text that the person agreed to, in the words they saw."""

    text: str
    version: str
    at: datetime


@dataclass(frozen=True)
class Person:
    """Everything the person page shows. `chain` is the way up, nearest first."""

    entry: Entry
    state: str
    line: str
    standing: Standing | None
    hold: Hold | None
    admission: Admission | None
    choice: MailboxChoice | None
    chain: Sequence[Entry]
    friends: Sequence[Friend]
    friends_total: int
    invites: Sequence[Invite]
    given: Sequence[Invite]
    messages: Sequence[Message]
    answers: Sequence[tuple[str, Any]]
    consents: Sequence[Agreed]
    tags: Sequence[str]
    bounced_at: datetime | None  # the mailbox refuses mail, as this launch or the whole host learned
    referrals_next: int | None  # where the next page of friends goes on


def person(rx: Tx, launch_id: int, public_id: str, *, now: datetime, before: int | None = None) -> Person | None:
    """The page of one person of this launch, or None; `before` is where the page of friends before ended."""
    entry = one(rx, by_public_id(launch_id, public_id))
    if entry is None:
        return None
    blocked = is_denied(rx, launch_id, domain=entry.domain, abuse_key=entry.email_abuse_key, now=now)
    addressed = meant_for(launch_id, entry.id, [entry.email_key])
    friends = _friends(rx, entry.id, before)
    return Person(
        entry=entry,
        state=shown_state(entry, blocked=blocked),
        line=rx.scalar(sa.select(Line.key).where(Line.id == entry.line_id)) or "",
        standing=standing_of(rx, entry.id),
        hold=one(rx, sa.select(Hold).where(Hold.id == entry.held_by)) if entry.held_by else None,
        admission=one(rx, sa.select(Admission).where(Admission.entry_id == entry.id)),
        choice=_choice(rx, launch_id, entry),
        chain=_chain(rx, entry.id),
        friends=friends,
        friends_total=rx.scalar(sa.select(sa.func.count()).where(Entry.referrer_id == entry.id)) or 0,
        invites=_invites(rx, launch_id, addressed),
        given=_invites(rx, launch_id, Invite.inviter_id == entry.id),
        messages=some(
            rx, sa.select(Message).where(Message.entry_id == entry.id).order_by(Message.id.desc()).limit(SHOWN)
        ),
        answers=[
            (row.label, row.value)
            for row in rx.execute(
                sa.select(Question.label, Answer.value)
                .join(Question, Question.id == Answer.question_id)
                .where(Answer.entry_id == entry.id)
                .order_by(Question.ordinal)
            )
        ],
        consents=_consents(rx, launch_id, entry.id),
        tags=rx.scalars(tags_of(entry.id)).all(),
        bounced_at=_bounced_at(rx, launch_id, entry),
        referrals_next=friends[-1].entry.id if len(friends) == SHOWN else None,
    )


def _consents(rx: Tx, launch_id: int, entry_id: int) -> list[Agreed]:
    shown = sa.and_(
        ConsentText.launch_id == launch_id,
        ConsentText.key == Consent.key,
        sa.cast(ConsentText.version, sa.Text()) == Consent.text_version,
    )
    rows = rx.execute(
        sa.select(ConsentText.text, Consent.key, Consent.text_version, Consent.given_at)
        .outerjoin(ConsentText, shown)
        .select_from(Consent)
        .where(Consent.entry_id == entry_id)
        .order_by(Consent.given_at, Consent.id)
    )
    return [Agreed(row.text or row.key, row.text_version, row.given_at) for row in rows]


def _choice(rx: Tx, launch_id: int, entry: Entry) -> MailboxChoice | None:
    return one(
        rx,
        sa.select(MailboxChoice).where(
            MailboxChoice.launch_id == launch_id, MailboxChoice.email_key == entry.email_key
        ),
    )


def _chain(rx: Tx, entry_id: int) -> list[Entry]:
    ids = [row[0] for row in rx.execute(ancestors(entry_id, DEEPEST))]
    found = {entry.id: entry for entry in some(rx, sa.select(Entry).where(Entry.id.in_(ids)))}
    return [found[one_id] for one_id in ids]


def _bounced_at(rx: Tx, launch_id: int, entry: Entry) -> datetime | None:
    here = sa.or_(MailboxChoice.launch_id == launch_id, MailboxChoice.launch_id.is_(None))
    marked = sa.select(sa.func.max(MailboxChoice.bounced_at)).where(here, MailboxChoice.email_key == entry.email_key)
    return rx.scalar(marked)


def _friends(rx: Tx, entry_id: int, before: int | None) -> list[Friend]:
    query = sa.select(Entry).where(Entry.referrer_id == entry_id).order_by(Entry.id.desc()).limit(SHOWN)
    people = some(rx, query if before is None else query.where(Entry.id < before))
    credited = {
        row.friend_id: row
        for row in some(rx, sa.select(Credit).where(Credit.friend_id.in_([friend.id for friend in people])))
    }
    return [
        Friend(friend, credited[friend.id].state, credited[friend.id].points)
        if friend.id in credited
        else Friend(friend, None, 0)
        for friend in people
    ]


def _invites(rx: Tx, launch_id: int, where: sa.ColumnElement[bool]) -> Sequence[Invite]:
    query = sa.select(Invite).where(Invite.launch_id == launch_id, where).order_by(Invite.id.desc()).limit(SHOWN)
    return some(rx, query)
