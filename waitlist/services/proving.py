"""Proving: a mailbox is shown to be its person's, by the link or the six digits that were mailed to it.

Whatever the case, known address or not, the same rows are counted and written and the same outcome is returned: only
the mail that arrives tells them apart.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import person
from waitlist.applying import Mailbox
from waitlist.db import Tx, one
from waitlist.models import entry as entries
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.facts import is_denied
from waitlist.models.launch import Launch
from waitlist.services import counting, resending
from waitlist.services.recording import record

CODE_LIFE = timedelta(minutes=15)
TRIES = 5
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ASKS_AN_HOUR = {"find": 3, "sign_in": 5, "redeem": 5, "member_action": 5}
ASKS_A_DAY = 20
IN_SIGHT = (State.WAITING, State.INVITED, State.LAPSED, State.JOINED)


@dataclass(frozen=True)
class Asked:
    """The attempt that was written. `pending` is for tests and logs: no page may differ by it."""

    attempt_id: int
    attempt: str  # public id
    pending: bool


@dataclass(frozen=True)
class TooOften:
    """This address was asked for often enough, known or not; after `seconds` it works again."""

    seconds: int


@dataclass(frozen=True)
class Proven:
    attempt: Attempt


@dataclass(frozen=True)
class WrongCode:
    """A try was spent; this outcome has to be committed."""

    tries_left: int


@dataclass(frozen=True)
class Spent:
    """Nothing can be proven by this attempt any more: `why` is expired, used, replaced, declined or tries."""

    why: str


def ask(
    tx: Tx,
    launch: Launch,
    kind: str,
    who: Mailbox,
    *,
    language: str,
    now: datetime,
    invite_id: int | None = None,
    where: str = "",
) -> Asked | TooOften:
    """Write one attempt for an address and the mail that belongs to it, if any does.

    `kind` is sign_in, redeem, find or member_action. Whoever is in line but no member gets a status link instead of a
    sign-in, whoever has not confirmed a new confirmation link, a stranger or a blocked person nothing. `where` are
    words for the device that asks, which the mail repeats.
    """
    if seconds := _wait(tx, launch, kind, who, now):
        return TooOften(seconds)
    denied = is_denied(tx, launch.id, domain=who.domain, abuse_key=who.abuse_key, now=now)
    entry = one(tx, entries.by_address(launch.id, who.email_key))
    letter = None if denied else _letter(kind, entry)
    asked = _write(
        tx,
        launch,
        kind,
        who,
        entry_id=None if entry is None else entry.id,
        invite_id=invite_id,
        language=language if entry is None else entry.language,
        pending=letter in {"sign_in", "proof"},
        now=now,
    )
    if letter == "confirm":
        resending.newest_confirmation(tx, launch, who.email_key, now=now)
    elif letter is not None:
        _post(tx, launch, asked, letter, now, where)
    return asked


def by_code(
    tx: Tx, launch: Launch, attempt_public_id: str, typed: str, *, key: bytes, now: datetime
) -> Proven | WrongCode | Spent:
    """Spend one of five tries on a six-digit code; works the same where nothing is pending.

    Raises codes.BadCode, before a try is spent, for anything but six digits. An attempt to join is left for
    `confirming.confirm` to use up.
    """
    digits = codes.read_six_digits(typed)
    attempt = one(
        tx,
        sa.update(Attempt)
        .where(_named(launch, attempt_public_id), _open(now), Attempt.tries < TRIES)
        .values(tries=Attempt.tries + 1)
        .returning(Attempt),
    )
    if attempt is None:
        return _spent(tx, launch, attempt_public_id, now)
    right = codes.same(codes.six_digits(key, attempt.public_id, attempt.version), digits)
    if not (right and attempt.pending):
        return WrongCode(TRIES - attempt.tries)
    if attempt.kind != "join":
        tx.execute(sa.update(Attempt).where(Attempt.id == attempt.id).values(used_at=now))
        _record(tx, launch, attempt, now)
    return Proven(attempt)


def by_link(tx: Tx, launch: Launch, attempt_public_id: str, version: int, *, now: datetime) -> Proven | Spent:
    """Use up the mailed link of an attempt, once; links to confirm a place go to `confirming.confirm` instead."""
    attempt = one(
        tx,
        sa.update(Attempt)
        .where(
            _named(launch, attempt_public_id),
            _open(now),
            Attempt.kind != "join",
            Attempt.pending,
            Attempt.version == version,
        )
        .values(used_at=now)
        .returning(Attempt),
    )
    if attempt is None:
        return _spent(tx, launch, attempt_public_id, now, version=version)
    _record(tx, launch, attempt, now)
    return Proven(attempt)


def _wait(tx: Tx, launch: Launch, kind: str, who: Mailbox, now: datetime) -> int:
    """0 where the address may be asked for; otherwise after how many seconds it may again."""
    what = f"{launch.id}:{who.email_key}"
    for name, limit, window in ((f"ask.{kind}", ASKS_AN_HOUR[kind], HOUR), ("ask", ASKS_A_DAY, DAY)):
        if not counting.claim(tx, name, what, limit=limit, window=window, now=now):
            end = counting.window_end(tx, name, what) or now + window
            return -(-(end - now) // timedelta(seconds=1))
    return 0


def _letter(kind: str, entry: Entry | None) -> str | None:
    """The mail that answers, or None where nobody may be written to."""
    if kind == "redeem":
        return None if entry is not None and entry.state == State.REMOVED else "proof"
    if entry is None or entry.state == State.REMOVED:
        return None
    if kind == "member_action":
        return None if entry.state == State.UNCONFIRMED else "proof"
    if kind == "sign_in" and entry.state == State.JOINED:
        return "sign_in"
    if entry.state == State.UNCONFIRMED:
        return "confirm"
    return "already_in_line" if entry.state in IN_SIGHT else None


def _write(
    tx: Tx,
    launch: Launch,
    kind: str,
    who: Mailbox,
    *,
    entry_id: int | None,
    invite_id: int | None,
    language: str,
    pending: bool,
    now: datetime,
) -> Asked:
    tx.execute(
        sa.update(Attempt)
        .where(Attempt.launch_id == launch.id, Attempt.email_key == who.email_key, Attempt.kind == kind)
        .where(Attempt.used_at.is_(None), Attempt.replaced_at.is_(None))
        .values(replaced_at=now)
    )
    public_id = codes.random_id("att")
    row = {
        "public_id": public_id,
        "launch_id": launch.id,
        "kind": kind,
        "entry_id": entry_id,
        "invite_id": invite_id,
        "email": who.email,
        "email_key": who.email_key,
        "email_abuse_key": who.abuse_key,
        "language": language,
        "pending": pending,
        "created_at": now,
        "sent_at": now,
        "expires_at": now + CODE_LIFE,
    }
    attempt_id: int = tx.execute(sa.insert(Attempt).values(row).returning(Attempt.id)).scalar_one()
    return Asked(attempt_id, public_id, pending)


def _post(tx: Tx, launch: Launch, asked: Asked, letter: str, now: datetime, where: str) -> None:
    attempt = one(tx, sa.select(Attempt).where(Attempt.id == asked.attempt_id))
    assert attempt is not None, "it was written just now"
    resending.post(tx, launch, attempt, letter, now=now, where=where)


def _named(launch: Launch, attempt_public_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(Attempt.launch_id == launch.id, Attempt.public_id == attempt_public_id)


def _open(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Attempt.used_at.is_(None),
        Attempt.replaced_at.is_(None),
        Attempt.declined_at.is_(None),
        Attempt.expires_at > now,
    )


def _spent(tx: Tx, launch: Launch, attempt_public_id: str, now: datetime, *, version: int | None = None) -> Spent:
    attempt = one(tx, sa.select(Attempt).where(_named(launch, attempt_public_id)))
    if attempt is None or attempt.declined_at is not None:
        return Spent("declined")
    if attempt.used_at is not None:
        return Spent("used")
    if attempt.replaced_at is not None or version not in (None, attempt.version):
        return Spent("replaced")
    return Spent("expired" if attempt.expires_at <= now else "tries")


def _record(tx: Tx, launch: Launch, attempt: Attempt, now: datetime) -> None:
    actor = person(attempt.public_id)
    record(tx, "proving.proven", launch.id, ("attempt", attempt.id), actor, now, {"kind": attempt.kind})
