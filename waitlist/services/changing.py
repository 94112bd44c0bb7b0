"""Changing: a person moves to another address; the new one proves itself, the old one may take it back for a week."""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from waitlist import codes
from waitlist.actors import Actor
from waitlist.applying import Drawn
from waitlist.db import Tx, one
from waitlist.gates.answers import Admits
from waitlist.models import entry as entries
from waitlist.models.condition import LINK_LIFE
from waitlist.models.entry import Attempt, Entry, State
from waitlist.models.facts import is_denied
from waitlist.models.launch import Launch
from waitlist.services import linking, posting, rebinding, resending
from waitlist.services.confirming import LinkExpired, LinkReplaced
from waitlist.services.inviting import Keys
from waitlist.services.joining import Asked, NotEligible
from waitlist.services.judging import answer_for
from waitlist.services.recording import record

UNDO = timedelta(days=7)  # from the notice on


class CannotChange(Exception):
    """There is nobody whose address could be changed: not confirmed, removed, or of another launch."""


class SameAddress(Exception):
    """The new address is the present one."""


class AddressTaken(Exception):
    """Another entry of this launch has the address; said only to who proved that the mailbox is theirs."""


class NotChanged(LookupError):
    """There is no such change."""


class TooLate(Exception):
    """The week in which the old address may take a change back is over."""


@dataclass(frozen=True)
class Kept:
    """The address that a change replaced, as the attempt keeps it."""

    email: str
    email_key: str
    abuse_key: str
    domain: str
    ticket: int
    arm_ticket: int

    @classmethod
    def of(cls, entry: Entry) -> "Kept":
        drawn = {"ticket": entry.ticket, "arm_ticket": entry.arm_ticket}
        return cls(entry.email, entry.email_key, entry.email_abuse_key, entry.domain, **drawn)


def ask(tx: Tx, launch: Launch, entry_id: int, new: Drawn, *, actor: Actor, now: datetime, reason: str = "") -> Asked:
    """Mail a link to the new address and a notice to the old one; nothing is changed yet.

    Raises CannotChange, SameAddress, or NotEligible with what the rules say of the new address. A blocked address and
    one that somebody else has get the same answer as any other, and no link.
    """
    entry = one(tx, sa.select(Entry).where(Entry.id == entry_id, Entry.launch_id == launch.id))
    if entry is None or entry.state in (State.UNCONFIRMED, State.REMOVED):
        raise CannotChange
    if entry.email_key == new.email_key:
        raise SameAddress
    denied = is_denied(tx, launch.id, domain=new.domain, abuse_key=new.abuse_key, now=now)
    if not denied:
        _ask_rules(tx, launch, entry, new, now)
    taken = one(tx, entries.by_address(launch.id, new.email_key)) is not None
    attempt = _write(tx, launch, entry, new, pending=not (denied or taken), now=now)
    if attempt.pending:
        resending.post(tx, launch, attempt, "change_confirm", now=now)
    resending.post(tx, launch, attempt, "change_notice", to=posting.to(entry), now=now)
    data, personal = {"attempt": attempt.id}, {"reason": reason} if reason else None
    record(tx, "changing.asked", launch.id, ("entry", entry.id), actor, now, data, personal=personal)
    return Asked(attempt.id, attempt.public_id)


def confirm(tx: Tx, launch: Launch, attempt_id: int, new: Drawn, *, keys: Keys, actor: Actor, now: datetime) -> Entry:
    """Move the person to the address that has just proven itself; every later press finds it done.

    `new` is the attempt's address. Key, domain and tickets follow it, and so do open invites. Raises LinkExpired,
    LinkReplaced, NotEligible (the rules are asked again) or AddressTaken, with nothing changed.
    """
    attempt = one(tx, sa.update(Attempt).where(_open(launch, attempt_id, now)).values(used_at=now).returning(Attempt))
    if attempt is None:
        return _second_press(tx, launch, attempt_id)
    if attempt.email_key != new.email_key:
        raise ValueError("another address than the attempt's")
    old = _entry_of(tx, attempt)
    _ask_rules(tx, launch, old, new, now)
    rebinding.follow(tx, launch, old, new, keys=keys, now=now)
    changed = _readdress(tx, old, {**_columns(new), "gate_revision": launch.revision})
    tx.execute(sa.update(Attempt).where(Attempt.id == attempt.id).values(before=asdict(Kept.of(old))))
    _record(tx, "changing.changed", launch, old, changed, actor=actor, now=now)
    return changed


