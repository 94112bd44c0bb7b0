"""Joining: somebody asks for a place, proves the mailbox, and stands in line."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql.selectable import TypedReturnsRows

from waitlist import codes
from waitlist.actors import person
from waitlist.db import Tx, inserting, one
from waitlist.gates.answers import Answer, Refuses
from waitlist.models import entry as entries
from waitlist.models.condition import LINK_LIFE, Condition, circumstances, line_id_of
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.facts import is_denied
from waitlist.models.launch import INTEREST, MAIN, Launch
from waitlist.services import counting, denying, posting
from waitlist.services.confirming import confirm, may_change_line
from waitlist.services.judging import answer_for
from waitlist.services.limiting import has_room

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
    as everybody and no mail. A sixth mail in a day is not sent, and the link of the fifth goes on working.
    """
    denied = is_denied(tx, launch.id, domain=application.domain, abuse_key=application.abuse_key, now=now)
    _check(tx, launch, application, now, denied=denied)
    entry = _entry_for(tx, launch, application, now)
    pending = not denied and _may_stand(tx, launch, entry, application.line)
    if denied or entry.state == State.REMOVED:
        claim_mail(tx, launch, application.email_key, now=now)  # counted like everybody's, and not sent
        denying.note_try(tx, launch, domain=application.domain, abuse_key=application.abuse_key, now=now)
        return _write_attempt(tx, launch, application, entry, pending=False, now=now)
    if pending and not launch.double_opt_in:
        attempt = _write_attempt(tx, launch, application, entry, pending=True, now=now)
        confirmed = confirm(tx, launch, attempt.attempt_id, actor=person(entry.public_id), now=now)
        return Asked(attempt.attempt_id, attempt.attempt, confirmed.entry.public_id)
    mailed = claim_mail(tx, launch, application.email_key, now=now)
    earlier = None if mailed else _open_attempt(tx, launch, application)
    attempt = _write_attempt(tx, launch, application, entry, pending=pending and earlier is None, now=now)
    if earlier is not None:
        tx.execute(sa.update(Attempt).where(Attempt.id == attempt.attempt_id).values(replaced_at=now))
    if mailed:
        _enqueue(tx, launch, attempt.attempt_id, "confirm" if pending else "already_in_line", now)
    return earlier or attempt


def post_attempt(tx: Tx, launch: Launch, attempt_id: int, kind: str, *, now: datetime) -> bool:
    """Queue the mail of an attempt, unless its address has had its five today; says whether it was within them.

    Counted for unknown addresses too, by callers that have nothing to send.
    """
    email_key: str = tx.execute(sa.select(Attempt.email_key).where(Attempt.id == attempt_id)).scalar_one()
    if not claim_mail(tx, launch, email_key, now=now):
        return False
    _enqueue(tx, launch, attempt_id, kind, now)
    return True


def claim_mail(tx: Tx, launch: Launch, email_key: str, *, now: datetime) -> bool:
    """Count one more mail that a stranger makes us write to an address; False once it has had its five today."""
    what = f"{launch.id}:{email_key}"
    return counting.claim(tx, "mail", what, limit=MAILS_A_DAY, window=timedelta(days=1), now=now)


def _enqueue(tx: Tx, launch: Launch, attempt_id: int, kind: str, now: datetime) -> None:
    attempt = one(tx, _ATTEMPT, {"of_attempt": attempt_id})
    assert attempt is not None, "the attempt was written before its mail"
    posting.enqueue(
        tx,
        kind,
        f"{attempt.public_id}:{attempt.version}",
        posting.to(attempt),
        now,
        about={"launch_id": launch.id, "entry_id": attempt.entry_id, "attempt_id": attempt_id},
    )


def _check(tx: Tx, launch: Launch, application: Application, now: datetime, *, denied: bool) -> None:
    condition = circumstances(tx, launch, now).condition
    if application.line == INTEREST:
        if not launch.interest_open or condition is Condition.ARCHIVED:
            raise NotOpen(condition)
        return
    closed = condition not in (Condition.OPEN, Condition.LAUNCHED)
    if closed and not (condition is Condition.FULL and _has_place(tx, launch, application, now)):
        raise NotOpen(condition)
    if denied:
        return  # the same answer as for everybody whom the rules let in
    referred = application.referral_slug is not None and _referrer(tx, launch, application) is not None
    answer = answer_for(
        tx,
        launch,
        domain=application.domain,
        abuse_key=application.abuse_key,
        referred=referred,
        answers=application.answers,
        now=now,
    )
    # What is not known yet refuses nobody a place in line: the rules are asked again before anybody is let in.
    if isinstance(answer, Refuses):
        raise NotEligible(answer)
    if not has_room(tx, launch, now) and not _has_place(tx, launch, application, now):
        raise NotOpen(Condition.FULL)


