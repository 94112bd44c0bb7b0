"""The welcome page: what somebody who just came in has, and may give."""

from dataclasses import dataclass

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry
from waitlist.models.invite import Admission, AdmissionState
from waitlist.models.launch import Launch


@dataclass(frozen=True)
class Welcome:
    """One admission in plain values; `active` is False once it was taken back."""

    admission: int
    entry: str  # public id
    entry_id: int
    email: str
    name: str
    invites_left: int
    active: bool


def welcome(tx: Tx, launch: Launch, admission_public_id: str) -> Welcome | None:
    """The page of one admission, or None where this launch has no such one."""
    row = tx.execute(
        sa.select(
            Admission.id,
            Admission.state,
            Entry.id.label("entry_id"),
            Entry.public_id,
            Entry.email,
            Entry.name,
            Entry.allowance_left,
        )
        .join(Entry, Entry.id == Admission.entry_id)
        .where(Admission.launch_id == launch.id, Admission.public_id == admission_public_id)
    ).one_or_none()
    if row is None:
        return None
    active = row.state == AdmissionState.ACTIVE
    return Welcome(row.id, row.public_id, row.entry_id, row.email, row.name, row.allowance_left, active)
