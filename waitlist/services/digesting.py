"""Digesting: whoever asked for it hears once a week where they stand, up or down, and by what."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from waitlist.db import Tx
from waitlist.models.entry import Entry, in_line
from waitlist.models.launch import Launch, PlacesShown
from waitlist.models.message import MailboxChoice
from waitlist.models.rank import Standing, standing_of
from waitlist.services import posting

WEEK = timedelta(days=7)


def due(rx: Tx, now: datetime) -> bool:
    """Whether anybody's week is over."""
    return rx.scalar(_waiting(now).limit(1)) is not None


def tell_due(tx: Tx, now: datetime, limit: int) -> int:
    """Write to at most `limit` people whose week is over; returns how many were looked at.

    Who asked just now, and who stands in no line today, gets no mail: their week begins anew. A launch that hides
    places sends none.
    """
    ids = list(tx.scalars(_waiting(now).order_by(MailboxChoice.id).limit(limit)))
    for choice_id in ids:
        _tell(tx, choice_id, now)
    return len(ids)


def _waiting(now: datetime) -> sa.Select[int]:
    over = sa.or_(MailboxChoice.digest_at.is_(None), MailboxChoice.digest_at <= now - WEEK)
    return sa.select(MailboxChoice.id).where(MailboxChoice.digest, over)


def _tell(tx: Tx, choice_id: int, now: datetime) -> None:
    who = tx.execute(_WHO, {"choice": choice_id}).one_or_none()
    standing = None if who is None else standing_of(tx, who.id)
    place, arrival = (None, None) if standing is None else (standing.place, standing.arrival)
    # Claimed by its own condition: of two workers one writes.
    claimed = tx.scalar(
        sa.update(MailboxChoice)
        .where(MailboxChoice.id == choice_id, MailboxChoice.id.in_(_waiting(now).scalar_subquery()))
        .values(digest_at=now, digest_place=place, digest_arrival=arrival)
        .returning(MailboxChoice.id)
    )
    if claimed is None or who is None or standing is None or who.digest_place is None:
        return
    about = {"launch_id": who.launch_id, "entry_id": who.id}
    dedupe = f"{who.public_id}:{now:%G-%V}"
    posting.enqueue(
        tx,
        "place_digest",
        dedupe,
        posting.To(who.email, who.email_key, who.language),
        now,
        about=about,
        params=_params(who, standing),
    )


def _params(who: Any, standing: Standing) -> dict[str, int]:
    return {
        "place": standing.place,
        "before": who.digest_place,
        "total": standing.total,
        "arrival": standing.arrival,
        "arrival_before": who.digest_arrival,
        "points": standing.points,
        "points_before": who.digest_place - who.digest_arrival,
    }


_WHO = (
    sa.select(Entry, MailboxChoice.digest_place, MailboxChoice.digest_arrival)
    .join(
        MailboxChoice,
        sa.and_(MailboxChoice.launch_id == Entry.launch_id, MailboxChoice.email_key == Entry.email_key),
    )
    .join(Launch, Launch.id == Entry.launch_id)
    .where(
        MailboxChoice.id == sa.bindparam("choice"),
        Launch.places_shown == PlacesShown.EXACT,
        Launch.launched_at.is_(None),
        in_line,
    )
)
