"""Choosing: what mail a person wants from a launch, and what was learned about their mailbox."""

from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from waitlist import codes
from waitlist.actors import WORKER, Actor
from waitlist.db import Tx, insert, one
from waitlist.models.launch import Launch
from waitlist.models.message import MailboxChoice, key_of_hash
from waitlist.services import counting, posting
from waitlist.services.recording import record

SOFT_BOUNCES = 3
SOFT_WINDOW = timedelta(days=7)


class Wants(StrEnum):
    """All mails, only those about the own place and invites, or none that was not just asked for."""

    ALL = "all"
    PLACE = "place"
    NOTHING = "nothing"


class NoSuchChoice(LookupError):
    """No settings with this id in this launch."""


class NothingToUndo(Exception):
    """The settings are as they were from the start, or were put back already."""


def choose(
    tx: Tx, launch: Launch, choice_public_id: str, wants: Wants, *, actor: Actor, now: datetime
) -> MailboxChoice:
    """Write down what the mailbox wants; the same choice twice is one. Raises NoSuchChoice.

    Mail that is not wanted is held, not lost: whoever sends decides by this row, and anew after every change of it.
    """
    chosen = one(
        tx,
        sa.update(MailboxChoice)
        .where(_named(launch, choice_public_id), MailboxChoice.wants != wants)
        .values(wants=wants, wanted_before=MailboxChoice.wants, changed_at=now)
        .returning(MailboxChoice),
    )
    if chosen is None:
        return _there(tx, launch, choice_public_id)
    posting.reconsider_held(tx, launch.id, chosen.email_key, now=now)
    data = {"before": chosen.wanted_before, "after": wants}
    record(tx, "choosing.chosen", launch.id, ("mailbox", chosen.id), actor, now, data)
    return chosen


def undo(tx: Tx, launch: Launch, choice_public_id: str, *, actor: Actor, now: datetime) -> MailboxChoice:
    """Back to what was wanted before, once. Raises NoSuchChoice or NothingToUndo."""
    restored = one(
        tx,
        sa.update(MailboxChoice)
        .where(_named(launch, choice_public_id), MailboxChoice.wanted_before.is_not(None))
        .values(wants=MailboxChoice.wanted_before, wanted_before=None, changed_at=now)
        .returning(MailboxChoice),
    )
    if restored is None:
        _there(tx, launch, choice_public_id)
        raise NothingToUndo
    posting.reconsider_held(tx, launch.id, restored.email_key, now=now)
    record(tx, "choosing.undone", launch.id, ("mailbox", restored.id), actor, now, {"after": restored.wants})
    return restored


def digest(tx: Tx, launch: Launch, choice_public_id: str, *, wanted: bool, actor: Actor, now: datetime) -> None:
    """A mail a week about the place, or none; the first comes a week after it was asked for. Raises NoSuchChoice."""
    here = sa.and_(_named(launch, choice_public_id), MailboxChoice.digest != wanted)
    values = {"digest": wanted, "digest_at": None, "digest_place": None, "digest_arrival": None, "changed_at": now}
    changed = tx.scalar(sa.update(MailboxChoice).where(here).values(values).returning(MailboxChoice.id))
    if changed is None:
        _there(tx, launch, choice_public_id)
        return
    record(tx, "choosing.digest", launch.id, ("mailbox", changed), actor, now, {"wanted": wanted})


def never_invite(tx: Tx, launch: Launch, choice_public_id: str, *, actor: Actor, now: datetime) -> MailboxChoice:
    """Members may not invite this mailbox any more; what it wants otherwise stays. Raises NoSuchChoice."""
    marked = one(
        tx,
        sa.update(MailboxChoice)
        .where(_named(launch, choice_public_id), MailboxChoice.do_not_invite_at.is_(None))
        .values(do_not_invite_at=now, changed_at=now)
        .returning(MailboxChoice),
    )
    if marked is None:
        return _there(tx, launch, choice_public_id)
    record(tx, "choosing.never_invited", launch.id, ("mailbox", marked.id), actor, now)
    return marked


def welcome_back(tx: Tx, launch_id: int, abuse_key: str) -> None:
    """Somebody who was erased, and wanted no more mail, proved the mailbox again: they are here by their own will."""
    silent = sa.and_(MailboxChoice.launch_id == launch_id, MailboxChoice.email_key == key_of_hash(abuse_key))
    tx.execute(sa.delete(MailboxChoice).where(silent))


def bounce(tx: Tx, launch_id: int | None, email: str, email_key: str, *, now: datetime, actor: Actor = WORKER) -> bool:
    """Mark a mailbox that refuses mail for good: with launch None for the whole host. True the first time."""
    statement = insert(tx, MailboxChoice).values(_row(launch_id, email, email_key, now) | {"bounced_at": now})
    marked = tx.execute(
        statement.on_conflict_do_update(
            index_elements=["email_key"] if launch_id is None else ["launch_id", "email_key"],
            index_where=MailboxChoice.launch_id.is_(None) if launch_id is None else None,
            set_={"bounced_at": now, "changed_at": now},
            where=MailboxChoice.bounced_at.is_(None),
        ).returning(MailboxChoice.id)
    ).scalar_one_or_none()
    if marked is None:
        return False
    record(tx, "choosing.bounced", launch_id, ("mailbox", marked), actor, now)
    return True


def soft_bounce(tx: Tx, email: str, email_key: str, *, now: datetime, actor: Actor = WORKER) -> bool:
    """Count a refusal that may pass; the third within seven days marks the mailbox. True when it did."""
    within = counting.claim(tx, "soft", email_key, limit=SOFT_BOUNCES - 1, window=SOFT_WINDOW, now=now)
    return not within and bounce(tx, None, email, email_key, actor=actor, now=now)


def recover(tx: Tx, email_key: str, *, launch_id: int | None = None, actor: Actor, now: datetime) -> int:
    """Take the marks off and queue what they held: an admin knows better, or a mail arrived. Returns how many.

    With a launch, what the team of another one marked stays: only the mark of this launch and that of the host go.
    """
    here = sa.true() if launch_id is None else sa.func.coalesce(MailboxChoice.launch_id, launch_id) == launch_id
    marked = tx.execute(
        sa.update(MailboxChoice)
        .where(MailboxChoice.email_key == email_key, MailboxChoice.bounced_at.is_not(None), here)
        .values(bounced_at=None, changed_at=now)
        .returning(MailboxChoice.id, MailboxChoice.launch_id)
    ).all()
    if marked:
        posting.reconsider_held(tx, None, email_key, now=now)
    for choice in marked:
        record(tx, "choosing.recovered", choice.launch_id or launch_id, ("mailbox", choice.id), actor, now)
    return len(marked)


def _named(launch: Launch, choice_public_id: str) -> sa.ColumnElement[bool]:
    return sa.and_(MailboxChoice.launch_id == launch.id, MailboxChoice.public_id == choice_public_id)


def _there(tx: Tx, launch: Launch, choice_public_id: str) -> MailboxChoice:
    choice = one(tx, sa.select(MailboxChoice).where(_named(launch, choice_public_id)))
    if choice is None:
        raise NoSuchChoice(choice_public_id)
    return choice


def _row(launch_id: int | None, email: str, email_key: str, now: datetime) -> dict[str, object]:
    return {
        "public_id": codes.random_id("box"),
        "launch_id": launch_id,
        "email": email,
        "email_key": email_key,
        "changed_at": now,
    }
