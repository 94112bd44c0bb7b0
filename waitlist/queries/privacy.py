"""Privacy: what one launch really keeps of people, read from its own settings."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from waitlist.db import Tx, some
from waitlist.models.condition import LINK_LIFE
from waitlist.models.entry import UNDO_LEAVING, Consent, Entry
from waitlist.models.launch import ConsentText, Launch, Question
from waitlist.models.launch import questions as asked_today

UNCONFIRMED_KEPT = timedelta(days=30)  # after the last link; lapsed and purged by the worker
MAILS_KEPT = timedelta(days=30)  # the rendered text of a mail, after it was sent
FIRST_TOUCH_KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Privacy:
    """The facts of the privacy page. Durations are in whole days or hours."""

    questions: tuple[str, ...]  # the labels of what is asked
    confirms: bool
    rewards_friends: bool
    imported: bool  # some people were brought by a file
    terms: tuple[ConsentText, ...]  # what is asked today, and older versions that somebody agreed to
    link_hours: int
    undo_days: int
    unconfirmed_days: int
    mail_days: int
    cookie_days: int


def privacy(tx: Tx, launch: Launch) -> Privacy:
    """What is kept of people in this launch."""
    labels = tx.scalars(asked_today(launch.id).with_only_columns(Question.label)).all()
    imported = tx.scalar(sa.select(Entry.id).where(Entry.launch_id == launch.id, Entry.import_id.is_not(None)).limit(1))
    agreed = (
        sa.select(Consent.id)
        .join(Entry, Entry.id == Consent.entry_id)
        .where(Entry.launch_id == launch.id, Consent.key == ConsentText.key)
        .where(Consent.text_version == sa.cast(ConsentText.version, sa.Text()))
    )
    terms = some(
        tx,
        sa.select(ConsentText)
        .where(ConsentText.launch_id == launch.id, sa.or_(ConsentText.retired_at.is_(None), agreed.exists()))
        .order_by(ConsentText.key, ConsentText.version.desc()),
    )
    return Privacy(
        questions=tuple(labels),
        confirms=launch.double_opt_in,
        rewards_friends=launch.points > 0,
        imported=imported is not None,
        terms=tuple(terms),
        link_hours=int(LINK_LIFE.total_seconds() // 3600),
        undo_days=UNDO_LEAVING.days,
        unconfirmed_days=UNCONFIRMED_KEPT.days,
        mail_days=MAILS_KEPT.days,
        cookie_days=FIRST_TOUCH_KEPT.days,
    )
