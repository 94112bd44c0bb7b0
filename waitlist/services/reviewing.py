"""Reviewing: which of the addresses a member typed can be invited, before anything is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.gates.answers import Admits, Answer
from waitlist.models.entry import Entry, State
from waitlist.models.facts import is_denied
from waitlist.models.invite import Admission, AdmissionState, Invite
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice, key_of_hash
from waitlist.services.judging import answer_for

PATIENCE = 3  # declined invites to one address, from anyone, after which nobody may invite it
COOL_DOWN = timedelta(days=90)


class Verdict(StrEnum):
    """A row of the review table."""

    OK = "ok"
    IN_LINE = "in_line"  # in line already: the invite lets them in now
    MEMBER = "member"
    YOURS = "yours"  # this member's invite to them is open
    RULES = "rules"
    CANNOT = "cannot"  # asked not to be, denied, cooling down, invited by another: one word for all
    OVER_LIMIT = "over_limit"

    @property
    def may_be_sent(self) -> bool:
        return self in (Verdict.OK, Verdict.IN_LINE)


@dataclass(frozen=True)
class Candidate:
    """An address as typed, read and hashed by the door."""

    email: str
    email_key: str
    abuse_key: str
    domain: str


@dataclass(frozen=True)
class Screened:
    """A verdict, and for `rules` what the gate answered."""

    candidate: Candidate
    verdict: Verdict
    answer: Answer | None = None


def screen(tx: Tx, launch: Launch, inviter: Entry, people: Sequence[Candidate], *, now: datetime) -> list[Screened]:
    """A verdict for each address, in the given order; reads only. Whoever the allowance does not cover comes last."""
    left = inviter.allowance_left
    rows = []
    for candidate in people:
        row = _judge(tx, launch, inviter, candidate, now)
        if row.verdict.may_be_sent:
            left -= 1
            row = row if left >= 0 else Screened(candidate, Verdict.OVER_LIMIT)
        rows.append(row)
    return rows


def may_be_invited(tx: Tx, launch_id: int, email_key: str, abuse_key: str, now: datetime) -> bool:
    """False for whoever asked not to be invited by members, erased since or not, or turned down three lately."""
    refuses = sa.select(MailboxChoice.id).where(
        MailboxChoice.launch_id == launch_id,
        MailboxChoice.email_key.in_((email_key, key_of_hash(abuse_key))),
        MailboxChoice.do_not_invite_at.is_not(None),
    )
    declined = sa.select(sa.func.count()).where(
        Invite.launch_id == launch_id, Invite.email_key == email_key, Invite.declined_at > now - COOL_DOWN
    )
    return tx.scalar(refuses) is None and (tx.scalar(declined) or 0) < PATIENCE


def open_invite_to(tx: Tx, launch_id: int, email_key: str, now: datetime) -> tuple[int, int | None] | None:
    """(invite id, inviter id) of an invite to this address that still works, the newest one."""
    row = tx.execute(
        sa.select(Invite.id, Invite.inviter_id)
        .where(
            Invite.launch_id == launch_id,
            Invite.email_key == email_key,
            Invite.ended_at.is_(None),
            Invite.expires_at > now,
        )
        .order_by(Invite.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else (row.id, row.inviter_id)


def _judge(tx: Tx, launch: Launch, inviter: Entry, who: Candidate, now: datetime) -> Screened:
    state, is_member = _known(tx, launch, who)
    if is_member:
        return Screened(who, Verdict.MEMBER)
    denied = is_denied(tx, launch.id, domain=who.domain, abuse_key=who.abuse_key, now=now)
    if denied or state == State.REMOVED or not may_be_invited(tx, launch.id, who.email_key, who.abuse_key, now):
        return Screened(who, Verdict.CANNOT)
    invited = open_invite_to(tx, launch.id, who.email_key, now)
    if invited is not None:
        return Screened(who, Verdict.YOURS if invited[1] == inviter.id else Verdict.CANNOT)
    answer = answer_for(tx, launch, domain=who.domain, abuse_key=who.abuse_key, referred=True, invited=True, now=now)
    if not isinstance(answer, Admits):
        return Screened(who, Verdict.RULES, answer)
    return Screened(who, Verdict.IN_LINE if state == State.WAITING else Verdict.OK)


def _known(tx: Tx, launch: Launch, who: Candidate) -> tuple[str | None, bool]:
    row = tx.execute(
        sa.select(Entry.state, Admission.id)
        .outerjoin(Admission, sa.and_(Admission.entry_id == Entry.id, Admission.state == AdmissionState.ACTIVE))
        .where(Entry.launch_id == launch.id, Entry.email_key == who.email_key)
    ).one_or_none()
    return (None, False) if row is None else (row.state, row.id is not None)
