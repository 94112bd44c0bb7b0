"""Joining: somebody asks for a place, proves the mailbox, and stands in line."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import person
from waitlist.db import Tx, insert, one
from waitlist.gates.answers import Admits, Answer
from waitlist.models import entry as entries
from waitlist.models.condition import LINK_LIFE, Condition, circumstances, line_id_of
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.facts import is_denied
from waitlist.models.launch import MAIN, Launch
from waitlist.services import counting, posting
from waitlist.services.confirming import confirm
from waitlist.services.judging import answer_for

MAILS_A_DAY = 5


class NotOpen(Exception):
    """Joining is not possible now; `condition` says why."""

    def __init__(self, condition: Condition) -> None:
        super().__init__(condition)
        self.condition = condition


class NotEligible(Exception):
    """The rules refuse, or lack a fact: `answer` is what the gate said."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


@dataclass(frozen=True)
class Application:
    """What the form said, parsed, hashed and drawn outside the transaction."""

    email: str
    email_key: str
    domain: str
    abuse_key: str
    ticket: int
    arm_ticket: int
    language: str
    name: str = ""
    referral_slug: str | None = None
    answers: dict[str, Any] = field(default_factory=dict)  # question id (text) -> value
    consents: dict[str, str] = field(default_factory=dict)  # key -> version of the text
    first_touch: dict[str, Any] | None = None
    line: str = MAIN


@dataclass(frozen=True)
class Asked:
    """The attempt that was written; the page is the same whoever asked."""

    attempt_id: int
    attempt: str  # public id
    entry: str | None = None  # public id, only where no confirmation is asked and this call made the entry


def join(tx: Tx, launch: Launch, application: Application, *, now: datetime) -> Asked:
    """Write one attempt, whatever the case, and the mail that belongs to it.

    Raises NotOpen or NotEligible; both before anything was written. A blocked or removed person gets the same answer
    as everybody and no mail.
    """
    denied = is_denied(tx, launch.id, domain=application.domain, abuse_key=application.abuse_key, now=now)
    if not denied and application.line == MAIN:
        _check(tx, launch, application, now)
    entry = _entry_for(tx, launch, application, now)
    pending = not denied and entry.state in (State.UNCONFIRMED, State.LEFT)
    attempt = _write_attempt(tx, launch, application, entry, pending=pending, now=now)
    if denied or entry.state == State.REMOVED:
        return attempt
    if pending and not launch.double_opt_in:
        confirmed = confirm(tx, launch, attempt.attempt_id, actor=person(entry.public_id), now=now)
        return Asked(attempt.attempt_id, attempt.attempt, confirmed.entry.public_id)
    kind = "confirm" if pending else "already_in_line"
    post_attempt(tx, launch, attempt.attempt_id, kind, now=now)
    return attempt


def post_attempt(tx: Tx, launch: Launch, attempt_id: int, kind: str, *, now: datetime) -> bool:
    """Queue the mail of an attempt, unless its address has had its five today; says whether it was within them.

    Counted for unknown addresses too, by callers that have nothing to send.
    """
    attempt = one(tx, sa.select(Attempt).where(Attempt.id == attempt_id))
    assert attempt is not None, "the attempt was written before its mail"
    if not claim_mail(tx, launch, attempt.email_key, now=now):
        return False
    posting.enqueue(
        tx,
        kind,
        f"{attempt.public_id}:{attempt.version}",
        posting.to(attempt),
        now,
        about={"launch_id": launch.id, "entry_id": attempt.entry_id, "attempt_id": attempt_id},
    )
    return True


def claim_mail(tx: Tx, launch: Launch, email_key: str, *, now: datetime) -> bool:
    """Count one more mail that a stranger makes us write to an address; False once it has had its five today."""
    what = f"{launch.id}:{email_key}"
    return counting.claim(tx, "mail", what, limit=MAILS_A_DAY, window=timedelta(days=1), now=now)