def undo(tx: Tx, launch: Launch, attempt_id: int, *, keys: Keys, actor: Actor, now: datetime) -> Entry:
    """Back to the old address, as its owner says; what was not confirmed yet cannot be any more.

    Later changes end too, sessions are signed out and the private link is renewed: somebody else may have had them.
    Raises NotChanged, TooLate or AddressTaken.
    """
    attempt = one(tx, sa.select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is None or attempt.launch_id != launch.id or attempt.kind != "change":
        raise NotChanged(attempt_id)
    entry = _entry_of(tx, attempt)
    if attempt.declined_at is not None:
        return entry
    if attempt.created_at + UNDO <= now:
        raise TooLate
    _end_changes(tx, attempt, now)
    if attempt.before is None:
        record(tx, "changing.declined", launch.id, ("entry", entry.id), actor, now, {"attempt": attempt.id})
        return entry
    before = Kept(**attempt.before)
    rebinding.follow(tx, launch, entry, before, keys=keys, now=now)
    restored = _readdress(tx, entry, {**_columns(before), "link_version": Entry.link_version + 1})
    linking.sign_out(tx, entry.id, now=now)
    _record(tx, "changing.undone", launch, entry, restored, actor=actor, now=now)
    return restored


def _ask_rules(tx: Tx, launch: Launch, entry: Entry, new: Drawn, now: datetime) -> None:
    answer = answer_for(
        tx,
        launch,
        domain=new.domain,
        abuse_key=new.abuse_key,
        referred=entry.referrer_id is not None,
        invited=entry.state in (State.INVITED, State.JOINED),
        entry=entry,
        now=now,
    )
    if not isinstance(answer, Admits):
        raise NotEligible(answer)


def _write(tx: Tx, launch: Launch, entry: Entry, new: Drawn, *, pending: bool, now: datetime) -> Attempt:
    waiting = sa.and_(Attempt.entry_id == entry.id, Attempt.kind == "change", Attempt.used_at.is_(None))
    tx.execute(sa.update(Attempt).where(waiting, Attempt.replaced_at.is_(None)).values(replaced_at=now))
    row = {
        "public_id": codes.random_id("att"),
        "launch_id": launch.id,
        "kind": "change",
        "entry_id": entry.id,
        "email": new.email,
        "email_key": new.email_key,
        "email_abuse_key": new.abuse_key,
        "language": entry.language,
        "pending": pending,
        "created_at": now,
        "sent_at": now,
        "expires_at": now + LINK_LIFE,
    }
    attempt = one(tx, sa.insert(Attempt).values(row).returning(Attempt))
    assert attempt is not None, "INSERT ... RETURNING answers with its row"
    return attempt


def _open(launch: Launch, attempt_id: int, now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        Attempt.id == attempt_id,
        Attempt.launch_id == launch.id,
        Attempt.kind == "change",
        Attempt.pending,
        Attempt.used_at.is_(None),
        Attempt.replaced_at.is_(None),
        Attempt.declined_at.is_(None),
        Attempt.expires_at > now,
    )


def _second_press(tx: Tx, launch: Launch, attempt_id: int) -> Entry:
    attempt = one(tx, sa.select(Attempt).where(Attempt.id == attempt_id, Attempt.launch_id == launch.id))
    if attempt is None or attempt.kind != "change":
        raise NotChanged(attempt_id)
    if attempt.used_at is not None and attempt.declined_at is None:
        return _entry_of(tx, attempt)
    raise LinkReplaced(attempt) if attempt.replaced_at is not None else LinkExpired(attempt)


def _entry_of(tx: Tx, attempt: Attempt) -> Entry:
    entry = one(tx, sa.select(Entry).where(Entry.id == attempt.entry_id))
    if entry is None or entry.state == State.REMOVED:
        raise LinkExpired(attempt)
    return entry


def _readdress(tx: Tx, entry: Entry, values: dict[str, Any]) -> Entry:
    # The unique key decides, not a look beforehand; the savepoint keeps the transaction usable on PostgreSQL.
    try:
        with tx.begin_nested():
            changed = one(tx, sa.update(Entry).where(Entry.id == entry.id).values(**values).returning(Entry))
    except IntegrityError as error:
        raise AddressTaken from error
    assert changed is not None, "entries are not deleted here"
    return changed


def _columns(new: Drawn) -> dict[str, Any]:
    return {
        "email": new.email,
        "email_key": new.email_key,
        "email_abuse_key": new.abuse_key,
        "domain": new.domain,
        "ticket": new.ticket,
        "arm_ticket": new.arm_ticket,
    }


def _end_changes(tx: Tx, attempt: Attempt, now: datetime) -> None:
    since = (Attempt.entry_id == attempt.entry_id, Attempt.kind == "change", Attempt.id >= attempt.id)
    tx.execute(sa.update(Attempt).where(*since, Attempt.declined_at.is_(None)).values(declined_at=now))


def _record(tx: Tx, verb: str, launch: Launch, old: Entry, new: Entry, *, actor: Actor, now: datetime) -> None:
    personal = {"before": old.email, "after": new.email}
    record(tx, verb, launch.id, ("entry", old.id), actor, now, personal=personal)
