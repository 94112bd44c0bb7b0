"""Approaching: an imported person is asked by mail, as if they had filled in the form themselves."""

from datetime import datetime

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.gates.answers import Refuses
from waitlist.models.entry import Entry
from waitlist.models.launch import Launch
from waitlist.models.upkeep import ImportRow
from waitlist.services import joining


def ask(tx: Tx, launch: Launch, row: ImportRow, *, now: datetime) -> tuple[str, str, int | None]:
    """Write the attempt and its mail; returns (outcome, reason, entry id) of the row."""
    data = row.data or {}
    application = joining.Application(
        email=data["email"],
        email_key=row.email_key or "",
        domain=data["domain"],
        abuse_key=data["abuse_key"],
        ticket=data["ticket"],
        arm_ticket=data["arm_ticket"],
        language=data["language"] or launch.language,
        name=data["name"],
        referral_slug=_slug_of(tx, launch.id, row.referrer_key),
    )
    try:
        joining.join(tx, launch, application, now=now)
    except joining.NotEligible as refused:
        return "problem", refused.answer.code if isinstance(refused.answer, Refuses) else "row_fact_missing", None
    except joining.NotOpen as refused:
        return "problem", "row_line_full" if refused.condition == "full" else "row_not_open", None
    entry_id = tx.scalar(sa.select(Entry.id).where(Entry.launch_id == launch.id, Entry.email_key == row.email_key))
    return "added", row.reason, entry_id


def _slug_of(tx: Tx, launch_id: int, email_key: str | None) -> str | None:
    if email_key is None:
        return None
    return tx.scalar(sa.select(Entry.slug).where(Entry.launch_id == launch_id, Entry.email_key == email_key))