def _check(tx: Tx, launch: Launch, application: Application, now: datetime) -> None:
    condition = circumstances(tx, launch, now).condition
    closed = condition not in (Condition.OPEN, Condition.LAUNCHED)
    if closed and not (condition is Condition.FULL and _known(tx, launch, application)):
        raise NotOpen(condition)
    referred = application.referral_slug is not None and _referrer(tx, launch, application) is not None
    answer = answer_for(
        tx, launch, domain=application.domain, abuse_key=application.abuse_key, referred=referred, now=now
    )
    if not isinstance(answer, Admits):
        raise NotEligible(answer)
    if launch.line_limit is not None:
        _limit_line(tx, launch, application, now)


def _limit_line(tx: Tx, launch: Launch, application: Application, now: datetime) -> None:
    # Counting is not claiming: where a limit is set, and only there, joins of a line take turns.
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("SELECT pg_advisory_xact_lock(7202, CAST(:launch AS integer))"), {"launch": launch.id})
    if circumstances(tx, launch, now).condition is Condition.FULL and not _known(tx, launch, application):
        raise NotOpen(Condition.FULL)


def _known(tx: Tx, launch: Launch, application: Application) -> bool:
    state = tx.scalar(
        sa.select(Entry.state).where(Entry.launch_id == launch.id, Entry.email_key == application.email_key)
    )
    return state not in (None, State.LEFT)


def _referrer(tx: Tx, launch: Launch, application: Application) -> int | None:
    """The entry behind the link, if it still counts: erased or removed people give no credit."""
    return tx.scalar(
        sa.select(Entry.id).where(
            Entry.launch_id == launch.id,
            Entry.slug == application.referral_slug,
            Entry.state.not_in((State.UNCONFIRMED, State.REMOVED)),
        )
    )


def _entry_for(tx: Tx, launch: Launch, application: Application, now: datetime) -> Entry:
    public_id = codes.random_id("ent")
    made = one(
        tx,
        insert(tx, Entry)
        .values(
            public_id=public_id,
            launch_id=launch.id,
            line_id=line_id_of(tx, launch.id, application.line),
            email=application.email,
            email_key=application.email_key,
            email_abuse_key=application.abuse_key,
            domain=application.domain,
            language=application.language,
            slug=codes.random_slug(),
            state=State.UNCONFIRMED,
            state_at=now,
            state_by=str(person(public_id)),
            created_at=now,
            ticket=application.ticket,
            arm_ticket=application.arm_ticket,
        )
        .on_conflict_do_nothing(index_elements=["launch_id", "email_key"])
        .returning(Entry),
    )
    entry = made or one(tx, entries.by_address(launch.id, application.email_key))
    assert entry is not None, "an entry that conflicted is there"
    return entry


def _write_attempt(
    tx: Tx, launch: Launch, application: Application, entry: Entry, *, pending: bool, now: datetime
) -> Asked:
    _replace_earlier(tx, launch, application, entry, now)
    public_id = codes.random_id("att")
    attempt = {
        "public_id": public_id,
        "launch_id": launch.id,
        "kind": "join",
        "entry_id": entry.id,
        "line_key": application.line,
        "email": application.email,
        "email_key": application.email_key,
        "email_abuse_key": application.abuse_key,
        "name": application.name,
        "language": application.language,
        "answers": application.answers,
        "consents": application.consents,
        "referrer_id": _referrer(tx, launch, application),
        "first_touch": application.first_touch,
        "pending": pending,
        "created_at": now,
        "sent_at": now,
        "expires_at": now + LINK_LIFE,
    }
    attempt_id: int = tx.execute(sa.insert(Attempt).values(attempt).returning(Attempt.id)).scalar_one()
    return Asked(attempt_id, public_id)


def _replace_earlier(tx: Tx, launch: Launch, application: Application, entry: Entry, now: datetime) -> None:
    """The newest mail is the one that counts, and its 48 hours run from now."""
    tx.execute(
        sa.update(Attempt)
        .where(Attempt.launch_id == launch.id, Attempt.email_key == application.email_key, Attempt.kind == "join")
        .where(Attempt.used_at.is_(None), Attempt.replaced_at.is_(None))
        .values(replaced_at=now)
    )
    if entry.state == State.UNCONFIRMED:
        tx.execute(sa.update(Entry).where(Entry.id == entry.id, Entry.state == State.UNCONFIRMED).values(state_at=now))
