"""Handing over: a new member walks into the product with a one-time code that it exchanges for who they are."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from waitlist.actors import Actor
from waitlist.db import Tx, one
from waitlist.models.entry import Entry
from waitlist.models.invite import Admission, AdmissionState, Handoff, Invite, Redemption
from waitlist.models.launch import Launch
from waitlist.services.recording import record

LIFE = timedelta(minutes=5)


class NotIn(Exception):
    """The admission was taken back."""


class HandoffUnknown(Exception):
    """No code of this launch reads so."""


class HandoffSpent(Exception):
    """The code was exchanged before, or its five minutes are over."""


class ExternalIdTaken(Exception):
    """The product's user id belongs to somebody else here, or this person has another."""


def mint(tx: Tx, launch: Launch, admission_id: int, *, code_hash: str, now: datetime) -> None:
    """Write a code for an active admission; raises NotIn."""
    active = (
        Admission.id == admission_id, Admission.launch_id == launch.id, Admission.state == AdmissionState.ACTIVE
    )  # fmt: skip
    if tx.scalar(sa.select(Admission.id).where(*active)) is None:
        raise NotIn
    row = {
        "code_hash": code_hash,
        "launch_id": launch.id,
        "admission_id": admission_id,
        "created_at": now,
        "expires_at": now + LIFE,
    }
    tx.execute(sa.insert(Handoff).values(row))


def exchange(
    tx: Tx, launch: Launch, code_hash: str, *, key_id: int, external_id: str | None, now: datetime
) -> tuple[Admission, Entry]:
    """Spend a code and answer with whom it names; `external_id` is the product's own user id, bound for good.

    Raises HandoffUnknown, HandoffSpent, ExternalIdTaken or NotIn.
    """
    spent = one(
        tx,
        sa.update(Handoff)
        .where(
            Handoff.code_hash == code_hash,
            Handoff.launch_id == launch.id,
            Handoff.exchanged_at.is_(None),
            Handoff.expires_at > now,
        )
        .values(exchanged_at=now, exchanged_by=f"key:{key_id}")
        .returning(Handoff),
    )
    if spent is None:
        raise _why_not(tx, launch, code_hash)
    admission = one(tx, sa.select(Admission).where(Admission.id == spent.admission_id))
    assert admission is not None, "the foreign key says so"
    if admission.state != AdmissionState.ACTIVE:
        raise NotIn
    entry = _entry(tx, launch, admission.entry_id, external_id)
    actor = Actor("key", str(key_id))
    record(tx, "handing.exchanged", launch.id, ("entry", entry.id), actor, now, {"admission": admission.id})
    return admission, entry


@dataclass(frozen=True)
class CameBy:
    """The invite that let somebody in."""

    public_id: str
    source: str
    redeemed_at: datetime


def came_by(tx: Tx, admission: Admission) -> CameBy | None:
    """Which invite an admission was redeemed with; None where a rule or the team let them in."""
    row = tx.execute(
        sa.select(Invite.public_id, Invite.source, Redemption.redeemed_at)
        .join(Redemption, Redemption.invite_id == Invite.id)
        .where(Invite.id == admission.invite_id, Redemption.entry_id == admission.entry_id)
    ).one_or_none()
    return None if row is None else CameBy(row.public_id, row.source, row.redeemed_at)


def _why_not(tx: Tx, launch: Launch, code_hash: str) -> Exception:
    known = sa.select(Handoff.id).where(Handoff.code_hash == code_hash, Handoff.launch_id == launch.id)
    return HandoffUnknown() if tx.scalar(known) is None else HandoffSpent()


def _entry(tx: Tx, launch: Launch, entry_id: int, external_id: str | None) -> Entry:
    if external_id is None:
        entry = one(tx, sa.select(Entry).where(Entry.id == entry_id))
        assert entry is not None, "the foreign key says so"
        return entry
    unbound = sa.or_(Entry.external_id.is_(None), Entry.external_id == external_id)
    try:
        with tx.begin_nested():
            bound = one(
                tx,
                sa.update(Entry)
                .where(Entry.id == entry_id, Entry.launch_id == launch.id, unbound)
                .values(external_id=external_id)
                .returning(Entry),
            )
    except IntegrityError as taken:
        raise ExternalIdTaken from taken
    if bound is None:
        raise ExternalIdTaken
    return bound