def _has_place(tx: Tx, launch: Launch, application: Application, now: datetime) -> bool:
    """Whether the address is counted in the line's limit already, or has no need of a place in it."""
    entry = one(tx, entries.by_address(launch.id, application.email_key))
    if entry is None or entry.state == State.LEFT or entry.line_id == line_id_of(tx, launch.id, INTEREST):
        return False
    return entry.state != State.UNCONFIRMED or entry.state_at > now - LINK_LIFE


def _may_stand(tx: Tx, launch: Launch, entry: Entry, line: str) -> bool:
    """Whether a confirmation would give this person a place: not to those who have one, or had one taken away."""
    if entry.state in (State.UNCONFIRMED, State.LEFT):
        return True
    return line != INTEREST and may_change_line(tx, launch, entry)


def _open_attempt(tx: Tx, launch: Launch, application: Application) -> Asked | None:
    """The attempt whose mailed link works now."""
    row = tx.execute(
        sa.select(Attempt.id, Attempt.public_id)
        .where(Attempt.launch_id == launch.id, Attempt.email_key == application.email_key, Attempt.kind == "join")
        .where(Attempt.pending, Attempt.used_at.is_(None), Attempt.replaced_at.is_(None))
        .order_by(Attempt.id.desc())
        .limit(1)
    ).one_or_none()
    return None if row is None else Asked(row.id, row.public_id)


def _referrer(tx: Tx, launch: Launch, application: Application) -> int | None:
    """The entry behind the link, if it still counts: erased or removed people give no credit."""
    if application.referral_slug is None:
        return None
    return tx.scalar(
        sa.select(Entry.id).where(
            Entry.launch_id == launch.id,
            Entry.slug == application.referral_slug,
            Entry.state.not_in((State.UNCONFIRMED, State.REMOVED)),
        )
    )


def _entry_for(tx: Tx, launch: Launch, application: Application, now: datetime) -> Entry:
    public_id = codes.random_id("ent")
    row = {
        "public_id": public_id,
        "launch_id": launch.id,
        "line_id": line_id_of(tx, launch.id, application.line),
        "email": application.email,
        "email_key": application.email_key,
        "email_abuse_key": application.abuse_key,
        "domain": application.domain,
        "language": application.language,
        "slug": codes.random_slug(),
        "state": State.UNCONFIRMED,
        "state_at": now,
        "state_by": str(person(public_id)),
        "created_at": now,
        "ticket": application.ticket,
        "arm_ticket": application.arm_ticket,
    }
    made = one(tx, _make_entry(tx.dialect.name), row)
    entry = made or one(tx, entries.by_address(launch.id, application.email_key))
    assert entry is not None, "an entry that conflicted is there"
    return entry


@cache  # built once for each engine: building a statement costs more than executing it
def _make_entry(dialect: str) -> TypedReturnsRows[Entry]:
    statement = inserting(dialect, Entry).on_conflict_do_nothing(index_elements=["launch_id", "email_key"])
    return statement.returning(Entry)


def _write_attempt(
    tx: Tx, launch: Launch, application: Application, entry: Entry, *, pending: bool, now: datetime
) -> Asked:
    if pending:
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
    attempt_id: int = tx.execute(_WRITE_ATTEMPT, attempt).scalar_one()
    return Asked(attempt_id, public_id)


def _replace_earlier(tx: Tx, launch: Launch, application: Application, entry: Entry, now: datetime) -> None:
    """The newest mail is the one that counts, and its 48 hours run from now."""
    tx.execute(_REPLACE, {"of_launch": launch.id, "of_address": application.email_key, "replaced_at": now})
    if entry.state == State.UNCONFIRMED:
        line_id = line_id_of(tx, launch.id, application.line)
        tx.execute(_START_ANEW, {"of_entry": entry.id, "state_at": now, "line_id": line_id})


# What every join executes, built once.
_WRITE_ATTEMPT = sa.insert(Attempt).returning(Attempt.id)
_ATTEMPT = sa.select(Attempt).where(Attempt.id == sa.bindparam("of_attempt"))
_REPLACE = (
    sa.update(Attempt)
    .where(Attempt.launch_id == sa.bindparam("of_launch"), Attempt.email_key == sa.bindparam("of_address"))
    .where(Attempt.kind == "join", Attempt.used_at.is_(None), Attempt.replaced_at.is_(None))
)
_START_ANEW = sa.update(Entry).where(Entry.id == sa.bindparam("of_entry"), Entry.state == State.UNCONFIRMED)
