"""Resending: the mail of an attempt goes out once more, with a new link and code; the old ones stop working."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist.db import Tx, one
from waitlist.models.condition import LINK_LIFE
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.facts import is_denied
from waitlist.models.launch import Launch
from waitlist.services import posting
from waitlist.services.joining import claim_mail

PAUSE = timedelta(seconds=60)
LETTERS = {
    "join": "confirm",
    "change": "change_confirm",
    "sign_in": "sign_in",
    "redeem": "proof",
    "member_action": "proof",
}

CODES = frozenset({"sign_in", "proof"})  # mails that say from which device they were asked for


@dataclass(frozen=True)
class SentAgain:
    """The newest attempt of this address; the page says that a mail is on its way, whatever the case."""

    attempt: str  # public id
    at: datetime


@dataclass(frozen=True)
class TooSoon:
    """The last one went out less than a minute ago."""

    seconds: int


@dataclass(frozen=True)
class TooMany:
    """The address had its five today, known or not."""


class UnknownAttempt(LookupError):
    """It was purged, or never was of this launch."""


def send_again(
    tx: Tx, launch: Launch, attempt_public_id: str, *, now: datetime, where: str = ""
) -> SentAgain | TooSoon | TooMany:
    """Send the newest attempt of the same address and kind again; raises UnknownAttempt.

    Where nothing is pending, a person in line gets their status link instead, and a stranger nothing; the outcome and
    the counting are the same.
    """
    attempt = _newest_like(tx, launch, attempt_public_id)
    wait = attempt.sent_at + PAUSE - now
    if wait > timedelta(0):
        return TooSoon(-(-wait // timedelta(seconds=1)))
    if not claim_mail(tx, launch, attempt.email_key, now=now):
        return TooMany()
    newer = renewed(tx, attempt, now=now)
    letter = _letter(tx, launch, newer, now)
    if letter is not None:
        post(tx, launch, newer, letter, now=now, where=where)
    return SentAgain(newer.public_id, now)


def newest_confirmation(tx: Tx, launch: Launch, email_key: str, *, now: datetime) -> None:
    """Renew the link of somebody who joined and has not confirmed; the caller has counted the mail."""
    attempt = one(tx, _newest(launch, email_key, "join"))
    if attempt is not None and attempt.pending and attempt.declined_at is None:
        post(tx, launch, renewed(tx, attempt, now=now), "confirm", now=now)


def renewed(tx: Tx, attempt: Attempt, *, now: datetime) -> Attempt:
    """The attempt in a new version whose time and tries start now; one that was used up stays as it is."""
    life = LINK_LIFE if attempt.kind in ("join", "change") else attempt.expires_at - attempt.sent_at
    newer = one(
        tx,
        sa.update(Attempt)
        .where(Attempt.id == attempt.id)
        .values(
            version=Attempt.version + 1,
            tries=0,
            sent_at=now,
            expires_at=sa.case((Attempt.used_at.is_(None), now + life), else_=Attempt.expires_at),
        )
        .returning(Attempt),
    )
    assert newer is not None, "attempts are purged by nobody who could be here"
    if newer.kind == "join" and newer.pending:
        unconfirmed = (Entry.id == newer.entry_id, Entry.state == State.UNCONFIRMED)
        tx.execute(sa.update(Entry).where(*unconfirmed).values(state_at=now))
    return newer


def post(
    tx: Tx,
    launch: Launch,
    attempt: Attempt,
    letter: str,
    *,
    now: datetime,
    to: posting.To | None = None,
    where: str = "",
) -> None:
    """Queue the mail of an attempt in its present version, to its own address unless another is named.

    `where` are words for the device that asked, as a mail with a code says them.
    """
    about = {
        "launch_id": launch.id,
        "entry_id": attempt.entry_id,
        "attempt_id": attempt.id,
        "invite_id": attempt.invite_id,
    }
    dedupe = f"{attempt.public_id}:{attempt.version}"
    params = {"where": where} if where and letter in CODES else None
    posting.enqueue(tx, letter, dedupe, to or posting.to(attempt), now, params=params, about=about)


def _letter(tx: Tx, launch: Launch, attempt: Attempt, now: datetime) -> str | None:
    domain = attempt.email.rpartition("@")[2]
    if is_denied(tx, launch.id, domain=domain, abuse_key=attempt.email_abuse_key, now=now):
        return None
    open_ = attempt.pending and attempt.used_at is None and attempt.declined_at is None
    if open_:
        return LETTERS[attempt.kind]
    state = tx.scalar(sa.select(Entry.state).where(Entry.id == attempt.entry_id))
    if attempt.kind == "change" or state not in (State.WAITING, State.INVITED, State.LAPSED, State.JOINED):
        return None
    return "already_in_line"


def _newest_like(tx: Tx, launch: Launch, attempt_public_id: str) -> Attempt:
    named = one(tx, sa.select(Attempt).where(Attempt.launch_id == launch.id, Attempt.public_id == attempt_public_id))
    if named is None:
        raise UnknownAttempt(attempt_public_id)
    newest = one(tx, _newest(launch, named.email_key, named.kind))
    assert newest is not None, "the named one is there"
    return newest


def _newest(launch: Launch, email_key: str, kind: str) -> sa.Select[Attempt]:
    """Locked, so that two presses send one mail; one that another replaced only where there is no other."""
    return (
        sa.select(Attempt)
        .where(Attempt.launch_id == launch.id, Attempt.email_key == email_key, Attempt.kind == kind)
        .order_by(Attempt.replaced_at.is_not(None), Attempt.id.desc())
        .limit(1)
        .with_for_update()
    )
